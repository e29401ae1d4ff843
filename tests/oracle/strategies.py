"""Random calendars, agreements and histories for property tests, dense in edge cases (Hypothesis).

Everything is drawn around one interesting date of one zone, and instants are snapped to where rules meet: openings,
closings, midnights, changes of the clocks, begins and ends of versions. Goals are drawn so that they end there too.
What is drawn would be accepted by the intake and on saving; conflicting contents under one id are not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from tests.oracle.conditions import (
    APPLIES,
    CANCELLATIONS,
    PAUSES,
    RESETS,
    RESUMPTIONS,
    STARTS,
    STOPS,
    WHENS,
    Draw,
)
from tests.oracle.working_time import WEEKDAYS, Calendar, instant, midnight, working_seconds, zone_named

# A zone and a local date on or near which its clocks change; the first three never change theirs then.
SCENES = [
    ("Etc/UTC", "2026-03-02"),
    ("Asia/Shanghai", "2026-02-16"),
    ("Asia/Kathmandu", "2026-01-01"),
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("America/Sao_Paulo", "2016-10-16"),  # midnight does not exist
    ("America/Sao_Paulo", "2017-02-18"),  # 23:00 to 24:00 comes twice
    ("America/Havana", "2026-11-01"),  # midnight comes twice
    ("Africa/Cairo", "2026-04-24"),  # midnight does not exist
    ("Australia/Lord_Howe", "2026-04-05"),  # half an hour back
    ("Australia/Lord_Howe", "2026-10-04"),  # half an hour forward
    ("Pacific/Apia", "2011-12-30"),  # the day does not exist
]
DAYS_AROUND = 8
WINDOWS = [
    [["09:00", "17:00"]],
    [["09:00", "12:00"], ["13:00", "18:00"]],
    [["09:00", "12:00"], ["12:00", "17:00"]],  # they touch
    [["00:00", "24:00"]],
    [["22:00", "24:00"]],
    [["00:00", "06:00"], ["22:00", "24:00"]],
    [["01:00", "02:30"], ["03:00", "04:00"]],  # a gap at 02:00 makes them overlap
    [["02:00", "03:00"]],
    [["00:00", "00:30"], ["01:00", "01:15"], ["01:45", "02:15"]],
    [["00:00", "00:01"], ["23:59", "24:00"]],
]
NO_GOAL_FITS = 10**9
FRACTIONS = ["", "", "", "", "", ".5", ".000001", ".999999", ".1234567", ".0"]
OFFSETS = [0, 0, 8 * 60, -3 * 60, 5 * 60 + 45]
IDS = ["e1", "e2", "e3", "e10", "e20", "E4", "é5", "a", "b", "c", "z", "10", "2", "e1:0", "中"]
VALUES: dict[str, list[Any]] = {
    "state": ["Working", "New", "Waiting", "Resolved", "Working", "Waiting", "Vendor", "Closed", None],
    "priority": ["1", "2", "3", "5", 1, None],
    "severity": [1, 2.5, 3, "3", True, None],
    "moved": [True, False, None],
    "replied": [True, False, None],
    "code": ["void", "ok", None],
    "comment": ["x", None],
}


# What people do to a ticket; the rest of a patch comes from the values above.
MOVES: list[dict[str, Any]] = [
    {"state": "New", "priority": "2"},
    {"state": "Working"},
    {"state": "Waiting"},
    {"state": "Resolved"},
    {"state": "Working", "priority": "1"},
    {"state": "Working", "moved": True},
    {"moved": False},
    {"priority": "1"},
    {"priority": "3"},
    {"priority": "5", "replied": True},
    {"state": "Vendor", "replied": False},
    {"state": "Working"},
    {"state": "Closed"},
    {"state": "Waiting", "moved": True},
    {"code": "void"},
    {"state": "Working", "code": None},
    {},
]


# What happens first in half of the histories, in the order of their instants: courses in which the rules meet.
PLOTS: list[list[dict[str, Any]]] = [
    [],
    [],
    [],
    [{"state": "New", "priority": "2"}, {"state": "Waiting"}, {"priority": "1"}, {"state": "Working"}],
    [{"state": "New", "priority": "2"}, {"state": "Waiting"}, {"priority": "1"}, {"state": "Resolved"}],
    [{"state": "New", "priority": "2"}, {"state": "Working", "priority": "1"}, {"state": "Resolved"}],
    [{"state": "New", "priority": "1"}, {"priority": "3"}, {"state": "Resolved"}],
    [{"state": "New"}, {"state": "Resolved"}, {"priority": "1"}, {"state": "Working"}, {"state": "Closed"}],
    [{"state": "New"}, {"state": "Resolved"}, {"state": "Waiting"}, {"state": "Working"}, {"state": "Resolved"}],
    [{"state": "New"}, {"state": "Waiting"}, {"moved": True}, {"state": "Working", "replied": True}],
    [{"state": "New"}, {"state": "Waiting"}, {"state": "Working"}, {"moved": True}, {"replied": True}],
    [{"state": "New", "priority": "2"}, {"state": "Waiting"}, {"state": "Working"}, {"priority": "1"}],
    [{"state": "Waiting"}, {"state": "Working", "moved": True, "replied": True}, {"moved": False}],
    [{"state": "New"}, {"code": "void"}, {"code": None, "state": "Working"}],
]


@dataclass(frozen=True)
class Case:
    """One ticket's events in order of arrival, the agreement that judges them, and the instant of looking."""

    calendars: dict[str, Any]
    agreement: dict[str, Any]
    events: list[dict[str, Any]]
    as_of: str


