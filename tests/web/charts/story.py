"""Ticket 0018842, which runs through all signature views, and the strip's extremes. Nobody in it is real."""

import random
from datetime import datetime, timedelta
from typing import Any

from tests.web.charts.toy import Span, Toy, at, cycle, event, wire

USER, VENDOR = "等待用户答复", "等待第三方厂商"
CHEN, LIU, WANG, DESK = "陈浩", "刘洋", "王敏", "服务台接口"
NOW = at(10, 13, 10, 20)
HOUR = 3600


def pause(start: datetime, end: datetime, reason: str | None, event_id: str, actor: str = CHEN) -> Span:
    """A stretch that stands."""
    return Span(start, end, "paused", reason, actor, event_id)


def resolution() -> dict[str, Any]:
    """16 h of goal, 18 h 45 used: breached on 12 October at 16:20, after holiday, pauses and a reopening."""
    spans = [
        pause(at(10, 8, 11), at(10, 9, 10, 30), USER, "0018842-4"),
        Span(at(10, 10, 11, 30), at(10, 12, 9, 40), "stopped", "解决后重新打开", LIU, "0018842-6"),
        pause(at(10, 12, 10, 10), at(10, 12, 15, 30), VENDOR, "0018842-10"),
    ]
    goals = [
        {"at": wire(at(9, 30, 15, 20)), "seconds": 40 * HOUR, "event_id": "0018842-1"},
        {"at": wire(at(9, 30, 15, 31)), "seconds": 16 * HOUR, "event_id": "0018842-2"},
    ]
    return cycle(Toy(at(9, 30, 15, 20), at(10, 13, 10, 5), 16 * HOUR, spans, goals=goals))


def response() -> dict[str, Any]:
    """28 min 12 s of 30 min: met."""
    goals = [
        {"at": wire(at(9, 30, 15, 20)), "seconds": 2 * HOUR, "event_id": "0018842-1"},
        {"at": wire(at(9, 30, 15, 31)), "seconds": 1800, "event_id": "0018842-2"},
    ]
    return cycle(Toy(at(9, 30, 15, 20), at(9, 30, 15, 48, 12), 1800, goals=goals))


def events() -> list[dict[str, Any]]:
    """The eleven events of the ticket, one corrected, two late."""

    def soon(moment: datetime) -> datetime:
        return moment + timedelta(seconds=1)

    def on_time(n: str, moment: datetime, who: str, **attributes: Any) -> dict[str, Any]:
        return event(n, moment, soon(moment), who, attributes)

    return [
        on_time("1", at(9, 30, 15, 20), DESK, priority="3", state="新建"),
        on_time("2", at(9, 30, 15, 31), WANG, priority="2"),
        on_time("3", at(9, 30, 15, 48, 12), CHEN, state="处理中"),
        on_time("4", at(10, 8, 11), CHEN, state=USER),
        event("5", at(10, 9, 10, 30), at(10, 10, 8, 2), CHEN, {"state": "处理中"}),
        on_time("6", at(10, 10, 11, 30), CHEN, state="已解决"),
        on_time("7", at(10, 12, 9, 40), LIU, state="处理中"),
        event("8", at(10, 12, 9, 50), at(10, 12, 11, 42), CHEN, {"state": VENDOR}),
        on_time("9", at(10, 12, 15, 30), CHEN, state="处理中"),
        event("10", at(10, 12, 10, 10), at(10, 13, 8, 30), CHEN, {"state": VENDOR}, corrects="0018842-8"),
        on_time("11", at(10, 13, 10, 5), CHEN, state="已解决"),
    ]


def ticket() -> dict[str, Any]:
    """`GET /tickets/servicedesk/0018842?include=ledger,events`."""
    return {
        "source": "servicedesk", "ticket": "0018842", "agreement": "SLA-2026-000012",
        "attributes": {"state": "已解决", "priority": "2"}, "as_of": wire(NOW),
        "clocks": [
            {"target": "response", "cycles": [response()]},
            {"target": "resolution", "cycles": [resolution()]},
        ],
        "events": events(),
    }  # fmt: skip


def one_minute() -> dict[str, Any]:
    """1 min 5 s of a 4 h goal."""
    return cycle(Toy(at(9, 3, 14, 2, 7), at(9, 3, 14, 3, 12), 4 * HOUR))


def running() -> dict[str, Any]:
    """Open, due beyond the Mid-Autumn holiday."""
    spans = [pause(at(9, 22, 14), at(9, 23, 10), USER, "e1")]
    return cycle(Toy(at(9, 22, 10), at(9, 24, 16, 10), 24 * HOUR, spans, state="running"))


def paused_now() -> dict[str, Any]:
    """Open and standing: no due instant."""
    spans = [pause(at(9, 8, 15), at(9, 9, 18), VENDOR, "e2")]
    return cycle(Toy(at(9, 7, 9, 30), at(9, 9, 11), 20 * HOUR, spans, state="paused"))


