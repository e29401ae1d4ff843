"""Cycles as the API gives them, made by a toy ledger that walks days: every sum on a sample page is true.

Local time of Asia/Shanghai, a nine-hour office day, China's holidays of 2026. It shares nothing with the engine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
HOLIDAY_SPANS = (
    (date(2026, 1, 1), date(2026, 1, 3), "元旦"),
    (date(2026, 2, 15), date(2026, 2, 23), "春节"),
    (date(2026, 4, 4), date(2026, 4, 6), "清明节"),
    (date(2026, 5, 1), date(2026, 5, 5), "劳动节"),
    (date(2026, 6, 19), date(2026, 6, 21), "端午节"),
    (date(2026, 9, 25), date(2026, 9, 27), "中秋节"),
    (date(2026, 10, 1), date(2026, 10, 7), "国庆节"),
)
MAKE_UP = {date(2026, m, d) for m, d in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}
HOLIDAYS = {
    start + timedelta(days=n): name for start, end, name in HOLIDAY_SPANS for n in range((end - start).days + 1)
}
OFFICE = [["09:00", "18:00"]]
CALENDAR: dict[str, Any] = {
    "code": "cn-office",
    "name": "中国工作日历",
    "version": 3,
    "zone": "Asia/Shanghai",
    "weeks": [{"from": None, **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), OFFICE)}],
    "days": {
        **{day.isoformat(): {"open": [], "name": name} for day, name in HOLIDAYS.items()},
        **{day.isoformat(): {"open": OFFICE, "name": "调休上班"} for day in MAKE_UP},
    },
    "known_until": "2026-12-31",
}


def at(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, year: int = 2026) -> datetime:
    """A local instant."""
    return datetime(year, month, day, hour, minute, second, tzinfo=ZONE)


def wire(moment: datetime | None) -> str | None:
    """As the API writes instants."""
    return None if moment is None else moment.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Span:
    """A stretch that stands or is stopped: from, to, `paused` or `stopped`, why, who, by which event."""

    start: datetime
    end: datetime
    kind: str
    reason: str | None
    actor: str
    event_id: str


@dataclass
class Toy:
    """What to make a cycle of. end: its end, or the instant of looking."""

    start: datetime
    end: datetime
    goal: int | None
    spans: Sequence[Span] = ()
    round_the_clock: bool = False
    state: str = ""
    due: datetime | None = None
    breached: datetime | None = None
    provisional: bool = False
    goals: list[dict[str, Any]] = field(default_factory=list)
    warn: Sequence[int] = (75, 90)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def _windows(day: date, toy_round: bool) -> list[tuple[datetime, datetime]]:
    if toy_round:
        return [(_midnight(day), _midnight(day + timedelta(days=1)))]
    if day not in MAKE_UP and (day in HOLIDAYS or day.weekday() > 4):
        return []
    return [(datetime.combine(day, time(9), ZONE), datetime.combine(day, time(18), ZONE))]


def _label(day: date) -> str:
    if day in HOLIDAYS:
        return HOLIDAYS[day]
    return "no_hours" if day.weekday() > 4 and day not in MAKE_UP else "outside_hours"


def _seconds(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())


def rows_of(toy: Toy) -> list[dict[str, Any]]:
    """The ledger's rows: closed ones split at midnight, equal neighbours merged, none of 0 s."""
    rows: list[dict[str, Any]] = []

    def put(start: datetime, end: datetime, kind: str, **more: Any) -> None:
        if end <= start:
            return
        last = rows[-1] if rows else None
        same = last and (last["kind"], last.get("event_id"), last["to"]) == (kind, more.get("event_id"), wire(start))
        if last and same and kind != "closed":
            last["to"], last["seconds"] = wire(end), last["seconds"] + _seconds(start, end)
            return
        rows.append({"from": wire(start), "to": wire(end), "kind": kind, "seconds": _seconds(start, end), **more})

    day = toy.start.date()
    while _midnight(day) < toy.end:
        low, high = max(toy.start, _midnight(day)), min(toy.end, _midnight(day + timedelta(days=1)))
        moment = low
        for opens, closes in _windows(day, toy.round_the_clock):
            a, b = max(opens, low), min(closes, high)
            if b <= a:
                continue
            put(moment, a, "closed", label=_label(day))
            cuts = sorted({a, b, *(t for s in toy.spans for t in (s.start, s.end) if a < t < b)})
            for x, y in pairwise(cuts):
                span = next((s for s in toy.spans if s.start <= x < s.end), None)
                if span is None:
                    put(x, y, "working")
                else:
                    put(x, y, span.kind, reason=span.reason, event_id=span.event_id, actor=span.actor)
            moment = b
        put(moment, high, "closed", label=_label(day))
        day += timedelta(days=1)
    return rows


