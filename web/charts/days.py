"""What kind of day a calendar makes of a date: for the year's page and for the named days of a strip.

Only words and tints hang on this. How long a clock ran is the service's to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from web.charts.facts import Json

WEEKDAY_KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class DayKind(StrEnum):
    """SHORT: special hours on a day that is worked anyway. MAKEUP: worked although its weekday is not (调休)."""

    WORK = "work"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"
    SHORT = "short"


@dataclass(frozen=True)
class Day:
    """A date of the calendar with its windows (`09:00`, `18:00`)."""

    kind: DayKind
    name: str
    windows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Calendar:
    """A stored calendar: weeks by their `from`, the earliest first, and dated days."""

    zone: str
    weeks: tuple[tuple[date, Mapping[str, Any]], ...]
    days: Mapping[str, Json]
    known_until: date | None

    @classmethod
    def read(cls, calendar: Json) -> "Calendar":
        """From the JSON of `GET /calendars/{code}`."""
        weeks = [(date.fromisoformat(w["from"]) if w.get("from") else date.min, w) for w in calendar["weeks"]]
        known = calendar.get("known_until")
        return cls(
            zone=calendar["zone"],
            weeks=tuple(sorted(weeks, key=lambda week: week[0])),
            days=calendar.get("days") or {},
            known_until=date.fromisoformat(known) if known else None,
        )

    def week_windows(self, day: date) -> tuple[tuple[str, str], ...]:
        """The windows that the week alone would give."""
        current: Mapping[str, Any] = {}
        for start, week in self.weeks:
            if start <= day:
                current = week
        return _windows(current.get(WEEKDAY_KEYS[day.weekday()]) or ())

    def day(self, day: date) -> Day:
        """What the calendar makes of a date."""
        usual = self.week_windows(day)
        dated = self.days.get(day.isoformat())
        if dated is None:
            return Day(DayKind.WORK if usual else DayKind.WEEKEND, "", usual)
        windows = _windows(dated.get("open") or ())
        name = dated.get("name") or ""
        if not windows:
            return Day(DayKind.HOLIDAY, name, windows)
        if not usual:
            return Day(DayKind.MAKEUP, name, windows)
        return Day(DayKind.WORK if windows == usual else DayKind.SHORT, name, windows)


def _windows(pairs: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((opens, closes) for opens, closes in pairs)