def long_and_broken() -> dict[str, Any]:
    """120 days and 40 pauses for four reasons."""
    chance, spans, moment = random.Random(4), [], at(5, 6, 9, 30)
    reasons = [USER, VENDOR, "等待备件", "变更冻结"]
    for n in range(40):
        start = moment + timedelta(hours=chance.randint(6, 60))
        moment = start + timedelta(hours=chance.randint(2, 34))
        spans.append(pause(start, moment, reasons[chance.choice([0, 0, 0, 1, 1, 2, 3])], f"x{n}"))
    return cycle(Toy(at(5, 6, 9, 20), at(9, 3, 17), 520 * HOUR, spans))


def provisional() -> dict[str, Any]:
    """Due beyond the last day whose holidays are known."""
    return cycle(Toy(at(12, 29, 11), at(12, 30, 15), 32 * HOUR, state="running", provisional=True))


def second_cycle() -> list[dict[str, Any]]:
    """A reset closed the first cycle and opened the second, which breached."""
    spans = [pause(at(9, 15, 15), at(9, 16, 11), USER, "e7")]
    first = cycle(Toy(at(9, 14, 16), at(9, 15, 9, 40), 8 * HOUR, state="reset"), 1)
    return [first, cycle(Toy(at(9, 15, 9, 40), at(9, 17, 11, 20), 8 * HOUR, spans), 2)]


def round_the_clock() -> dict[str, Any]:
    """Ten hours through a night: nothing to fold."""
    spans = [pause(at(9, 4, 0, 40), at(9, 4, 2, 10), VENDOR, "e3")]
    return cycle(Toy(at(9, 3, 20), at(9, 4, 6), 4 * HOUR, spans, round_the_clock=True))


def tightened_late() -> dict[str, Any]:
    """The goal fell to 2 h when 5 h were used: the event is the breach."""
    change = at(9, 7, 14)
    goals = [
        {"at": wire(at(9, 7, 9)), "seconds": 40 * HOUR, "event_id": "a"},
        {"at": wire(change), "seconds": 2 * HOUR, "event_id": "b"},
    ]
    return cycle(Toy(at(9, 7, 9), at(9, 8, 11), 2 * HOUR, goals=goals, breached=change))


def loosened_after() -> dict[str, Any]:
    """Breached at 4 h, then the goal became 40 h: the breach stands."""
    goals = [
        {"at": wire(at(9, 7, 9)), "seconds": 4 * HOUR, "event_id": "a"},
        {"at": wire(at(9, 7, 15)), "seconds": 40 * HOUR, "event_id": "b"},
    ]
    return cycle(Toy(at(9, 7, 9), at(9, 8, 11), 40 * HOUR, goals=goals, breached=at(9, 7, 13), state="breached"))


def not_rated() -> dict[str, Any]:
    """No goal names a time."""
    return cycle(Toy(at(9, 7, 9), at(9, 8, 11), None, state="not_rated"))


def withdrawn() -> dict[str, Any]:
    """A late event made it vanish."""
    return cycle(Toy(at(9, 7, 10), at(9, 8, 16), 8 * HOUR, state="withdrawn"))


def met_at_once() -> dict[str, Any]:
    """Opened and met by one event: 0 s."""
    found = cycle(Toy(at(9, 7, 9), at(9, 7, 9), 4 * HOUR, state="met", due=at(9, 7, 13)))
    return {**found, "ledger": {"wall_seconds": 0, "sums": dict.fromkeys(found["ledger"]["sums"], 0), "rows": []}}


def still_over() -> dict[str, Any]:
    """Breached and still counting."""
    return cycle(Toy(at(10, 12, 15), NOW, 4 * HOUR, state="running"))


def many_reasons() -> dict[str, Any]:
    """Thirty reasons: past Z they have no letter."""
    spans = [
        pause(
            at(9, 7, 9) + timedelta(minutes=16 * n), at(9, 7, 9, 10) + timedelta(minutes=16 * n), f"原因 {n}", f"r{n}"
        )
        for n in range(30)
    ]
    return cycle(Toy(at(9, 7, 9), at(9, 7, 18), 8 * HOUR, spans))


def hostile() -> dict[str, Any]:
    """Text that would be markup, were it not escaped."""
    reason = "<script>alert('x')</script> & \"quoted\""
    spans = [Span(at(9, 7, 10), at(9, 7, 16), "paused", reason, "<b>O'Brien</b>", '<i>"e&1"</i>')]
    return cycle(Toy(at(9, 7, 9), at(9, 8, 11), 4 * HOUR, spans))


def extremes() -> list[tuple[str, dict[str, Any]]]:
    """Name and cycle of every extreme."""
    return [
        ("one-minute", one_minute()), ("running", running()), ("paused-now", paused_now()),
        ("long-and-broken", long_and_broken()), ("provisional", provisional()), ("second-cycle", second_cycle()[1]),
        ("round-the-clock", round_the_clock()), ("tightened-late", tightened_late()),
        ("loosened-after", loosened_after()), ("not-rated", not_rated()), ("withdrawn", withdrawn()),
        ("met-at-once", met_at_once()), ("still-over", still_over()), ("many-reasons", many_reasons()),
        ("hostile", hostile()),
    ]  # fmt: skip
