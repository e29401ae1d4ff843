"""A calendar's year as a person looks at it: what each day is, and how much is worked in each month."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.sla.calendars.rules.compiled import CompiledCalendar
from services.sla.calendars.rules.text import CalendarText, Windows

_DAY = timedelta(days=1)


class DayKind(StrEnum):
    """What a date is. make_up: a day off by the week that is worked (调休). special: other hours than the week's."""

    WORK = "work"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    SPECIAL = "special"


@dataclass(frozen=True)
class YearDay:
    """One date. windows: as written, ("09:00", "18:00"). name: of a dated day."""

    date: date
    kind: DayKind
    windows: tuple[tuple[str, str], ...]
    name: str | None


@dataclass(frozen=True)
class Month:
    """One month. known: its public holidays are published. workdays: dates with working time."""

    number: int
    known: bool
    workdays: int
    working_seconds: int
    days: tuple[YearDay, ...]


def months_of(calendar: CompiledCalendar, year: int) -> list[Month]:
    """The twelve months of a year."""
    return [_month(calendar, year, number) for number in range(1, 13)]


def _month(calendar: CompiledCalendar, year: int, number: int) -> Month:
    first, after = date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)
    days = tuple(day_of(calendar.text, first + place * _DAY) for place in range((after - first).days))
    known = calendar.text.known_until
    return Month(
        number=number,
        known=known is None or first <= known,
        workdays=sum(bool(day.windows) for day in days),
        working_seconds=calendar.working_seconds(calendar.midnight(first), calendar.midnight(after)),
        days=days,
    )


def day_of(text: CalendarText, day: date) -> YearDay:
    """What this date is."""
    usual, dated = text.week_on(day).windows[day.weekday()], text.days.get(day)
    windows = usual if dated is None else dated.windows
    if not windows:
        kind = DayKind.CLOSED if dated is None else DayKind.HOLIDAY
    elif windows == usual:
        kind = DayKind.WORK
    else:
        kind = DayKind.SPECIAL if usual else DayKind.MAKE_UP
    return YearDay(day, kind, _written(windows), None if dated is None else dated.name)


def _written(windows: Windows) -> tuple[tuple[str, str], ...]:
    return tuple((_time(opens), _time(closes)) for opens, closes in windows)


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
