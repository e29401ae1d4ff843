"""A calendar's year on one page: twelve months, Monday first, holidays and make-up days marked and named."""

from calendar import Calendar as MonthGrid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from services.kernel.messages import _, pgettext
from web.charts.days import Calendar, Day, DayKind
from web.charts.facts import Json
from web.charts.words import WEEKDAYS_EN, chinese, day_name, month_name, weekday_letters


def _kind_word(kind: DayKind) -> str:
    words = {
        DayKind.WORK: pgettext("calendar day", "workday"),
        DayKind.WEEKEND: pgettext("calendar day", "weekend"),
        DayKind.HOLIDAY: pgettext("calendar day", "holiday"),
        DayKind.MAKEUP: pgettext("calendar day", "make-up workday"),
        DayKind.SHORT: pgettext("calendar day", "special hours"),
    }
    return words[kind]


def _sign(kind: DayKind) -> str:
    """One character in the cell of a day that is not a plain one."""
    signs = {
        DayKind.HOLIDAY: pgettext("calendar sign", "H"),
        DayKind.MAKEUP: pgettext("calendar sign", "W"),
        DayKind.SHORT: "½",
    }
    return signs.get(kind, "")


@dataclass(frozen=True)
class YearDay:
    """A day of a month's table. sign, sign_words: `休` and what it says; empty on plain days."""

    number: int
    iso: str
    kind: str
    sign: str
    sign_words: str
    name: str
    today: bool
    changed: bool

    @property
    def cls(self) -> str:
        """The classes of its cell."""
        return " ".join([f"d-{self.kind}", *(["now"] if self.today else []), *(["chg"] if self.changed else [])])


@dataclass(frozen=True)
class YearMonth:
    """weeks: rows of seven, null where another month lies. known: whether its holidays have been published."""

    name: str
    workdays: int
    notes: tuple[str, ...]
    weeks: tuple[tuple[YearDay | None, ...], ...]
    known: bool


@dataclass(frozen=True)
class KeyEntry:
    """One entry of the legend with its count over the year."""

    cls: str
    words: str
    count: int


@dataclass(frozen=True)
class Year:
    """What the year's macro shows."""

    year: int
    weekdays: tuple[str, ...]
    months: tuple[YearMonth, ...]
    key: tuple[KeyEntry, ...]


def calendar_year(calendar: Json, year: int, today: date, changed: Collection[date] = ()) -> Year:
    """calendar: a stored one's JSON, the unsaved change already in it. changed: the days that this change touches."""
    days = Calendar.read(calendar)
    months = tuple(_month(days, year, month, today, changed) for month in range(1, 13))
    kinds = [day.kind for month in months for week in month.weeks for day in week if day]
    # A make-up day and one of special hours are workdays too.
    counts = {DayKind.WORK: sum(month.workdays for month in months)}
    key = [KeyEntry(f"d-{kind}", _kind_word(kind), counts.get(kind, kinds.count(kind))) for kind in DayKind]
    touched = sum(day.changed for month in months for week in month.weeks for day in week if day)
    if touched:
        key.append(KeyEntry("chg", _("this change"), touched))
    shown = tuple(entry for entry in key if entry.count)
    return Year(year, weekday_letters(), months, shown)


def _month(days: Calendar, year: int, month: int, today: date, changed: Collection[date]) -> YearMonth:
    found: dict[date, Day] = {}
    weeks: list[tuple[YearDay | None, ...]] = []
    for week in MonthGrid(0).monthdatescalendar(year, month):
        row: list[YearDay | None] = []
        for day in week:
            if day.month != month:
                row.append(None)
                continue
            found[day] = days.day(day)
            row.append(_day(day, found[day], today, day in changed))
        weeks.append(tuple(row))
    known = days.known_until is None or date(year, month, 1) <= days.known_until
    notes = _notes(found) if known else (_("holidays not published yet"),)
    workdays = sum(bool(day.windows) for day in found.values())
    return YearMonth(month_name(month), workdays, notes, tuple(weeks), known)


def _day(day: date, found: Day, today: date, changed: bool) -> YearDay:
    sign = _sign(found.kind)
    return YearDay(
        number=day.day,
        iso=day.isoformat(),
        kind=found.kind.value,
        sign=sign,
        sign_words=_kind_word(found.kind) if sign else "",
        name=day_name(found.name) if found.name else "",
        today=day == today,
        changed=changed,
    )


def _notes(found: dict[date, Day]) -> tuple[str, ...]:
    """`1–7 国庆节`, `调休 10`, `9 停电检修`: the month's dated days in words."""
    holidays: dict[str, list[int]] = {}
    short: dict[str, list[int]] = {}
    makeup: list[int] = []
    for day, what in found.items():
        if what.kind is DayKind.HOLIDAY:
            holidays.setdefault(day_name(what.name) or _kind_word(what.kind), []).append(day.day)
        elif what.kind is DayKind.SHORT:
            short.setdefault(day_name(what.name) or _kind_word(what.kind), []).append(day.day)
        elif what.kind is DayKind.MAKEUP:
            makeup.append(day.day)
    comma = "、" if chinese() else ", "
    notes = [f"{comma.join(_runs(numbers))} {name}" for name, numbers in holidays.items()]
    if makeup:
        notes.append(f"{pgettext('calendar day', 'make-up')} {comma.join(str(n) for n in makeup)}")
    return (*notes, *(f"{comma.join(_runs(numbers))} {name}" for name, numbers in short.items()))


def _runs(numbers: list[int]) -> list[str]:
    """`[1, 2, 3, 7]` as `1–3` and `7`."""
    runs: list[list[int]] = []
    for n in numbers:
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]


@dataclass(frozen=True)
class WeekDay:
    """One weekday of the pattern: its bar over 24 hours as (left, width) in per cent of it, and its windows."""

    name: str
    bars: tuple[tuple[str, str], ...]
    words: str


def week_of(calendar: Json, day: date) -> tuple[WeekDay, ...]:
    """The weekly pattern in force on a day, Monday first."""
    days = Calendar.read(calendar)
    monday = day.toordinal() - day.weekday()
    found = []
    for offset, name in enumerate(weekday_letters() if chinese() else WEEKDAYS_EN):
        windows = days.week_windows(date.fromordinal(monday + offset))
        bars = tuple((f"{_hour(a) / 0.24:.2f}%", f"{(_hour(b) - _hour(a)) / 0.24:.2f}%") for a, b in windows)
        words = " ".join(f"{a}–{b}" for a, b in windows) or "—"
        found.append(WeekDay(name, bars, words))
    return tuple(found)


def _hour(time: str) -> float:
    hours, minutes = time.split(":")[:2]
    return int(hours) + int(minutes) / 60
