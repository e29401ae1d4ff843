"""A calendar's text as rows of a form, and back again. Without script: buttons add and remove rows.

The form holds the dated days of one year; those of all others come from the stored text, so that twenty years of
holidays are neither sent to and fro nor lost.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData

from gateway.pages.forms import FieldProblem, Problem
from services.kernel.messages import N_, gettext

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Json = Mapping[str, Any]
Windows = list[list[str]]

_TIME = re.compile(r"([0-9]):([0-9]{2})")
_PLACE = re.compile(r"(weeks|days)\.([0-9]{1,4})\.")


@dataclass(frozen=True)
class WeekRow:
    """A week of the form. since: its first day, empty for the first week. windows: one text a weekday."""

    since: str
    windows: tuple[str, ...]


@dataclass(frozen=True)
class DayRow:
    """A dated day of the form. open: its windows as text, empty for a day without working time."""

    date: str
    name: str
    open: str


@dataclass(frozen=True)
class CalendarForm:
    """What stands in the form. year: the one whose days it holds."""

    year: int
    code: str
    name: str
    zone: str
    known_until: str
    weeks: tuple[WeekRow, ...]
    days: tuple[DayRow, ...]

    @classmethod
    def of_text(cls, calendar: Json, year: int) -> "CalendarForm":
        """The stored calendar as rows."""
        weeks = tuple(
            WeekRow(week.get("from") or "", tuple(windows_text(week.get(day) or ()) for day in WEEKDAYS))
            for week in calendar["weeks"]
        )
        days = tuple(
            DayRow(date, day.get("name") or "", windows_text(day.get("open") or ()))
            for date, day in sorted(calendar["days"].items())
            if _in_year(date, year)
        )
        known, name = calendar.get("known_until") or "", calendar.get("name", "")
        return cls(year, calendar.get("code", ""), name, calendar["zone"], known, weeks, days)

    @classmethod
    def of_form(cls, form: FormData, year: int) -> "CalendarForm":
        """What was posted, as it was typed."""

        def text(name: str) -> str:
            found = form.get(name)
            return found.strip() if isinstance(found, str) else ""

        places: dict[str, list[str]] = {"weeks": [], "days": []}
        for name in dict.fromkeys(form.keys()):
            match = _PLACE.match(name)
            if match and match[2] not in places[match[1]]:
                places[match[1]].append(match[2])
        weeks = tuple(
            WeekRow(text(f"weeks.{n}.from"), tuple(text(f"weeks.{n}.{day}") for day in WEEKDAYS))
            for n in places["weeks"]
        )
        days = tuple(
            DayRow(text(f"days.{n}.date"), text(f"days.{n}.name"), text(f"days.{n}.open")) for n in places["days"]
        )
        return cls(year, text("code"), text("name"), text("zone"), text("known_until"), weeks, days)

    def after(self, button: str) -> "CalendarForm":
        """The form after a button that adds or removes a row: `add-week`, `drop-day.3`."""
        act, _dot, place = button.partition(".")
        n = int(place) if place.isdigit() else -1
        match act:
            case "add-week":
                return replace(self, weeks=(*self.weeks, WeekRow("", ("",) * 7)))
            case "drop-week":
                return replace(self, weeks=tuple(row for at, row in enumerate(self.weeks) if at != n))
            case "add-day":
                return replace(self, days=(*self.days, DayRow("", "", "")))
            case "drop-day":
                return replace(self, days=tuple(row for at, row in enumerate(self.days) if at != n))
        return self

    def sorted(self) -> "CalendarForm":
        """The days by date, without empty rows."""
        return replace(self, days=tuple(sorted(self.filled, key=lambda row: row.date)))

    def text(self, stored: Json | None) -> dict[str, Any]:
        """The calendar's text for the service. stored: whose days of other years are kept."""
        kept = {} if stored is None else {d: day for d, day in stored["days"].items() if not _in_year(d, self.year)}
        typed = {row.date: {"open": windows_of(row.open), "name": row.name} for row in self.filled}
        return {
            "zone": self.zone,
            "weeks": [_week(row) for row in self.weeks],
            "days": dict(sorted((kept | typed).items())),
            "known_until": self.known_until or None,
        }

    @property
    def filled(self) -> list[DayRow]:
        """The rows in which something stands."""
        return [row for row in self.days if row.date or row.name or row.open]

    def twice(self, stored: Json | None) -> list[FieldProblem]:
        """Dates that stand twice, here or in another year: a calendar has one text a day."""
        kept = set() if stored is None else {date for date in stored["days"] if not _in_year(date, self.year)}
        found: list[FieldProblem] = []
        for row in self.filled:
            if row.date and row.date in kept:
                what = gettext(N_("%(date)s has a text already")) % {"date": row.date}
                found.append(FieldProblem(code="twice", what=what, at=f"/days/{row.date}",
                                          how=gettext(N_("Change it there, or remove one of the two"))))  # fmt: skip
            kept.add(row.date)
        return found


