"""A source's hours and its pace, worked by hand."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.sla.sources.rules import Hour, hour_of, last_hours, pace_seconds

NOON = datetime(2026, 3, 10, 12, 40, 30, tzinfo=UTC)


def test_an_hour_begins_where_it_does_in_utc() -> None:
    kolkata = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert hour_of(kolkata) == datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_the_hours_shown_end_with_the_running_one_and_have_no_gaps() -> None:
    counted = [
        Hour(datetime(2026, 3, 10, 12, tzinfo=UTC), 1, 10, 0),
        Hour(datetime(2026, 3, 9, 13, tzinfo=UTC), 2, 20, 1),
        Hour(datetime(2026, 3, 9, 12, tzinfo=UTC), 9, 99, 9),
    ]
    shown = last_hours(counted, NOON)
    assert len(shown) == 24
    assert (shown[0], shown[-1]) == (counted[1], counted[0])
    assert {hour.calls for hour in shown[1:-1]} == {0}
    assert shown[1].begins == datetime(2026, 3, 9, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "calls", "pace"),
    [
        (NOON - timedelta(hours=7), NOON, 60, 420),
        (NOON - timedelta(seconds=3), NOON, 400, 1),
        (NOON - timedelta(days=7), NOON, 4, None),
        (None, NOON, 0, None),
        (NOON, None, 9, None),
    ],
)
def test_the_pace_is_the_mean_from_call_to_call_where_there_are_enough_for_a_habit(
    first: datetime | None, last: datetime | None, calls: int, pace: int | None
) -> None:
    assert pace_seconds(first, last, calls) == pace
