"""What a changed calendar would move: due times, breaches, closed months. Nothing is stored; both texts are measured.

Instants: whole seconds since 1970 (UTC). Source: SLA semantics, rules 5, 20 and 23.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.sla.calendars.rules.compiled import CompiledCalendar, Interval
from services.sla.clocks.rules import Calendars, Cycle, FoldedTarget, cut, measure_many
from services.sla.periods.rules import JudgedCycle, Period, judge_cycles

_NEVER = 2**62


class Move(StrEnum):
    """What becomes of a cycle; a breach that comes or goes is told rather than its due time."""

    VANISHES = "breach_vanishes"
    APPEARS = "breach_appears"
    LATER = "later"
    EARLIER = "earlier"


@dataclass(frozen=True)
class TicketFold:
    """A ticket as it is stored: its fold, and under which agreement."""

    source: str
    ticket: str
    agreement: str
    targets: tuple[FoldedTarget, ...]


@dataclass(frozen=True)
class MovedCycle:
    """One cycle that the change would move, as it is and as it would be."""

    source: str
    ticket: str
    target: str
    move: Move
    before: Cycle
    after: Cycle


def changed_span(before: CompiledCalendar, after: CompiledCalendar, a: int, b: int) -> Interval | None:
    """From the first to the last second between `a` and `b` that one of the calendars works and the other may not.
    None where both work the same: another name, or another last known day, moves nothing."""
    differing = set(before.windows(a, b)) ^ set(after.windows(a, b))
    if not differing:
        return None
    return min(start for start, _end in differing), max(end for _start, end in differing)


def moved(tickets: Sequence[TicketFold], before: Calendars, after: Calendars, now: int) -> list[MovedCycle]:
    """The cycles that would be otherwise, breaches first."""
    found = [
        MovedCycle(ticket.source, ticket.ticket, target.target, move, was, would)
        for ticket, target, was_cycles, would_cycles in _both(tickets, before, after, now)
        for was, would in zip(was_cycles, would_cycles, strict=True)
        if (move := _move(was, would)) is not None
    ]
    return sorted(found, key=lambda one: list(Move).index(one.move))


def _move(was: Cycle, would: Cycle) -> Move | None:
    if was.breached_at is not None and would.breached_at is None:
        return Move.VANISHES
    if was.breached_at is None and would.breached_at is not None:
        return Move.APPEARS
    if not was.state.is_open or was.due_at == would.due_at:
        return None
    later = (would.due_at or _NEVER) > (was.due_at or _NEVER)
    return Move.LATER if later else Move.EARLIER


def restatable(
    tickets: Sequence[TicketFold], before: Calendars, after: Calendars, closed: Sequence[tuple[str, Period]]
) -> list[tuple[str, Period]]:
    """Those of the closed periods (agreement and month) that would be judged otherwise, each as of its own end."""
    return [(agreement, month) for agreement, month in closed if _differs(tickets, before, after, agreement, month)]


def _differs(tickets: Sequence[TicketFold], before: Calendars, after: Calendars, agreement: str, month: Period) -> bool:
    """Whether any outcome in the month changes. Exclusions are the same in both looks, so they decide nothing."""
    as_of_end = [
        TicketFold(one.source, one.ticket, agreement, tuple(cut(target, month.ends) for target in one.targets))
        for one in tickets
        if one.agreement == agreement
    ]
    return any(
        _outcomes(month, ticket, target, was) != _outcomes(month, ticket, target, would)
        for ticket, target, was, would in _both(as_of_end, before, after, month.ends)
    )


def _outcomes(month: Period, ticket: TicketFold, target: FoldedTarget, cycles: list[Cycle]) -> list[tuple[object, ...]]:
    judged: list[JudgedCycle] = judge_cycles(month, ticket.source, ticket.ticket, target.target, cycles)
    return [(cycle.cycle, cycle.outcome) for cycle in judged]


def _both(
    tickets: Sequence[TicketFold], before: Calendars, after: Calendars, as_of: int
) -> Iterator[tuple[TicketFold, FoldedTarget, list[Cycle], list[Cycle]]]:
    """Every target of every ticket with its cycles by either text."""
    placed = [(ticket, target) for ticket in tickets for target in ticket.targets]
    folds = [target for _ticket, target in placed]
    measured = zip(measure_many(folds, before, as_of), measure_many(folds, after, as_of), strict=True)
    for (ticket, target), (was, would) in zip(placed, measured, strict=True):
        yield ticket, target, was, would
