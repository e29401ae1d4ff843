"""Roughly when people work, so that generated tickets come and are solved at believable hours.

Only the generator counts by it: what a clock counts is computed by the system from its own calendars.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENS, CLOSES = time(9), time(18)


def is_workday(day: date) -> bool:
    """By China's holidays where they are published, else Monday to Friday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=SHANGHAI)


def office_after(start: datetime, seconds: float) -> datetime:
    """The instant at which so many office seconds have passed since `start`."""
    moment = start.astimezone(SHANGHAI)
    left = seconds
    while True:
        day = moment.date()
        opens, closes = at(day, OPENS), at(day, CLOSES)
        if is_workday(day) and moment < closes:
            moment = max(moment, opens)
            room = (closes - moment).total_seconds()
            if left <= room:
                return moment + timedelta(seconds=left)
            left -= room
        moment = at(day + timedelta(days=1), time(0))


def around_the_clock_after(start: datetime, seconds: float) -> datetime:
    return start.astimezone(SHANGHAI) + timedelta(seconds=seconds)
