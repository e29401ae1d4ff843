"""The slow twin: working time by walking minutes, written from the text of the rules and from nothing else.

It knows only what a wall clock shows at an instant. Zones here differ from UTC by whole minutes.
"""

from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Text = dict[str, Any]


class WallClock:
    """What the wall clock of a zone shows at each UTC minute of some days, walked from the first to the last."""

    def __init__(self, zone: str, first: date, last: date) -> None:
        low, high = (int(datetime(d.year, d.month, d.day, tzinfo=UTC).timestamp()) // 60 for d in (first, last))
        self.first_shown: dict[datetime, int] = {}
        self.gaps: list[tuple[datetime, datetime]] = []  # what was shown before, and right after, where it jumps ahead
        before = None
        for minute in range(low - 2 * 1440, high + 3 * 1440):
            now = datetime.fromtimestamp(minute * 60, ZoneInfo(zone)).replace(tzinfo=None)
            self.first_shown.setdefault(now, minute)
            if before is not None and now - before > timedelta(minutes=1):
                self.gaps.append((before, now))
            before = now

    def minute_of(self, wall: datetime) -> int:
        """The first minute at which this is shown; what is never shown moves forward by the gap."""
        if wall in self.first_shown:
            return self.first_shown[wall]
        before, after = next(gap for gap in self.gaps if gap[0] < wall < gap[1])
        return self.first_shown[wall + (after - before - timedelta(minutes=1))]


@lru_cache(maxsize=64)
def wall_clock(zone: str, first: date, last: date) -> WallClock:
    return WallClock(zone, first, last)


def windows_of(text: Text, day: date) -> list[list[str]]:
    if day.isoformat() in text["days"]:
        open_windows: list[list[str]] = text["days"][day.isoformat()]["open"]
        return open_windows
    held = [week for week in text["weeks"] if week["from"] is None or week["from"] <= day.isoformat()]
    week_windows: list[list[str]] = held[-1].get(WEEKDAYS[day.weekday()], [])
    return week_windows


def wall_of(day: date, time: str) -> datetime:
    hours, minutes = (int(part) for part in time.split(":"))
    return datetime.combine(day, time_of_day.min) + timedelta(hours=hours, minutes=minutes)


class Twin:
    """All open minutes of a calendar between two dates."""

    def __init__(self, text: Text, first: date, last: date) -> None:
        self.open: set[int] = set()
        clock = wall_clock(text["zone"], first, last)
        day = first
        while day <= last:
            for opens, closes in windows_of(text, day):
                start, end = (clock.minute_of(wall_of(day, time)) for time in (opens, closes))
                self.open |= set(range(start, end))
            day += timedelta(days=1)
        self.first, self.last = min(self.open, default=0), max(self.open, default=0)

    def edges(self) -> list[int]:
        """The minutes at which work begins or ends."""
        return sorted(self.open ^ {minute + 1 for minute in self.open})

    def works(self, second: int) -> bool:
        return second // 60 in self.open

    def working_seconds(self, a: int, b: int, pauses: list[tuple[int, int]] | None = None) -> int:
        worked, at = 0, a
        while at < b:
            worked += self.works(at) and not any(start <= at < end for start, end in pauses or [])
            at += 1
        return worked

    def due(self, start: int, goal: int) -> int | None:
        at, left = start, goal
        while left > 0:
            if at // 60 > self.last:
                return None
            left -= self.works(at)
            at += 1
        return at

    def latest_start(self, end: int, goal: int) -> int | None:
        at, left = end, goal
        while left > 0:
            at -= 1
            if at // 60 < self.first:
                return None
            left -= self.works(at)
        return at

    def last_instant_at(self, start: int, elapsed: int) -> int | None:
        at = self.due(start, elapsed)
        while at is not None and not self.works(at):
            at = at + 1 if at // 60 <= self.last else None
        return at
