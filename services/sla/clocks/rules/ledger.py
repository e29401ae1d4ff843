"""The ledger: every second of a cycle in exactly one row, told what it was and why. Derived on reading.

Instants: whole seconds since 1970 (UTC). Source: SLA semantics, rule 21.
"""

from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise

import msgspec

from services.sla.calendars.rules import CompiledCalendar
from services.sla.clocks.rules.cycles import Cycle
from services.sla.clocks.rules.measuring import Calendars
from services.sla.clocks.rules.segments import FoldedCycle, Mode


class Kind(StrEnum):
    """What a stretch of a cycle was."""

    WORKING = "working"
    PAUSED = "paused"
    STOPPED = "stopped"
    CLOSED = "closed"


class Row(msgspec.Struct, frozen=True):
    """A stretch of one kind. label: why it is closed (`no_hours`, `outside_hours`, or the day's name).

    reason, event_id, actor: what paused or stopped it, and who.
    """

    begins: int
    ends: int
    kind: Kind
    label: str | None = None
    reason: str | None = None
    event_id: str | None = None
    actor: str | None = None

    @property
    def seconds(self) -> int:
        return self.ends - self.begins


class Ledger(msgspec.Struct, frozen=True):
    """The rows of a cycle, in order; they sum to `wall_seconds`, those that are working to the elapsed time."""

    wall_seconds: int
    rows: list[Row]

    @property
    def sums(self) -> dict[Kind, int]:
        """Seconds of each kind, those without a row as 0."""
        sums = dict.fromkeys(Kind, 0)
        for row in self.rows:
            sums[row.kind] += row.seconds
        return sums


def ledger(folded: FoldedCycle, cycle: Cycle, calendars: Calendars, as_of: int) -> Ledger:
    """The rows of a cycle from its start to its end, or to the instant of looking. cycle: its measure as of then."""
    calendar = calendars[cycle.calendar]
    ends = as_of if cycle.ended_at is None else cycle.ended_at
    begins = cycle.started_at
    rows: list[Row] = []
    at = begins
    stretches = list(_stretches(folded, ends))
    for opens, closes in calendar.windows(begins, ends):
        rows.extend(_closed(calendar, at, opens))
        _fill(rows, stretches, opens, closes)
        at = closes
    rows.extend(_closed(calendar, at, ends))
    return Ledger(ends - begins, rows)


def _stretches(folded: FoldedCycle, ends: int) -> Iterator[Row]:
    """What the cycle did from mark to mark, whatever the calendar."""
    marks = folded.marks
    for place, mark in enumerate(marks):
        until = min(marks[place + 1].at if place + 1 < len(marks) else ends, ends)
        if until <= mark.at:
            continue
        if mark.mode == Mode.STANDING:
            yield Row(mark.at, until, Kind.PAUSED, None, mark.reason, mark.event_id, mark.actor)
        elif mark.mode == Mode.STOPPED and not folded.count_stopped:
            yield Row(mark.at, until, Kind.STOPPED, None, mark.reason, mark.event_id, mark.actor)
        else:
            yield Row(mark.at, until, Kind.WORKING)


def _fill(rows: list[Row], stretches: list[Row], opens: int, closes: int) -> None:
    """The stretches inside one window; equal neighbours become one row."""
    for stretch in stretches:
        begins, ends = max(stretch.begins, opens), min(stretch.ends, closes)
        if begins >= ends:
            continue
        row = msgspec.structs.replace(stretch, begins=begins, ends=ends)
        if rows and rows[-1].ends == begins and _alike(rows[-1], row):
            row = msgspec.structs.replace(row, begins=rows.pop().begins)
        rows.append(row)


def _alike(one: Row, other: Row) -> bool:
    return (one.kind, one.reason, one.event_id, one.actor) == (other.kind, other.reason, other.event_id, other.actor)


def _closed(calendar: CompiledCalendar, begins: int, ends: int) -> Iterator[Row]:
    """Closed time, a row for each local day."""
    if begins >= ends:
        return
    edges = [begins, *calendar.midnights(begins, ends), ends]
    for start, end in pairwise(edges):
        if start < end:  # a zone that skips a day has two midnights at one instant
            yield Row(start, end, Kind.CLOSED, calendar.closed_label(start))
