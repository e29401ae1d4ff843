"""Working time: scalar questions against two libraries on the same spans and hours, arrays, and compiling.

The calendar is twenty years of Shanghai office hours, China's holidays taken out. The libraries cannot say that a
Saturday is worked, so the days worked instead of bridges are left out here: all three then answer the same.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import chinese_calendar
import numpy as np
from business_duration import businessDuration
from workclock import Holidays, Schedule, WorkDay

from deploy.bench.figures import Figure, check, seconds_of
from services.sla.calendars.rules import CompiledCalendar, due, parse_calendar, working_seconds

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 2006, 2025
OPENS, CLOSES = time(9), time(18)
SPAN = timedelta(days=30)
GOAL_SECONDS = 160 * 3600  # about 30 days in office hours
SCALARS, SLOW_SCALARS, ARRAYS = 20_000, 300, 1_000_000

Spans = list[tuple[datetime, datetime]]


def figures() -> Iterator[Figure]:
    """Refuses WrongResult where the libraries, the scalars or the arrays disagree."""
    holidays = list(_holidays())
    text = _text(holidays)
    compiling = Figure("calendar: compile 20 years", "s", seconds_of(lambda: _compiled(text)), most=0.3)
    yield compiling
    calendar = _compiled(text)
    spans = _spans(SCALARS)
    ours = _worked(calendar, spans)
    yield ours
    yield _due(calendar, spans)
    yield from _against_libraries(calendar, holidays, spans, ours)
    yield from _arrays(calendar)


def _holidays() -> Iterator[date]:
    """The dates that China did not work, Saturdays and Sundays left out: nobody's pattern has them."""
    day = date(FIRST_YEAR, 1, 1)
    while day.year <= LAST_YEAR:
        if day.weekday() < 5 and not chinese_calendar.is_workday(day):
            yield day
        day += timedelta(days=1)


def _text(holidays: list[date]) -> dict[str, object]:
    week: dict[str, object] = {"from": None}
    week |= {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    days = {day.isoformat(): {"open": [], "name": "holiday"} for day in holidays}
    return {"zone": "Asia/Shanghai", "weeks": [week], "days": days, "known_until": f"{LAST_YEAR}-12-31"}


def _compiled(text: dict[str, object]) -> CompiledCalendar:
    return CompiledCalendar(parse_calendar(text), (FIRST_YEAR, LAST_YEAR))


def _spans(count: int) -> Spans:
    random = Random(20)  # noqa: S311  # the same questions each time
    first = datetime(FIRST_YEAR, 1, 1, tzinfo=SHANGHAI)
    reach = int((datetime(LAST_YEAR, 11, 1, tzinfo=SHANGHAI) - first).total_seconds())
    starts = [first + timedelta(seconds=random.randrange(reach)) for _ in range(count)]
    return [(start, start + SPAN) for start in starts]


def _worked(calendar: CompiledCalendar, spans: Spans) -> Figure:
    def work() -> None:
        for a, b in spans:
            working_seconds(calendar, a, b)

    taken = seconds_of(work)
    return Figure("calendar: working_seconds over 30 days", "µs", [t / SCALARS * 1e6 for t in taken], most=4.0)


def _due(calendar: CompiledCalendar, spans: Spans) -> Figure:
    def work() -> None:
        for a, _ in spans:
            due(calendar, a, GOAL_SECONDS)

    taken = seconds_of(work)
    for a, _ in spans[:200]:
        answer = due(calendar, a, GOAL_SECONDS)
        check("due, worked back", answer and working_seconds(calendar, a, answer), GOAL_SECONDS)
    return Figure("calendar: due over about 30 days", "µs", [t / SCALARS * 1e6 for t in taken], most=4.0)


def _against_libraries(
    calendar: CompiledCalendar, holidays: list[date], spans: Spans, ours: Figure
) -> Iterator[Figure]:
    schedule = Schedule([WorkDay(OPENS, CLOSES), Holidays(holidays)], time_zone=SHANGHAI)
    named = dict.fromkeys(holidays, "holiday")
    few = [(a.replace(tzinfo=None), b.replace(tzinfo=None)) for a, b in spans[:SLOW_SCALARS]]

    def pure_python() -> float:
        return sum(float(businessDuration(a, b, OPENS, CLOSES, holidaylist=named, unit="sec")) for a, b in few)

    def rust() -> None:
        for a, b in spans:
            schedule.between(a, b)

    expected = sum(working_seconds(calendar, a, b) for a, b in spans)
    check("workclock's seconds", round(sum(schedule.between(a, b).total_seconds() for a, b in spans)), expected)
    expected = sum(working_seconds(calendar, a, b) for a, b in spans[:SLOW_SCALARS])
    check("business-duration's seconds", round(pure_python()), expected)
    slow = [t / SLOW_SCALARS * 1e6 for t in seconds_of(pure_python)]
    fast = [t / SCALARS * 1e6 for t in seconds_of(rust)]
    for library, taken, least in (("business-duration", slow, 15.0), ("workclock", fast, 1.0)):
        baseline = sorted(taken)[len(taken) // 2]
        times = [baseline / value for value in ours.values]
        yield Figure(f"calendar: times faster than {library}", "×", times, least=least, baseline=baseline)


def _arrays(calendar: CompiledCalendar) -> Iterator[Figure]:
    chance = np.random.default_rng(20)
    low, high = (int(datetime(year, 1, 2, tzinfo=SHANGHAI).timestamp()) for year in (FIRST_YEAR, LAST_YEAR))
    starts = chance.integers(low, high, ARRAYS, dtype=np.int64)
    ends = starts + chance.integers(0, 60 * 86400, ARRAYS, dtype=np.int64)
    goals = chance.integers(1, 200 * 3600, ARRAYS, dtype=np.int64)
    worked, found = calendar.working_seconds_many(starts, ends), calendar.due_many(starts, goals)
    some = range(0, ARRAYS, ARRAYS // 500)
    one_by_one = [
        (calendar.working_seconds(int(starts[i]), int(ends[i])), calendar.due(int(starts[i]), int(goals[i])))
        for i in some
    ]
    check("arrays as scalars", [(int(worked[i]), int(found[i])) for i in some], one_by_one)
    check("due of the arrays, worked back", int(calendar.working_seconds_many(starts, found).sum()), int(goals.sum()))
    for name, work in (
        ("working_seconds", lambda: calendar.working_seconds_many(starts, ends)),
        ("due", lambda: calendar.due_many(starts, goals)),
    ):
        taken = [t / ARRAYS * 1e6 for t in seconds_of(work)]
        yield Figure(f"calendar: a million {name}, in arrays", "µs", taken, most=0.25)
