"""Calendars: when working time runs. Parsing, compiling, and the questions that are asked of a calendar.

Source: SLA semantics, rules 1 to 6.
"""

from services.sla.calendars.rules.compiled import (
    FIVE_YEARS,
    CompiledCalendar,
    OutOfReach,
    due,
    latest_start,
    working_seconds,
)
from services.sla.calendars.rules.text import WEEKDAYS, CalendarText, Day, Week, parse_calendar
from services.sla.calendars.rules.zones import UnknownZone, zone, zone_names

__all__ = [
    "FIVE_YEARS",
    "WEEKDAYS",
    "CalendarText",
    "CompiledCalendar",
    "Day",
    "OutOfReach",
    "UnknownZone",
    "Week",
    "due",
    "latest_start",
    "parse_calendar",
    "working_seconds",
    "zone",
    "zone_names",
]