@dataclass(frozen=True)
class Scene:
    """A date in a zone, the instants around it at which something happens by rule (edges), and the few instants of
    this case (anchors), at which events lie and between which goals are measured."""

    zone: str
    day: date
    calendars: dict[str, Any]
    edges: list[int]
    anchors: list[int]

    def instants(self) -> st.SearchStrategy[int]:
        """Mostly an anchor, else an edge, a second beside one, or anything on these days."""
        return st.one_of(st.sampled_from(self.anchors), st.sampled_from(self.anchors), near(self.edges))


def near(edges: list[int]) -> st.SearchStrategy[int]:
    """An edge more often than not, a second or an hour beside one, or anything between the first and the last."""
    beside = st.sampled_from([0, 0, 0, 0, -1, 1, 3600, -3600])
    snapped = st.builds(lambda edge, shift: edge + shift, st.sampled_from(edges), beside)
    return st.one_of(snapped, snapped, snapped, st.integers(edges[0], edges[-1]))


# -- calendars --------------------------------------------------------------------------------------------------


@st.composite
def windows(draw: Draw) -> list[list[str]]:
    """The windows of a day, from the list above or of any minutes."""
    if draw(st.integers(0, 3)):
        return [list(pair) for pair in draw(st.sampled_from(WINDOWS))]
    minutes = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
    texts = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in minutes[: len(minutes) // 2 * 2]]
    return [[texts[place], texts[place + 1]] for place in range(0, len(texts), 2)]


@st.composite
def week_patterns(draw: Draw) -> dict[str, Any]:
    """A weekly pattern of two kinds of day, with eight hours at least, so that no goal comes near the five years by
    chance."""
    kinds = [draw(windows()), draw(windows()), []]
    week: dict[str, Any] = {}
    for name, kind in zip(
        WEEKDAYS, draw(st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=7, max_size=7)), strict=True
    ):
        if kinds[kind]:
            week[name] = kinds[kind]
    week[draw(st.sampled_from(WEEKDAYS))] = [["09:00", "17:00"]]
    return week


@st.composite
def calendar_texts(draw: Draw, zone: str, day: date) -> dict[str, Any]:
    """A calendar as the wire has it: one to three weeks, dated days, sometimes a last known day."""
    shifts = st.integers(-DAYS_AROUND, DAYS_AROUND)
    if not draw(st.integers(0, 4)):
        around = {name: [["00:00", "24:00"]] for name in WEEKDAYS}
        return {"zone": zone, "weeks": [{"from": None, **around}], "days": {}, "known_until": None}
    weeks = [{"from": None, **draw(week_patterns())}]
    for shift in sorted(draw(st.sets(shifts, max_size=2))):
        weeks.append({"from": (day + timedelta(days=shift)).isoformat(), **draw(week_patterns())})
    days = {}
    for shift in draw(st.sets(shifts, max_size=3)):
        opened = draw(st.one_of(st.just([]), windows()))
        days[(day + timedelta(days=shift)).isoformat()] = {"open": opened, "name": draw(st.sampled_from(["春节", "x"]))}
    known = draw(st.one_of(st.none(), shifts))
    known_until = None if known is None else (day + timedelta(days=known)).isoformat()
    return {"zone": zone, "weeks": weeks, "days": days, "known_until": known_until}