def _in_year(date: str, year: int) -> bool:
    return date.startswith(f"{year:04}-")


def _week(row: WeekRow) -> dict[str, Any]:
    windows = {day: windows_of(text) for day, text in zip(WEEKDAYS, row.windows, strict=True) if text}
    return {"from": row.since or None, **windows}


def windows_of(text: str) -> Windows:
    """`9:00–12:00, 13:00-18:00` as `[["09:00", "12:00"], ["13:00", "18:00"]]`; the service judges what it says."""
    plain = re.sub(r"\s*(?:[-–—~～至]|to)\s*", "-", text.replace("：", ":"))
    found: Windows = []
    for piece in re.split(r"[,，;；、\s]+", plain):
        if piece:
            opens, _dash, closes = piece.partition("-")
            found.append([_TIME.sub(_two_digits, opens, 1), _TIME.sub(_two_digits, closes, 1)])
    return found


def _two_digits(match: re.Match[str]) -> str:
    alone = match.start() == 0
    return f"0{match[0]}" if alone else match[0]


def windows_text(windows: Sequence[Sequence[str]]) -> str:
    """The windows as people write them, `09:00–12:00, 13:00–18:00`."""
    return ", ".join(f"{opens}–{closes}" for opens, closes in windows)


@dataclass(frozen=True)
class Faults:
    """A refusal spread over the form's rows."""

    problem: Problem | None
    form: CalendarForm

    def at(self, pointer: str) -> list[FieldProblem]:
        """The reasons at a place of the request."""
        return [] if self.problem is None else self.problem.at(pointer)

    def of_day(self, row: DayRow) -> list[FieldProblem]:
        """The reasons at a dated day."""
        return self.at(f"/days/{row.date.replace('~', '~0').replace('/', '~1')}") if row in self.form.filled else []

    def of_week(self, place: int) -> list[FieldProblem]:
        """The reasons at a week."""
        return self.at(f"/weeks/{place}")

    def words_of(self, weekday: str, place: int) -> bool:
        """Whether a weekday's windows are at fault."""
        return bool(self.at(f"/weeks/{place}/{weekday}"))

    @property
    def general(self) -> list[FieldProblem]:
        """The reasons at no row."""
        if self.problem is None:
            return []
        return [error for error in self.problem.errors if not error.at.startswith(("/weeks/", "/days/"))]

    def anchor(self, error: FieldProblem) -> str:
        """The row or field that a reason belongs to, as an id of the page."""
        parts = error.at.split("/")
        if len(parts) > 2 and parts[1] == "weeks":
            return f"week-{parts[2]}"
        if len(parts) > 2 and parts[1] == "days":
            date = parts[2].replace("~1", "/").replace("~0", "~")
            return next((f"day-{n}" for n, row in enumerate(self.form.days) if row.date == date), "days")
        return {"weeks": "week-0", "days": "days"}.get(parts[-1], f"f-{parts[-1]}")
