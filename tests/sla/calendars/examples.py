"""Calendars that the tests speak of."""

from typing import Any

from services.sla.calendars.rules import WEEKDAYS, CompiledCalendar, parse_calendar

Text = dict[str, Any]
OFFICE = [["09:00", "12:00"], ["13:00", "18:00"]]


def text(zone: str = "Asia/Shanghai", **fields: Any) -> Text:
    """Monday to Friday with a lunch break; `fields` replace weeks, days, known_until."""
    week = {"from": None, **dict.fromkeys(WEEKDAYS[:5], OFFICE)}
    return {"zone": zone, "weeks": [week], "days": {}, "known_until": None} | fields


def compiled(zone: str = "Asia/Shanghai", **fields: Any) -> CompiledCalendar:
    return CompiledCalendar(parse_calendar(text(zone, **fields)))


def on(zone: str, *windows: list[str], weekdays: tuple[str, ...] = WEEKDAYS) -> CompiledCalendar:
    """The same windows on these weekdays."""
    return compiled(zone, weeks=[{"from": None, **{weekday: list(windows) for weekday in weekdays}}])