@st.composite
def scenes(draw: Draw) -> Scene:
    """Two calendars, often of one zone, and the edges of both."""
    zone, text = draw(st.sampled_from(SCENES))
    day = date.fromisoformat(text)
    other = draw(st.one_of(st.just(zone), st.sampled_from([name for name, _ in SCENES])))
    calendars = {"a": draw(calendar_texts(zone, day)), "b": draw(calendar_texts(other, day))}
    edges = {midnight(day + timedelta(days=shift), zone_named(zone)) for shift in range(-DAYS_AROUND, DAYS_AROUND + 1)}
    for wire in calendars.values():
        for opening, closing in Calendar(wire).windows_between(min(edges), max(edges)):
            edges |= {opening, closing}
    anchors = draw(st.lists(near(sorted(edges)), min_size=4, max_size=8))
    return Scene(zone, day, calendars, sorted(edges), sorted(anchors))


# -- agreements -------------------------------------------------------------------------------------------------


@st.composite
def goal_seconds(draw: Draw, scene: Scene, code: str) -> int | None:
    """Not rated, tiny, out of reach, or such that the goal or a share of it ends at an edge of this calendar."""
    kind = draw(st.sampled_from(["snapped"] * 6 + ["snapped share", "snapped share", "round", "tiny", "none", "never"]))
    if kind == "none":
        return None
    if kind == "never":
        return NO_GOAL_FITS
    if kind == "tiny":
        return draw(st.integers(1, 4))
    if kind == "round":
        return draw(st.sampled_from([900, 3600, 14400, 28800, 86400]))
    one = draw(st.one_of(st.just(scene.anchors[0]), st.just(scene.anchors[0]), st.sampled_from(scene.anchors)))
    other = draw(st.one_of(st.sampled_from(scene.anchors), near(scene.edges)))
    seconds = working_seconds(Calendar(scene.calendars[code]), min(one, other), max(one, other)) or 7200
    if kind == "snapped share":
        seconds = seconds * 100 // 75
    return seconds


@st.composite
def goals(draw: Draw, scene: Scene, home: str) -> list[dict[str, Any]]:
    lines = []
    for last in [False] * draw(st.sampled_from([1, 2, 0, 3])) + [True]:
        code = draw(st.sampled_from([home, home, "a", "b"]))
        line: dict[str, Any] = {"seconds": draw(goal_seconds(scene, code))}
        if code != home or draw(st.booleans()):
            line["calendar"] = code
        if not last:
            line["when"] = draw(WHENS)
        lines.append(line)
    return lines


@st.composite
def targets(draw: Draw, scene: Scene, key: str) -> dict[str, Any]:
    """A target with every setting free; `start` and `stop` are the usual ones more often than not."""
    home = draw(st.sampled_from(["a", "b"]))
    told: dict[str, Any] = {"start": draw(STARTS), "stop": draw(STOPS)}
    optional = {
        "pause": (PAUSES, 4),
        "cancel": (CANCELLATIONS, 2),
        "reset": (RESETS, 2),
        "applies": (APPLIES, 1),
    }
    for name, (drawn, fifths) in optional.items():
        if draw(st.integers(0, 4)) < fifths:
            told[name] = draw(drawn)
    if "pause" in told and draw(st.booleans()):
        told["resume"] = draw(RESUMPTIONS)
    return {
        "key": key,
        "name": {"zh": key, "en": key},
        "kind": "clock",
        "calendar": home,
        "conditions": told,
        "goals": draw(goals(scene, home)),
        "on_goal_change": draw(st.sampled_from(["retroactive", "retroactive", "keep", "restart"])),
        "on_reopen": draw(st.sampled_from(["ignore", "continue", "continue", "new"])),
        "count_stopped": draw(st.booleans()),
        "warn_at": draw(st.sampled_from([[75, 90], [50], [1, 75, 100], [90, 99], []])),
        "min_volume": draw(st.integers(0, 3)),
        "allocation": draw(st.sampled_from(["0.50", "0.60", "1.00"])),
        "tiers": [{"below": "0.95", "rate": "0.40"}, {"below": "0.50", "rate": "1.00"}],
    }


