"""A source's last day by the hour, and how often it usually calls."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)
HOURS_SHOWN = 24
PACE_SPAN = timedelta(days=7)
LEAST_CALLS = 5
"""Fewer calls make no habit."""


@dataclass(frozen=True)
class Hour:
    """What came in one hour. begins: its first instant. calls: that named the source. accepted, rejected: lines."""

    begins: datetime
    calls: int = 0
    accepted: int = 0
    rejected: int = 0


def hour_of(instant: datetime) -> datetime:
    """The first instant of the hour that it lies in, in UTC."""
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def first_shown(now: datetime) -> datetime:
    """The beginning of the oldest of the hours shown; the latest is the one that is running."""
    return hour_of(now) - (HOURS_SHOWN - 1) * HOUR


def last_hours(counted: Iterable[Hour], now: datetime) -> Sequence[Hour]:
    """The hours shown, oldest first: one in which nothing came stands among them with zeros."""
    known: Mapping[datetime, Hour] = {hour_of(hour.begins): hour for hour in counted}
    shown = (first_shown(now) + n * HOUR for n in range(HOURS_SHOWN))
    return [known.get(begins) or Hour(begins) for begins in shown]


def pace_seconds(first: datetime | None, last: datetime | None, calls: int) -> int | None:
    """How many seconds usually pass from one call to the next: the mean over the days before the last call.

    first: the hour of the oldest call that is looked at. last: when the source was last heard. None where the calls
    are too few to be a habit.
    """
    if first is None or last is None or calls < LEAST_CALLS:
        return None
    return max(1, int((last - first).total_seconds()) // calls)
