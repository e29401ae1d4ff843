"""The two calendars that every installation begins with: China's office hours with its holidays, and around the clock.

The days are those of the pinned `chinesecalendar` package: public holidays and the weekends worked for them (调休),
from 2004 to the last year that is published. Like a revision, what stands here is frozen: later years come as a new
version.
"""

from datetime import date
from typing import Any

from chinese_calendar.constants import Holiday, holidays, workdays

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE = [["09:00", "18:00"]]
ALWAYS = [["00:00", "24:00"]]
LAST_YEAR = 2026
# The package's short names, as the State Council's notices write them.
FULL_NAMES = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


def calendars() -> list[tuple[str, str, dict[str, Any]]]:
    """Code, name and text of each."""
    always = dict.fromkeys(WEEKDAYS, ALWAYS)
    office = dict.fromkeys(WEEKDAYS[:5], OFFICE)
    return [
        ("cn-office", "中国办公时间（周一至周五 09:00–18:00）", _text(office, days(), f"{LAST_YEAR}-12-31")),
        ("cn-24x7", "中国全天候（7×24 小时）", _text(always, {}, None)),
    ]


def days() -> dict[str, Any]:
    """The dated days: a holiday has no windows, a worked weekend has the office's."""
    off = {day: {"open": [], "name": _name(value)} for day, value in holidays.items()}
    worked = {day: {"open": OFFICE, "name": f"{_name(value)}调休"} for day, value in workdays.items()}
    dated: dict[date, Any] = off | worked
    return {day.isoformat(): dated[day] for day in sorted(dated) if day.year <= LAST_YEAR}


def _name(value: str) -> str:
    short: str = Holiday(value).chinese
    return FULL_NAMES.get(short, short)


def _text(week: dict[str, Any], dated: dict[str, Any], known_until: str | None) -> dict[str, Any]:
    return {
        "zone": "Asia/Shanghai", "weeks": [{"from": None, **week}], "days": dated, "known_until": known_until,
    }  # fmt: skip