@st.composite
def agreements(draw: Draw, scene: Scene, *, settled: bool = True) -> dict[str, Any]:
    """One to three versions, often with gaps, sometimes with an end. `settled`: every version has the same targets
    with the same conditions; what a version that lacks a target, or asks otherwise, does at a reset is not fixed."""
    zone = draw(st.one_of(st.just(scene.zone), st.sampled_from([name for name, _ in SCENES])))
    begins = scene.day + timedelta(days=draw(st.sampled_from([-400, -400, -400, -DAYS_AROUND, -3, 0])))
    keys = ["resolution", "response"][: draw(st.integers(1, 2))]
    told = [draw(targets(scene, key)) for key in keys]
    versions: list[dict[str, Any]] = []
    for number in range(1, draw(st.sampled_from([1, 2, 2, 3])) + 1):
        length = draw(st.integers(0, 5)) + max(0, (scene.day - begins).days)
        until = begins + timedelta(days=length)
        listed = told if number == 1 else draw(next_targets(scene, told, settled=settled))
        versions.append({"version": number, "from": begins.isoformat(), "until": until.isoformat(), "targets": listed})
        begins = until + timedelta(days=draw(st.sampled_from([1, 1, 2, 4])))
    if draw(st.integers(0, 4)) < 3:
        versions[-1]["until"] = None
    if len(versions) == 1 and draw(st.booleans()):
        return {"zone": zone, "period": "month", **{name: versions[0][name] for name in ("from", "until", "targets")}}
    return {"zone": zone, "period": "month", "versions": versions}


@st.composite
def next_targets(draw: Draw, scene: Scene, told: list[dict[str, Any]], *, settled: bool) -> list[dict[str, Any]]:
    """The targets of a later version: other goals and settings, and the same conditions where `settled`."""
    listed = []
    for target in told:
        following = draw(targets(scene, target["key"]))
        if settled:
            following["conditions"] = target["conditions"]
        if settled or draw(st.integers(0, 4)):
            listed.append(following)
    return listed or told


# -- events -----------------------------------------------------------------------------------------------------


@st.composite
def told_instants(draw: Draw, second: int) -> str:
    """A second as RFC 3339: any offset, sometimes a fraction, sometimes one more digit than is kept."""
    zone = timezone(timedelta(minutes=draw(st.sampled_from(OFFSETS))))
    local = datetime.fromtimestamp(second, UTC).astimezone(zone)
    offset = local.strftime("%z")
    return local.strftime("%Y-%m-%dT%H:%M:%S") + draw(st.sampled_from(FRACTIONS)) + f"{offset[:3]}:{offset[3:]}"


@st.composite
def instant_texts(draw: Draw, scene: Scene) -> str:
    return draw(told_instants(draw(scene.instants())))


@st.composite
def patches(draw: Draw) -> dict[str, Any]:
    """A few attributes: a state more often than not, values of several types, removals."""
    patch = dict(draw(st.sampled_from(MOVES)))
    if draw(st.integers(0, 3)) == 3:
        name = draw(st.sampled_from(sorted(VALUES)))
        patch[name] = draw(st.sampled_from(VALUES[name]))
    return patch


@st.composite
def single_events(draw: Draw, scene: Scene) -> dict[str, Any]:
    """An event by itself; `names` is the place of another that it corrects or withdraws, made a name later."""
    event: dict[str, Any] = {
        "source": "desk",
        "ticket": "T/1",
        "type": "updated",
        "occurred_at": draw(instant_texts(scene)),
        "attributes": draw(patches()),
    }
    if draw(st.booleans()):
        event["sequence"] = draw(st.integers(0, 3))
    if draw(st.integers(0, 4)) == 4:
        event[draw(st.sampled_from(["corrects", "corrects", "withdraws"]))] = draw(st.integers(0, 4))
    return event


@st.composite
def histories(draw: Draw, scene: Scene, *, most: int = 12) -> list[dict[str, Any]]:
    """The events of one ticket in order of arrival, which is not the order of their instants. Some correct or
    withdraw another: an original, a correction (which has no effect), or one that never came."""
    chosen = draw(st.lists(single_events(scene), min_size=min(4, most), max_size=most))
    events = [{**event, "event_id": name} for event, name in zip(chosen, draw(st.permutations(IDS)), strict=False)]
    originals = [event for event in events if "corrects" not in event and "withdraws" not in event]
    originals.sort(key=lambda event: instant(event["occurred_at"]))
    for event, move in zip(originals, draw(st.sampled_from(PLOTS)), strict=False):
        event["attributes"] = dict(move)
    favourite = draw(st.sampled_from([None, events[0]["event_id"]]))
    for place, event in enumerate(events):
        for kind in ("corrects", "withdraws"):
            if kind in event:
                others = [other["event_id"] for other in events if other is not event]
                named = [*others, "e-never"][event[kind] % (len(others) + 1)]
                event[kind] = named if favourite is None or place == 0 else favourite
        if "withdraws" in event:
            del event["attributes"]
        received = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=place)
        event["received_at"] = received.strftime("%Y-%m-%dT%H:%M:%SZ")
    return events


