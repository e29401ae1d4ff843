"""What holds for every calendar and every instant: compared with the slow twin, and the laws between the answers."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.sla.calendars.rules import WEEKDAYS, CompiledCalendar, parse_calendar, pauses
from services.sla.calendars.rules.compiled import NONE
from tests.sla.calendars.twin import Twin

# Where clocks do odd things: a gap and an overlap at night, at midnight, of half an hour, one minute past midnight, a
# whole day that is left out, and zones in which nothing happens.
PLACES = (
    ("Asia/Shanghai", date(2026, 2, 14)),
    ("Etc/UTC", date(2024, 2, 28)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/Sao_Paulo", date(2016, 10, 16)),
    ("America/Sao_Paulo", date(2017, 2, 19)),
    ("America/St_Johns", date(2010, 11, 7)),
    ("America/St_Johns", date(2010, 3, 14)),
    ("Australia/Lord_Howe", date(2025, 4, 6)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Kathmandu", date(2026, 1, 1)),
)
DAYS_AROUND = 2


class Case(NamedTuple):
    """A calendar, its twin, and two instants within it."""

    text: dict[str, Any]
    calendar: CompiledCalendar
    twin: Twin
    a: int
    b: int


@st.composite
def windows(draw: st.DrawFn) -> list[list[str]]:
    marks = sorted(draw(st.sets(st.sampled_from([*range(0, 300, 15), *range(300, 1441, 60)]), max_size=6)))
    times = [f"{mark // 60:02}:{mark % 60:02}" for mark in marks]
    return [list(pair) for pair in zip(times[::2], times[1::2], strict=False)]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zone, middle = draw(st.sampled_from(PLACES))
    weeks: list[dict[str, Any]] = [{"from": None, **{weekday: draw(windows()) for weekday in WEEKDAYS}}]
    weeks[0][draw(st.sampled_from(WEEKDAYS))] = [["00:00", "24:00"]]
    if draw(st.booleans()):
        weeks.append({"from": middle.isoformat(), **{weekday: draw(windows()) for weekday in WEEKDAYS}})
    days = {
        (middle + timedelta(days=offset)).isoformat(): {"open": draw(windows()), "name": "a day"}
        for offset in draw(st.sets(st.integers(-3, 3), max_size=2))
    }
    text = {"zone": zone, "weeks": weeks, "days": days, "known_until": None}
    reach = timedelta(days=DAYS_AROUND)
    first, last = middle - reach, middle + reach
    twin = Twin(text, middle - 4 * reach, middle + 4 * reach)
    low, high = (int(datetime(d.year, d.month, d.day, tzinfo=UTC).timestamp()) for d in (first, last))
    edges = [minute * 60 for minute in twin.edges() if low <= minute * 60 <= high]
    near = st.integers(low, high) | (st.sampled_from(edges) if edges else st.nothing())
    a, b = draw(near), draw(near)
    return Case(text, CompiledCalendar(parse_calendar(text)), twin, a, b)


few = settings(max_examples=50, deadline=None)


@few
@given(cases())
def test_working_seconds_are_those_that_the_twin_walks(case: Case) -> None:
    assert case.calendar.working_seconds(case.a, case.b) == case.twin.working_seconds(case.a, case.b)


@few
@given(cases(), st.integers(0, 80_000))
def test_a_due_time_is_where_the_twin_arrives(case: Case, goal: int) -> None:
    expected = case.twin.due(case.a, goal)
    if expected is not None:
        assert case.calendar.due(case.a, goal) == expected


@few
@given(cases(), st.integers(0, 80_000))
def test_a_latest_start_is_where_the_twin_arrives_backwards(case: Case, goal: int) -> None:
    expected = case.twin.latest_start(case.a, goal)
    if expected is not None:
        assert case.calendar.latest_start(case.a, goal) == expected


@few
@given(cases(), st.integers(0, 80_000))
def test_the_last_instant_with_an_elapsed_time_is_where_the_twin_works_on(case: Case, elapsed: int) -> None:
    expected = case.twin.last_instant_at(case.a, elapsed)
    if expected is not None:
        assert case.calendar.last_instant_at(case.a, elapsed) == expected


@few
@given(cases(), st.lists(st.tuples(st.integers(-200_000, 200_000), st.integers(0, 90_000)), max_size=4))
def test_the_union_of_pauses_does_not_count(case: Case, drawn: list[tuple[int, int]]) -> None:
    stood = [(case.a + offset, case.a + offset + length) for offset, length in drawn]
    expected = case.twin.working_seconds(case.a, case.b, stood)
    assert pauses.working_seconds(case.calendar, case.a, case.b, stood) == expected


@few
@given(cases(), st.integers(1, 3_000_000))
def test_due_is_the_inverse_of_working_seconds_and_the_earliest(case: Case, goal: int) -> None:
    found = case.calendar.due(case.a, goal)
    assert found is not None
    assert case.calendar.working_seconds(case.a, found) == goal
    assert case.calendar.working_seconds(case.a, found - 1) == goal - 1


@few
@given(cases(), st.integers(1, 3_000_000))
def test_latest_start_is_the_inverse_of_working_seconds_and_the_latest(case: Case, goal: int) -> None:
    found = case.calendar.latest_start(case.b, goal)
    assert found is not None
    assert case.calendar.working_seconds(found, case.b) == goal
    assert case.calendar.working_seconds(found + 1, case.b) == goal - 1


@few
@given(cases(), st.integers(1, 200_000), st.lists(st.tuples(st.integers(-9_000, 200_000), st.integers(0, 90_000))))
def test_with_pauses_too_due_is_the_earliest_and_latest_start_the_latest(
    case: Case, goal: int, drawn: list[tuple[int, int]]
) -> None:
    stood = [(case.a + offset, case.a + offset + length) for offset, length in drawn]
    found = pauses.due(case.calendar, case.a, goal, stood)
    assert found is not None
    assert pauses.working_seconds(case.calendar, case.a, found, stood) == goal
    assert pauses.working_seconds(case.calendar, case.a, found - 1, stood) == goal - 1
    found = pauses.latest_start(case.calendar, case.b, goal, stood)
    assert found is not None
    assert pauses.working_seconds(case.calendar, found, case.b, stood) == goal
    assert pauses.working_seconds(case.calendar, found + 1, case.b, stood) == goal - 1


@few
@given(cases(), st.integers(0, 10_000_000))
def test_time_adds_up_whatever_instant_lies_between(case: Case, further: int) -> None:
    a, b = sorted((case.a, case.b))
    c = b + further
    whole = case.calendar.working_seconds(a, c)
    assert whole == case.calendar.working_seconds(a, b) + case.calendar.working_seconds(b, c)


@few
@given(cases())
def test_the_windows_between_two_instants_hold_exactly_the_working_seconds(case: Case) -> None:
    opened = case.calendar.windows(case.a, case.b)
    assert sum(end - start for start, end in opened) == case.calendar.working_seconds(case.a, case.b)
    edges = [edge for window in opened for edge in window]
    assert edges == sorted(set(edges)), "windows ascend, are never empty, and those that touch are one"


@few
@given(cases(), st.lists(st.tuples(st.integers(-9_000_000, 9_000_000), st.integers(-5, 9_000_000)), min_size=1))
def test_many_at_once_have_the_answers_of_one_at_a_time(case: Case, drawn: list[tuple[int, int]]) -> None:
    instants = np.array([case.a + offset for offset, _goal in drawn], dtype=np.int64)
    goals = np.array([goal for _offset, goal in drawn], dtype=np.int64)
    alone = CompiledCalendar(parse_calendar(case.text))
    elapsed = np.maximum(goals, 0)
    assert case.calendar.working_seconds_many(instants, instants + goals).tolist() == [
        alone.working_seconds(int(at), int(at + goal)) for at, goal in zip(instants, goals, strict=True)
    ]
    for many, single, amounts in (
        (case.calendar.due_many, alone.due, goals),
        (case.calendar.latest_start_many, alone.latest_start, goals),
        (case.calendar.last_instant_at_many, alone.last_instant_at, elapsed),
    ):
        answers = [single(int(at), int(amount)) for at, amount in zip(instants, amounts, strict=True)]
        assert many(instants, amounts).tolist() == [NONE if found is None else found for found in answers]


@few
@given(cases(), st.integers(1, 400_000_000))
def test_what_was_compiled_before_changes_no_answer(case: Case, goal: int) -> None:
    year = datetime.fromtimestamp(case.a, UTC).year
    wide = CompiledCalendar(parse_calendar(case.text), years=(year - 9, year + 9))
    assert case.calendar.due(case.a, goal) == wide.due(case.a, goal)
    assert case.calendar.latest_start(case.a, goal) == wide.latest_start(case.a, goal)
    assert case.calendar.last_instant_at(case.a, goal) == wide.last_instant_at(case.a, goal)


@pytest.mark.parametrize("size", [0, 1, 70_000])
def test_arrays_of_any_length_are_answered(size: int) -> None:
    week = {"from": None, **{weekday: [["09:00", "12:00"], ["13:00", "18:00"]] for weekday in WEEKDAYS[:5]}}
    calendar = CompiledCalendar(parse_calendar({"zone": "Asia/Shanghai", "weeks": [week]}))
    starts = np.random.default_rng(7).integers(1_400_000_000, 1_700_000_000, size)
    found = calendar.due_many(starts, np.full(size, 28_800))
    assert calendar.working_seconds_many(starts, found).tolist() == [28_800] * size
    assert calendar.latest_start_many(found, np.full(size, 28_800)).size == size
    assert calendar.last_instant_at_many(starts, np.full(size, 0)).size == size
