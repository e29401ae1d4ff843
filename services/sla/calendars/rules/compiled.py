"""A calendar compiled to sorted UTC intervals with a running total: every question is a binary search.

Instants are whole seconds since 1970 (UTC), durations whole seconds. Source: SLA semantics, rules 2, 3, 5 and 6.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from math import floor
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from services.sla.calendars.rules.lookup import Ints, Lookup
from services.sla.calendars.rules.text import CalendarText
from services.sla.calendars.rules.zones import zone

FIVE_YEARS = 1_827 * 86_400
"""The longest that five calendar years can be, in seconds; `within_five_years` judges to the day."""
_SURELY_WITHIN = 1_825 * 86_400
NONE = -(2**63)
"""In arrays: there is no such instant."""

_FIRST_YEAR, _LAST_YEAR = 1960, 2210  # questions come from 1970 to 2200; five years either side, and some
_EARLIEST = int(datetime(_FIRST_YEAR, 1, 2, tzinfo=UTC).timestamp())  # a day inside, whatever the zone
_LATEST = int(datetime(_LAST_YEAR, 12, 31, tzinfo=UTC).timestamp())
_SPARE_YEARS = 2  # compiled beyond what was asked for, so that the next question seldom waits
_BLOCK = 1 << 15  # questions taken at a time: their intermediate arrays stay in the processor's cache
_DAY = timedelta(days=1)


Interval = tuple[int, int]


class OutOfReach(ValueError):
    """The instant lies before 1960 or after 2210, where no table is compiled."""


class _Table:
    """The open intervals between two instants, and how much working time has passed at the end of each.

    Entry 0 is an empty interval at `low`, so that every instant from `low` on has one that begins at or before it.
    """

    def __init__(self, first_year: int, last_year: int, low: int, high: int, intervals: list[Interval]) -> None:
        self.first_year, self.last_year = first_year, last_year
        self.low, self.high = low, high
        self.starts, self.ends, self.sums = [low], [low], [0]
        total = 0
        for start, end in intervals:
            total += end - start
            self.starts.append(start)
            self.ends.append(end)
            self.sums.append(total)
        self.total = total

    def worked(self, instant: int) -> int:
        """Working seconds from `low` to `instant`."""
        i = bisect_right(self.starts, instant) - 1
        left = self.ends[i] - instant
        return self.sums[i] - left if left > 0 else self.sums[i]

    def first_at(self, worked: int) -> int:
        """The earliest instant at which this much has passed; 0 < worked <= total."""
        i = bisect_left(self.sums, worked)
        return self.ends[i] - self.sums[i] + worked

    def last_at(self, worked: int) -> int:
        """The last instant at which no more than this has passed; 0 <= worked < total."""
        i = bisect_right(self.sums, worked)
        return self.ends[i] - self.sums[i] + worked

    @cached_property
    def arrays(self) -> "_Arrays":
        return _Arrays(self)


class _Arrays:
    """The same table for many questions at a time."""

    def __init__(self, table: _Table) -> None:
        self.low, self.high, self.total = table.low, table.high, table.total
        self._ends = np.array(table.ends, dtype=np.int64)
        self._sums = np.array(table.sums, dtype=np.int64)
        self._offsets = self._ends - self._sums  # instant = offset + worked, inside an interval
        self._by_start = Lookup(np.array(table.starts, dtype=np.int64))
        self._by_sum = Lookup(self._sums)

    def worked(self, instants: Ints) -> Ints:
        i = self._by_start.through(instants)
        i -= 1
        left = self._ends.take(i)
        left -= instants
        np.maximum(left, 0, out=left)
        return self._sums.take(i) - left

    def first_at(self, worked: Ints) -> Ints:
        return self._offsets.take(self._by_sum.below(worked), mode="clip") + worked

    def last_at(self, worked: Ints) -> Ints:
        return self._offsets.take(self._by_sum.through(worked), mode="clip") + worked


class CompiledCalendar:
    """Answers questions about one calendar text. Holds a table of some years, which grows where a question needs it.

    The table is replaced whole, so threads may share one: at worst two of them compile the same years.
    `years`: the first and the last year to compile at once; None compiles with the first question.
    All methods refuse OutOfReach for instants before 1960 or after 2210.
    """

    def __init__(self, text: CalendarText, years: tuple[int, int] | None = None) -> None:
        self.text = text
        self.zone = zone(text.zone)
        self._table = _Table(0, 0, 0, -1, [])
        if years is not None:
            self._table = _compile(text, self.zone, *years)
        known = text.known_until
        # A day beyond all that is answered here, 9999-12-31 say, is never passed.
        self._known_end = None if known is None or known.year > _LAST_YEAR else _instant(known + _DAY, 0, self.zone)

    def working_seconds(self, a: int, b: int) -> int:
        """Working seconds between two instants; 0 where b <= a."""
        if b <= a:
            return 0
        table = self._table
        if a < table.low or b > table.high:
            table = self._covering(a, b)
        return table.worked(b) - table.worked(a)

    def due(self, start: int, goal: int) -> int | None:
        """The earliest instant t with working_seconds(start, t) >= goal; None where none lies within five years.

        A goal that ends at closing time is due then, not at the next opening. A goal of 0 is due at the start itself.
        """
        if goal <= 0:
            return start
        table = self._table
        if start < table.low or start > table.high:
            table = self._covering(start, start)
        need = table.worked(start) + goal
        if need > table.total:
            table = self._covering(start, start + FIVE_YEARS)
            need = table.worked(start) + goal
            if need > table.total:
                return None
        found = table.first_at(need)
        return found if within_five_years(start, found) else None

    def latest_start(self, end: int, goal: int) -> int | None:
        """The latest instant t with working_seconds(t, end) >= goal; None where none lies within five years before."""
        if goal <= 0:
            return end
        table = self._table
        if end < table.low or end > table.high:
            table = self._covering(end, end)
        need = table.worked(end) - goal
        if need < 0:
            table = self._covering(end - FIVE_YEARS, end)
            need = table.worked(end) - goal
            if need < 0:
                return None
        found = table.last_at(need)
        return found if within_five_years(end, found) else None

    def last_instant_at(self, start: int, elapsed: int) -> int | None:
        """The last instant t with working_seconds(start, t) == elapsed: beyond it the next second is being worked.

        Where `elapsed` ends at closing that is the next opening. None where no working time follows before 2211:
        five years are no bound here, since a breach is one however late it comes.
        """
        table = self._covering(start, start)
        while (need := table.worked(start) + elapsed) >= table.total:
            if table.high >= _LATEST:
                return None
            # Twice as far each time: a goal of thousands of years must not compile the same years again and again.
            table = self._covering(start, min(2 * table.high - table.low + FIVE_YEARS, _LATEST))
        return table.last_at(need)

    def provisional(self, instant: int) -> bool:
        """Whether a due time lies beyond the last day whose public holidays are known.

        The midnight that ends that day does not: each second before it is known.
        """
        return self._known_end is not None and instant > self._known_end

    def windows(self, a: int, b: int) -> list[Interval]:
        """The open intervals between two instants, clipped to them, in order; those that touch are one."""
        if b <= a:
            return []
        table = self._covering(a, b)
        first, after = bisect_right(table.ends, a), bisect_left(table.starts, b)
        pairs = zip(table.starts[first:after], table.ends[first:after], strict=True)
        return [(max(start, a), min(end, b)) for start, end in pairs if start < end]

    def midnights(self, a: int, b: int) -> list[int]:
        """The local midnights strictly between two instants: where closed time is split. As many steps as days."""
        found, day = [], self.day_of(a) + _DAY
        while (midnight := _instant(day, 0, self.zone)) < b:
            if midnight > a:
                found.append(midnight)
            day += _DAY
        return found

    def day_of(self, instant: int) -> date:
        """The local day: the last whose midnight is not after the instant; one that comes twice means the first."""
        day = datetime.fromtimestamp(instant, self.zone).date()
        return day + _DAY if _instant(day + _DAY, 0, self.zone) <= instant else day

    def closed_label(self, instant: int) -> str:
        """Why no work is done at a closed instant: the name of a dated day without windows, else `no_hours` on a
        weekday without windows, else `outside_hours`."""
        day = self.day_of(instant)
        dated = self.text.days.get(day)
        if dated is not None:
            return "outside_hours" if dated.windows else dated.name
        return "outside_hours" if self.text.week_on(day).windows[day.weekday()] else "no_hours"

    def working_seconds_many(self, a: Ints, b: Ints) -> Ints:
        """`working_seconds` of each pair."""
        if not a.size:
            return np.empty(0, dtype=np.int64)
        arrays = self._covering(min(int(a.min()), int(b.min())), max(int(a.max()), int(b.max()))).arrays
        return _in_blocks(lambda x, y: np.maximum(arrays.worked(y) - arrays.worked(x), 0), a, b)

    def due_many(self, starts: Ints, goals: Ints) -> Ints:
        """`due` of each pair; NONE where there is none."""
        if not starts.size:
            return np.empty(0, dtype=np.int64)
        low, high = int(starts.min()), int(starts.max())
        self._covering(low, high)

        def answer(start: Ints, goal: Ints) -> Ints:
            arrays = self._table.arrays
            need = arrays.worked(start) + goal
            if int(need.max()) > arrays.total:
                arrays = self._covering(low, high + FIVE_YEARS).arrays
                need = arrays.worked(start) + goal
            found = arrays.first_at(need)
            found[(need > arrays.total) | _too_far(start, found)] = NONE
            return np.where(goal <= 0, start, found)

        return _in_blocks(answer, starts, goals)

    def latest_start_many(self, ends: Ints, goals: Ints) -> Ints:
        """`latest_start` of each pair; NONE where there is none."""
        if not ends.size:
            return np.empty(0, dtype=np.int64)
        low, high = int(ends.min()), int(ends.max())
        self._covering(low, high)

        def answer(end: Ints, goal: Ints) -> Ints:
            arrays = self._table.arrays
            need = arrays.worked(end) - goal
            if int(need.min()) < 0:
                arrays = self._covering(low - FIVE_YEARS, high).arrays
                need = arrays.worked(end) - goal
            found = arrays.last_at(need)
            found[(need < 0) | _too_far(end, found)] = NONE
            return np.where(goal <= 0, end, found)

        return _in_blocks(answer, ends, goals)

    def last_instant_at_many(self, starts: Ints, elapsed: Ints) -> Ints:
        """`last_instant_at` of each pair; NONE where there is none."""
        if not starts.size:
            return np.empty(0, dtype=np.int64)
        low = int(starts.min())
        self._covering(low, int(starts.max()))

        def answer(start: Ints, worked: Ints) -> Ints:
            arrays = self._table.arrays
            need = arrays.worked(start) + worked
            while int(need.max()) >= arrays.total and arrays.high < _LATEST:
                arrays = self._covering(low, min(2 * arrays.high - arrays.low + FIVE_YEARS, _LATEST)).arrays
                need = arrays.worked(start) + worked
            found = arrays.last_at(need)
            found[need >= arrays.total] = NONE
            return found

        return _in_blocks(answer, starts, elapsed)

    def _covering(self, a: int, b: int) -> _Table:
        """The table, grown where it does not reach from a to b. Refuses OutOfReach."""
        table = self._table
        if table.low <= a and b <= table.high:
            return table
        if a < _EARLIEST or b > _LATEST:
            raise OutOfReach(a if a < _EARLIEST else b)
        first = datetime.fromtimestamp(a - 86_400, UTC).year
        last = datetime.fromtimestamp(b + 86_400, UTC).year + _SPARE_YEARS
        if table.low <= table.high:
            first, last = min(first, table.first_year), max(last, table.last_year)
        grown = _compile(self.text, self.zone, max(first, _FIRST_YEAR), min(last, _LAST_YEAR))
        self._table = grown
        return grown


def due(calendar: CompiledCalendar, start: datetime, goal: int) -> datetime | None:
    """The earliest instant (UTC) at which `goal` working seconds have passed since `start`; a fraction of a second
    of `start` is dropped. None where none lies within five years. Refuses a `start` without a zone (ValueError)."""
    if start.tzinfo is None:
        raise ValueError("a time without a zone is no instant")
    found = calendar.due(floor(start.timestamp()), goal)
    return None if found is None else datetime.fromtimestamp(found, UTC)


def latest_start(calendar: CompiledCalendar, end: datetime, goal: int) -> datetime | None:
    """The latest instant (UTC) from which `goal` working seconds fit before `end`. Otherwise like `due`."""
    if end.tzinfo is None:
        raise ValueError("a time without a zone is no instant")
    found = calendar.latest_start(floor(end.timestamp()), goal)
    return None if found is None else datetime.fromtimestamp(found, UTC)


def working_seconds(calendar: CompiledCalendar, a: datetime, b: datetime) -> int:
    """Working seconds from `a` to `b`, 0 where b <= a; fractions are dropped first. Refuses times without a zone."""
    if a.tzinfo is None or b.tzinfo is None:
        raise ValueError("a time without a zone is no instant")
    return calendar.working_seconds(floor(a.timestamp()), floor(b.timestamp()))


def within_five_years(instant: int, other: int) -> bool:
    """Whether `other`, earlier or later, lies no further away than the same date and time (UTC) five calendar years
    on; from 29 February that is the 28th."""
    if abs(other - instant) <= _SURELY_WITHIN:
        return True
    at = datetime.fromtimestamp(instant, UTC)
    year = at.year + 5 if other > instant else at.year - 5
    leap_day = (at.month, at.day) == (2, 29)
    limit = int(at.replace(year=year, day=28 if leap_day else at.day).timestamp())
    return other <= limit if other > instant else other >= limit


def _too_far(instants: Ints, others: Ints) -> NDArray[np.bool_]:
    """Which pairs are not within five years: only those near the limit are looked at one by one."""
    far: NDArray[np.bool_] = np.abs(others - instants) > _SURELY_WITHIN
    for place in np.flatnonzero(far):
        far[place] = not within_five_years(int(instants[place]), int(others[place]))
    return far


def _in_blocks(answer: Callable[[Ints, Ints], Ints], first: Ints, second: Ints) -> Ints:
    """`answer` of both arrays, a cache-sized piece at a time. `second` may be one value for all."""
    second = np.broadcast_to(second, first.shape)
    found = np.empty(first.shape, dtype=np.int64)
    for at in range(0, len(first), _BLOCK):
        piece = slice(at, at + _BLOCK)
        found[piece] = answer(first[piece], second[piece])
    return found


def _compile(text: CalendarText, where: ZoneInfo, first_year: int, last_year: int) -> _Table:
    """The table from the local new year of `first_year` to the one after `last_year`.

    Two more days at either end are looked at: a zone that skips a day moves that day's windows into the next.
    """
    low, high = (_instant(date(year, 1, 1), 0, where) for year in (first_year, last_year + 1))
    day, last = date(first_year, 1, 1) - 2 * _DAY, date(last_year + 1, 1, 2)
    raw: list[Interval] = []
    midnight = _instant(day, 0, where)
    while day <= last:
        following = _instant(day + _DAY, 0, where)
        # A day of 24 hours has no change of the clocks in it (no zone has two that cancel out: tested). On the others
        # each end point is converted by itself.
        plain = following - midnight == 86_400
        for opens, closes in text.windows_on(day):
            start = midnight + opens * 60 if plain else _instant(day, opens, where)
            end = midnight + closes * 60 if plain else _instant(day, closes, where)
            if max(start, low) < min(end, high):
                raw.append((max(start, low), min(end, high)))
        day, midnight = day + _DAY, following
    return _Table(first_year, last_year, low, high, merged(raw))


def merged(intervals: list[Interval]) -> list[Interval]:
    """The union: those that overlap or touch become one."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _instant(day: date, minute: int, where: ZoneInfo) -> int:
    """A local time as an instant. `fold=0` is both rules at once: a time in a gap moves forward by the gap (it is read
    with the offset before), and of a time that comes twice it is the first. Minute 1440 is the next day's midnight."""
    if minute == 1440:
        day, minute = day + _DAY, 0
    return int(datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=where).timestamp())
