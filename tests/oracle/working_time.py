"""Working time by walking: local days give windows, windows give seconds (rules 1 to 5).

Instants are whole epoch seconds here; a fraction is dropped on the way in (rule 2).
"""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Interval = tuple[int, int]
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$")


class NoAnswer(Exception):
    """No such instant lies within five years (rule 3)."""


def microseconds(value: str | datetime | int) -> int:
    """Epoch microseconds of an instant: six digits of a fraction are kept, more are cut (rule 2)."""
    if isinstance(value, int):
        return value * 1_000_000
    if isinstance(value, datetime):
        return (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    found = _RFC3339.match(value)
    if found is None:
        raise ValueError(f"no instant with an offset: {value!r}")
    day, hour, minute, second, fraction, offset = found.groups()
    zone: timezone = UTC
    if offset not in ("Z", "z"):
        sign = -1 if offset[0] == "-" else 1
        zone = timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6])))
    whole = datetime.combine(date.fromisoformat(day), time(int(hour), int(minute), int(second)), tzinfo=zone)
    return int(whole.timestamp()) * 1_000_000 + int(((fraction or "") + "000000")[:6])


def instant(value: str | datetime | int) -> int:
    """Epoch seconds of an instant, its fraction dropped."""
    return microseconds(value) // 1_000_000


def iso(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def five_years(seconds: int, direction: int) -> int:
    """The same date and time of day in UTC, five calendar years later (or earlier): 29 February becomes the 28th."""
    then = datetime.fromtimestamp(seconds, UTC)
    year = then.year + 5 * direction
    try:
        return int(then.replace(year=year).timestamp())
    except ValueError:
        return int(then.replace(year=year, day=28).timestamp())


_ZONES: dict[str, ZoneInfo] = {}


def zone_named(name: str) -> ZoneInfo:
    """The zone from the `tzdata` package, never from the machine (rule 2)."""
    if name not in _ZONES:
        with importlib.resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
            _ZONES[name] = ZoneInfo.from_file(data, key=name)
    return _ZONES[name]


def local_instant(day: date, clock: str, zone: ZoneInfo) -> int:
    """The instant of a local time of day. `24:00` is the midnight after. fold=0 does what rule 2 asks: a time that
    exists twice means the first, one that does not exist moves forward by the gap."""
    hour, minute = (int(part) for part in clock.split(":")[:2])
    if hour == 24:
        day, hour = day + timedelta(days=1), 0
    return int(datetime.combine(day, time(hour, minute, fold=0), tzinfo=zone).timestamp())


def midnight(day: date, zone: ZoneInfo) -> int:
    return local_instant(day, "00:00", zone)


def local_date(seconds: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(seconds, zone).date()


class Calendar:
    """One calendar as it stands on the wire; remembers the windows of the days it was asked for."""

    def __init__(self, wire: dict[str, Any]) -> None:
        self.zone = zone_named(wire["zone"])
        self.weeks = wire["weeks"]
        self.days = wire.get("days") or {}
        self.known_until = wire.get("known_until")
        self._windows: dict[date, list[Interval]] = {}

    def local_windows(self, day: date) -> list[list[str]]:
        """The pairs [open, close) of a local day: those of its date, else those of its weekday."""
        if day.isoformat() in self.days:
            return list(self.days[day.isoformat()]["open"])
        pattern: dict[str, Any] = {}
        for week in sorted(self.weeks, key=lambda week: week.get("from") or ""):
            if (week.get("from") or "") <= day.isoformat():
                pattern = week
        return list(pattern.get(WEEKDAYS[day.weekday()]) or [])

    def windows_of(self, day: date) -> list[Interval]:
        if day not in self._windows:
            both = [
                (local_instant(day, opening, self.zone), local_instant(day, closing, self.zone))
                for opening, closing in self.local_windows(day)
            ]
            self._windows[day] = [(opening, closing) for opening, closing in both if opening < closing]
        return self._windows[day]

    def windows_between(self, begin: int, end: int) -> list[Interval]:
        """The windows that lie in [begin, end), clipped, in order; those that overlap are merged. Two days more on
        either side, because a change of the clocks can move a window out of its own day."""
        found: list[Interval] = []
        day = local_date(begin, self.zone) - timedelta(days=2)
        last = local_date(end, self.zone) + timedelta(days=2)
        while day <= last:
            found.extend(self.windows_of(day))
            day += timedelta(days=1)
        clipped = [(max(opening, begin), min(closing, end)) for opening, closing in found]
        return union(clipped)


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same instants as sorted intervals that neither overlap nor touch; empty ones are dropped."""
    merged: list[Interval] = []
    for begin, end in sorted(pair for pair in intervals if pair[0] < pair[1]):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def without(intervals: list[Interval], holes: list[Interval]) -> list[Interval]:
    """What is left of sorted intervals when the holes are cut out."""
    left = list(intervals)
    for hole_begin, hole_end in union(holes):
        remaining: list[Interval] = []
        for begin, end in left:
            remaining.append((begin, min(end, hole_begin)))
            remaining.append((max(begin, hole_end), end))
        left = [(begin, end) for begin, end in remaining if begin < end]
    return left


def working_seconds(calendar: Calendar, begin: int, end: int, pauses: list[Interval] | None = None) -> int:
    """Real seconds inside the windows between two instants, pauses left out; 0 where `end <= begin`."""
    if end <= begin:
        return 0
    total = 0
    for opening, closing in without(calendar.windows_between(begin, end), pauses or []):
        total += closing - opening
    return total


def due(calendar: Calendar, start: int, goal: int, pauses: list[Interval] | None = None) -> int:
    """The earliest instant with `goal` working seconds since `start`: at closing time, not at the next opening."""
    if goal == 0:
        return start
    limit = five_years(start, +1)
    for horizon in (min(start + 40 * 86400, limit), limit):
        missing = goal
        for opening, closing in without(calendar.windows_between(start, horizon), pauses or []):
            if closing - opening >= missing:
                return opening + missing
            missing -= closing - opening
    raise NoAnswer


def latest_start(calendar: Calendar, end: int, goal: int, pauses: list[Interval] | None = None) -> int:
    """The latest instant from which `goal` working seconds fit before `end`."""
    if goal == 0:
        return end
    missing = goal
    for opening, closing in reversed(without(calendar.windows_between(five_years(end, -1), end), pauses or [])):
        if closing - opening >= missing:
            return closing - missing
        missing -= closing - opening
    raise NoAnswer


def provisional(calendar: Calendar, due_at: int) -> bool:
    """Does a due time lie beyond the last day whose holidays are known? The midnight that ends that day does not:
    every window before it is known."""
    if calendar.known_until is None:
        return False
    return due_at > midnight(date.fromisoformat(calendar.known_until) + timedelta(days=1), calendar.zone)