def reached(rows: list[dict[str, Any]], goal: float) -> datetime | None:
    """The earliest instant with elapsed >= goal."""
    left = goal
    for row in rows:
        if row["kind"] == "working":
            if left <= row["seconds"]:
                return datetime.fromisoformat(row["from"]) + timedelta(seconds=left)
            left -= row["seconds"]
    return None


def ahead_of(now: datetime, seconds: int, toy_round: bool = False) -> tuple[list[dict[str, Any]], datetime]:
    """The open windows from now until `seconds` are used, and that instant."""
    windows, left, day, due = [], seconds, now.date(), now
    while left > 0:
        for opens, closes in _windows(day, toy_round):
            a, b = max(opens, now), closes
            if b <= a or left <= 0:
                continue
            due = min(b, a + timedelta(seconds=left))
            windows.append({"from": wire(a), "to": wire(due)})
            left -= _seconds(a, due)
        day += timedelta(days=1)
    return windows, due


def cycle(toy: Toy, number: int = 1) -> dict[str, Any]:
    """A cycle of `GET /tickets/…?include=ledger` with the optional `ahead` and `goals`."""
    rows = rows_of(toy)
    sums = {
        kind: sum(r["seconds"] for r in rows if r["kind"] == kind)
        for kind in ("working", "paused", "stopped", "closed")
    }
    used, goal = sums["working"], toy.goal
    breached = toy.breached or (reached(rows, goal) if goal is not None and used > goal else None)
    running, open_ = toy.state == "running", toy.state in ("running", "paused")
    due = toy.due or (reached(rows, goal) if goal is not None and toy.state != "paused" else None)
    ahead: list[dict[str, Any]] = []
    if running and goal is not None and used < goal:
        ahead, due = ahead_of(toy.end, goal - used, toy.round_the_clock)
    warned = [] if goal is None else [{"percent": p, "at": wire(reached(rows, -(-goal * p // 100)))} for p in toy.warn]
    return {
        "cycle": number,
        "version": 1,
        "state": toy.state or ("breached" if breached else "met"),
        "started_at": wire(toy.start),
        "ended_at": None if open_ else wire(toy.end),
        "goal_seconds": goal,
        "elapsed_seconds": used,
        "paused_seconds": sums["paused"],
        "remaining_seconds": None if goal is None else goal - used,
        "due_at": wire(due),
        "breached_at": wire(breached),
        "provisional": toy.provisional,
        "excluded": False,
        "judged_by": {"agreement_version": 2, "calendar": "cn-office", "calendar_version": 3},
        "warnings": warned,
        "ledger": {"wall_seconds": sum(sums.values()), "sums": sums, "rows": rows},
        "ahead": ahead,
        "goals": toy.goals,
    }


def event(
    number: str, occurred: datetime, received: datetime, actor: str, attributes: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """An event of `include=events`."""
    return {
        "source": "servicedesk", "ticket": "0018842", "event_id": f"0018842-{number}", "type": "updated",
        "occurred_at": wire(occurred), "received_at": wire(received), "sequence": None, "attributes": attributes,
        "agreement": None, "actor": actor, "url": None, "corrects": None, "withdraws": None,
        "batch": "019a4f00-0000-7000-8000-00000000c41e", **more,
    }  # fmt: skip
