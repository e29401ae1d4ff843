"""The text of a calendar: weeks of local windows, dated days, a zone. Parsed once, refused with every fault named.

Source: SLA semantics, rule 1.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

from services.kernel.messages import N_
from services.kernel.refusals import FieldError, Invalid
from services.sla.calendars.rules.zones import zone_names

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Window = tuple[int, int]  # local minutes of the day, half-open; 1440 is 24:00
Windows = tuple[Window, ...]

MOST_WINDOWS = 24  # a day; without a bound a body of a few kilobytes would compile to gigabytes
MOST_WEEKS = 200
MOST_DAYS = 20_000
LONGEST_NAME = 100

_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_FIELDS = ("zone", "weeks", "days", "known_until")


@dataclass(frozen=True)
class Week:
    """A weekly pattern from the local date `since` (None: from the beginning); one entry a weekday, Monday first."""

    since: date | None
    windows: tuple[Windows, ...]


@dataclass(frozen=True)
class Day:
    """A dated day: replaces the whole weekday. No windows: a holiday."""

    windows: Windows
    name: str


@dataclass(frozen=True)
class CalendarText:
    """A calendar as a person wrote it, checked. Weeks ascend by `since`; windows of a day ascend without overlap."""

    zone: str
    weeks: tuple[Week, ...]
    days: Mapping[date, Day]
    known_until: date | None

    def windows_on(self, day: date) -> Windows:
        """The local windows of one date."""
        dated = self.days.get(day)
        return self.week_on(day).windows[day.weekday()] if dated is None else dated.windows

    def week_on(self, day: date) -> Week:
        """The week that holds on this date."""
        return self.weeks[bisect_right(self._since, day) - 1]

    @cached_property
    def _since(self) -> list[date]:
        return [week.since or date.min for week in self.weeks]


def parse_calendar(data: object, at: str = "") -> CalendarText:
    """The calendar that `data` (JSON as in the API) describes. `at`: the JSON pointer of `data` in its request.

    Refuses Invalid with all that is wrong: unknown or missing fields, an unknown zone, times and dates that are
    none, reversed or overlapping windows, weeks out of order, a calendar without any window in its weeks.
    """
    faults: list[FieldError] = []
    if not isinstance(data, Mapping):
        raise Invalid(errors=[_bad_type(at, N_("Send an object here"))])
    for field in data:
        if field not in _FIELDS:
            faults.append(_unknown_field(f"{at}/{escaped(field)}", _FIELDS))
    zone = _parse_zone(data, at, faults)
    weeks = _parse_weeks(data, at, faults)
    days = _parse_days(data.get("days"), f"{at}/days", faults)
    known = data.get("known_until")
    known_until = None if known is None else _parse_date(known, f"{at}/known_until", faults)
    if faults:
        raise Invalid(errors=faults)
    return CalendarText(zone, weeks, days, known_until)


def _parse_zone(data: Mapping[str, Any], at: str, faults: list[FieldError]) -> str:
    name = data.get("zone")
    if name is None:
        faults.append(_missing(f"{at}/zone", N_("Name the time zone, for example Asia/Shanghai")))
    elif not isinstance(name, str):
        faults.append(_bad_type(f"{at}/zone", N_("Send text here")))
    elif name not in zone_names():
        faults.append(
            FieldError(
                code="unknown_zone",
                at=f"{at}/zone",
                what=N_("There is no time zone “%(zone)s”"),
                how=N_("Write the IANA name exactly, for example Asia/Shanghai"),
                facts={"zone": quoted(name)},
            )
        )
    else:
        return name
    return ""


def _parse_weeks(data: Mapping[str, Any], at: str, faults: list[FieldError]) -> tuple[Week, ...]:
    given = data.get("weeks")
    if given is None:
        faults.append(_missing(f"{at}/weeks", N_("Give at least one week with its windows")))
        return ()
    if not isinstance(given, list):
        faults.append(_bad_type(f"{at}/weeks", N_("Send a list here")))
        return ()
    if len(given) > MOST_WEEKS:
        faults.append(_too_long(f"{at}/weeks", N_("Send at most %(max_length)s"), MOST_WEEKS))
        return ()
    before = len(faults)
    weeks: list[Week] = []
    for place, week in enumerate(given):
        weeks.append(_parse_week(week, f"{at}/weeks/{place}", weeks, faults))
    if len(faults) == before and not any(windows for week in weeks for windows in week.windows):
        faults.append(
            FieldError(
                code="no_window",
                at=f"{at}/weeks",
                what=N_("No week has an open window: no working time would ever pass"),
                how=N_("Give at least one weekday a window, for example 09:00–18:00"),
            )
        )
    return tuple(weeks)


def _parse_week(week: object, at: str, earlier: list[Week], faults: list[FieldError]) -> Week:
    empty = Week(None, ((),) * 7)
    if not isinstance(week, Mapping):
        faults.append(_bad_type(at, N_("Send an object here")))
        return empty
    for field in week:
        if field != "from" and field not in WEEKDAYS:
            faults.append(_unknown_field(f"{at}/{escaped(field)}", ("from", *WEEKDAYS)))
    since = _parse_since(week.get("from"), f"{at}/from", earlier, faults)
    windows = tuple(
        () if week.get(weekday) is None else _parse_windows(week[weekday], f"{at}/{weekday}", faults)
        for weekday in WEEKDAYS
    )
    return Week(since, windows)


def _parse_since(given: object, at: str, earlier: list[Week], faults: list[FieldError]) -> date | None:
    """The first week holds from the beginning, each further one from a date after the one before."""
    if not earlier:
        if given is None:
            return None
        faults.append(
            FieldError(
                code="first_week_dated",
                at=at,
                what=N_("The first week holds from the beginning and has no date"),
                how=N_("Leave its date empty, and put the weeks with a date after it"),
            )
        )
        return None
    if given is None:
        faults.append(_missing(at, N_("Say from which date this week holds; only the first has none")))
        return earlier[-1].since
    since = _parse_date(given, at, faults)
    last = earlier[-1].since
    if since is not None and last is not None and since <= last:
        faults.append(
            FieldError(
                code="weeks_out_of_order",
                at=at,
                what=N_("This week does not begin after the one before it (%(before)s)"),
                how=N_("Order the weeks by date, one for each date"),
                facts={"before": last.isoformat()},
            )
        )
    return since or last


def _parse_days(given: object, at: str, faults: list[FieldError]) -> dict[date, Day]:
    days: dict[date, Day] = {}
    if given is None:
        return days
    if not isinstance(given, Mapping):
        faults.append(_bad_type(at, N_("Send an object here")))
        return days
    if len(given) > MOST_DAYS:
        faults.append(_too_long(at, N_("Send at most %(max_length)s"), MOST_DAYS))
        return days
    for text, day in given.items():
        place = f"{at}/{escaped(text)}"
        parsed = _parse_date(text, place, faults)
        dated = _parse_day(day, place, faults)
        if parsed is not None and dated is not None:
            days[parsed] = dated
    return days


def _parse_day(day: object, at: str, faults: list[FieldError]) -> Day | None:
    if not isinstance(day, Mapping):
        faults.append(_bad_type(at, N_("Send an object here")))
        return None
    for field in day:
        if field not in ("open", "name"):
            faults.append(_unknown_field(f"{at}/{escaped(field)}", ("open", "name")))
    name = _parse_name(day.get("name"), f"{at}/name", faults)
    if "open" not in day:
        faults.append(_missing(f"{at}/open", N_("Give the day's windows, or [] for a day without working time")))
        return None
    return Day(_parse_windows(day["open"], f"{at}/open", faults), name)


def _parse_name(given: object, at: str, faults: list[FieldError]) -> str:
    if given is None or given == "":
        faults.append(_missing(at, N_("Name the day: the name is shown wherever the day explains a time")))
    elif not isinstance(given, str):
        faults.append(_bad_type(at, N_("Send text here")))
    elif len(given) > LONGEST_NAME:
        what, how = N_("This text is too long"), N_("Use at most %(max_length)s characters")
        faults.append(FieldError("too_long", at, what, how, {"max_length": LONGEST_NAME}))
    elif given.isspace() or _UNSHOWABLE.search(given):
        what = N_("This text has characters that cannot be shown")
        faults.append(FieldError("control_character", at, what, N_("Remove the control characters from this text")))
    else:
        return given
    return ""


def _parse_windows(given: object, at: str, faults: list[FieldError]) -> Windows:
    """The windows of one day, in order. A window that only touches the next one is fine."""
    if not isinstance(given, list):
        faults.append(_bad_type(at, N_("Send a list of windows here, each as [open, close]")))
        return ()
    if len(given) > MOST_WINDOWS:
        faults.append(_too_long(at, N_("Send at most %(max_length)s"), MOST_WINDOWS))
        return ()
    placed: list[tuple[Window, int]] = []
    for place, window in enumerate(given):
        parsed = _parse_window(window, f"{at}/{place}", faults)
        if parsed is not None:
            placed.append((parsed, place))
    placed.sort()
    for (former, first), (latter, second) in pairwise(placed):
        if latter[0] < former[1]:
            faults.append(
                FieldError(
                    code="overlapping",
                    at=f"{at}/{max(first, second)}",
                    what=N_("The windows %(one)s and %(other)s overlap"),
                    how=N_("Let one end before the other opens, or write them as one"),
                    facts={"one": shown(former), "other": shown(latter)},
                )
            )
    return tuple(window for window, _place in placed)


def _parse_window(window: object, at: str, faults: list[FieldError]) -> Window | None:
    if not isinstance(window, list) or len(window) != 2:
        faults.append(_bad_type(at, N_("Send a list of windows here, each as [open, close]")))
        return None
    before = len(faults)
    for place, text in enumerate(window):
        if not isinstance(text, str):
            faults.append(_bad_type(f"{at}/{place}", N_("Send text here")))
        elif _TIME.fullmatch(text) is None or (text == "24:00" and place == 0):
            faults.append(
                FieldError(
                    code="bad_time",
                    at=f"{at}/{place}",
                    what=N_("“%(time)s” is no local time"),
                    how=N_("Write hours and minutes, 00:00 to 23:59; a window may close at 24:00"),
                    facts={"time": quoted(text)},
                )
            )
    if len(faults) > before:
        return None
    opens, closes = (int(text[:2]) * 60 + int(text[3:]) for text in window)
    if closes <= opens:
        faults.append(
            FieldError(
                code="reversed",
                at=at,
                what=N_("The window %(window)s closes before it has been open"),
                how=N_(
                    "Write the earlier time first. Over midnight, write two: until 24:00, and from 00:00 the next day"
                ),
                facts={"window": f"{window[0]}–{window[1]}"},
            )
        )
        return None
    return opens, closes


def _parse_date(given: object, at: str, faults: list[FieldError]) -> date | None:
    if isinstance(given, str) and _DATE.fullmatch(given):
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass  # written like a date, but no day of any month: refused below like any other text
    faults.append(
        FieldError(
            code="bad_date",
            at=at,
            what=N_("“%(date)s” is no date"),
            how=N_("Write year, month and day, for example 2026-03-01"),
            facts={"date": quoted(given)},
        )
    )
    return None


def shown(window: Window) -> str:
    """A window as people read it, 09:00–18:00."""
    opens, closes = window
    return f"{opens // 60:02}:{opens % 60:02}–{closes // 60:02}:{closes % 60:02}"


def quoted(given: object) -> str:
    """What was sent, as a message may repeat it: cut, and without half characters, which no answer could carry."""
    return str(given)[:LONGEST_NAME].encode("utf-8", "replace").decode()


def escaped(key: object) -> str:
    """A key as a part of a JSON pointer (RFC 6901)."""
    return quoted(key).replace("~", "~0").replace("/", "~1")


def _missing(at: str, how: str) -> FieldError:
    return FieldError(code="missing_field", at=at, what=N_("This field is missing"), how=how)


def _bad_type(at: str, how: str) -> FieldError:
    return FieldError(code="bad_type", at=at, what=N_("This value has the wrong type"), how=how)


def _too_long(at: str, how: str, most: int) -> FieldError:
    return FieldError(code="too_long", at=at, what=N_("These are too many"), how=how, facts={"max_length": most})


def _unknown_field(at: str, known: tuple[str, ...]) -> FieldError:
    what, how = N_("There is no such field"), N_("Choose one of: %(known)s")
    return FieldError(code="unknown_field", at=at, what=what, how=how, facts={"known": ", ".join(known)})