def seconds_of(events: list[dict[str, Any]]) -> list[int]:
    return sorted(instant(event["occurred_at"]) for event in events)


@st.composite
def ticket_cases(draw: Draw, *, settled: bool = True) -> Case:
    """A ticket, its agreement, its calendars and an instant of looking: all that a clock is a function of."""
    scene = draw(scenes())
    events = draw(histories(scene))
    scene = replace(scene, anchors=seconds_of(events))
    agreement = draw(agreements(scene, settled=settled))
    seams = version_seams(agreement)
    if draw(st.booleans()) and seams:
        moved = draw(st.sampled_from(events))
        moved["occurred_at"] = draw(told_instants(draw(st.sampled_from(seams))))
    return Case(scene.calendars, agreement, events, draw(instants_of_looking(scene, events)))


@st.composite
def instants_of_looking(draw: Draw, scene: Scene, events: list[dict[str, Any]]) -> str:
    """Mostly after all that has happened; else in the middle of it, often in the very second of an event."""
    kind = draw(st.sampled_from(["after", "after", "after", "of an event", "anywhere"]))
    if kind == "anywhere":
        return draw(instant_texts(scene))
    if kind == "of an event":
        return draw(told_instants(draw(st.sampled_from(scene.anchors))))
    return (scene.day + timedelta(days=draw(st.sampled_from([9, 12, 40, 400])))).isoformat() + "T00:00:00Z"


def version_seams(agreement: dict[str, Any]) -> list[int]:
    """The instants at which a version begins (the first apart) or ends."""
    zone, found = zone_named(agreement["zone"]), []
    for place, version in enumerate(agreement.get("versions") or [agreement]):
        if place:
            found.append(midnight(date.fromisoformat(version["from"]), zone))
        if version["until"] is not None:
            found.append(midnight(date.fromisoformat(version["until"]) + timedelta(days=1), zone))
    return found


# -- periods ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PeriodCase:
    """Several tickets under one agreement, a month, the contract's terms, and some decisions on exclusion."""

    calendars: dict[str, Any]
    agreement: dict[str, Any]
    tickets: dict[str, list[dict[str, Any]]]
    month: str
    terms: list[dict[str, Any]]
    exclusions: list[dict[str, Any]]


@st.composite
def period_cases(draw: Draw) -> PeriodCase:
    """Up to six tickets around one date, judged in its month or in the next."""
    scene = draw(scenes())
    first, zone = scene.day.replace(day=1), zone_named(scene.zone)
    seams = [midnight(first, zone), midnight((first + timedelta(days=31)).replace(day=1), zone)]
    seams = [at for at in seams if scene.edges[0] <= at <= scene.edges[-1]]
    scene = replace(scene, anchors=sorted([*scene.anchors, *seams]))
    tickets = {}
    for number in range(draw(st.integers(1, 6))):
        events = draw(histories(scene, most=6))
        tickets[f"T{number}"] = [{**event, "ticket": f"T{number}"} for event in events]
    agreement = draw(agreements(scene))
    month = draw(st.sampled_from([first, (first + timedelta(days=31)).replace(day=1)])).isoformat()[:7]
    charge = draw(st.sampled_from(["100000.00", "20.10", "0.01", "333.33"]))
    terms = [
        {"from": "2000-01-01", "monthly_charge": {"amount": charge, "currency": "CNY"}, "at_risk_share": "0.10"},
        {"from": f"{month}-15", "monthly_charge": {"amount": "7.77", "currency": "CNY"}, "at_risk_share": "0.05"},
    ]
    keys = sorted({target["key"] for one in agreement.get("versions") or [agreement] for target in one["targets"]})
    chosen = st.fixed_dictionaries(
        {"ticket": st.sampled_from(sorted(tickets)), "target": st.sampled_from(keys), "cycle": st.integers(1, 2)}
    )
    exclusions = [{**one, "reason": "not at fault"} for one in draw(st.lists(chosen, max_size=2))]
    return PeriodCase(scene.calendars, agreement, tickets, month, draw(st.sampled_from([terms, terms[:1]])), exclusions)
