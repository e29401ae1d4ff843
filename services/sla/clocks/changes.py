"""What an evaluation has found that was not known before: cycles, breaches, transitions, and periods to look at again.

Source: SLA semantics, rules 14, 18, 20, 22 and 23.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from services.kernel.ids import uuid7
from services.sla.agreements.queries import Judging
from services.sla.clocks.claims import Key
from services.sla.clocks.loading import BreachRow, CycleRow, Known
from services.sla.clocks.rules import (
    BreachChange,
    BreachState,
    Calendars,
    Cycle,
    Event,
    State,
    breach_changes,
    causing_event,
    effective_events,
    fold,
    is_sent,
    made_known_at,
    measure,
    named_agreement,
    seen_at,
    transitions,
)
from services.sla.clocks.rules.transitions import BREACH, LONGEST_BACK
from services.sla.periods.rules import period_at

if TYPE_CHECKING:
    from services.sla.clocks.evaluation import Evaluated


ZONES_APART = 86_400
"""Seconds. No zone's clocks stand a whole day behind UTC."""


@dataclass(frozen=True, slots=True)
class NewTransition:
    """A share of the goal was reached; told to others where `sent`."""

    key: Key
    ticket_id: UUID
    judging: Judging
    target: str
    cycle: int
    name: str
    percent: int
    at: int
    sent: bool


@dataclass(frozen=True, slots=True)
class BreachWrite:
    """A breach as it is now: a new one where `number` is None. event_id: what made it so. told: whether others hear.

    judging, period: None for one that is withdrawn, which keeps what it had.
    """

    id: UUID
    number: str | None
    version: int
    key: Key
    target: str
    cycle: int
    judging: Judging | None
    state: str
    breached_at: int
    period: str | None
    event_id: str | None
    sent: bool
    told: bool


@dataclass
class Changes:
    """All that is to be written for one claim. recheck: agreement → the earliest month that may look different."""

    as_of: int
    cycles: list[tuple[Key, CycleRow]] = field(default_factory=list)
    withdrawn: list[tuple[Key, str, int]] = field(default_factory=list)
    transitions: list[NewTransition] = field(default_factory=list)
    breaches: list[BreachWrite] = field(default_factory=list)
    recheck: dict[UUID, str] = field(default_factory=dict)

    def look_again(self, agreement_id: UUID, month: str) -> None:
        """The agreement's closed periods from this month on."""
        self.recheck[agreement_id] = min(month, self.recheck.get(agreement_id, month))


def compare(
    one: "Evaluated", known: Known, changes: Changes, versions: Mapping[str, int], calendars: Calendars
) -> None:
    """Add to `changes` what is new about a ticket. versions: the present version of each calendar."""
    _periods(one, changes)
    _cycles(one, known, changes, versions)
    judge = _Judge(one, calendars, changes.as_of)
    _breaches(one, known, changes, judge)
    if one.judging is not None:
        _transitions(one, one.judging, known, changes, judge)


def _cycles(one: "Evaluated", known: Known, changes: Changes, versions: Mapping[str, int]) -> None:
    same_fold = one.held.fold == one.fold
    measured: set[tuple[str, int]] = set()
    if one.judging is not None:
        for target, cycles in one.cycles.items():
            for cycle in cycles:
                place = target, cycle.cycle
                measured.add(place)
                before = known.cycles.get(place)
                row = _row(target, cycle, one.judging, versions[cycle.calendar], before)
                if before is None or not _alike(before, row, same_fold):
                    by_time_alone = before is not None and same_fold and one.swept_at is None
                    version = 1 if before is None else before.version + (0 if by_time_alone else 1)
                    changes.cycles.append((one.held.key, row._replace(version=version)))
    for place, before in known.cycles.items():
        if place not in measured and before.state != State.WITHDRAWN:
            changes.withdrawn.append((one.held.key, *place))


def _row(target: str, cycle: Cycle, judging: Judging, calendar_version: int, before: CycleRow | None) -> CycleRow:
    return CycleRow(
        target, cycle.cycle, judging.id, judging.supplier_id, str(cycle.state), cycle.started_at, cycle.ended_at,
        cycle.goal_seconds, cycle.elapsed_seconds, cycle.paused_seconds, cycle.due_at, cycle.breached_at,
        cycle.provisional, tuple((warning.percent, warning.at) for warning in cycle.warnings), cycle.version,
        cycle.calendar, calendar_version, 0 if before is None else before.version,
    )  # fmt: skip


def _alike(before: CycleRow, row: CycleRow, same_fold: bool) -> bool:
    """What has run on in an open clock that nothing happened to is computed on reading, not written."""
    if same_fold and row.ended_at is None and before.calendar_version == row.calendar_version:
        row = row._replace(elapsed_seconds=before.elapsed_seconds, paused_seconds=before.paused_seconds)
    return before == row


def _breaches(one: "Evaluated", known: Known, changes: Changes, judge: "_Judge") -> None:
    standing = {
        place: breach.breached_at for place, breach in known.breaches.items() if breach.state != BreachState.WITHDRAWN
    }
    moved = [place for place in standing if known.breaches[place].agreement_id != one.agreement_id]
    for change in breach_changes(standing, one.cycles, moved):
        place = change.target, change.cycle
        before = known.breaches.get(place)
        if change.state == BreachState.WITHDRAWN:
            if before is not None:
                changes.breaches.append(_withdrawn(one, change, before, judge))
        elif one.judging is not None:
            changes.breaches.append(_standing(one, one.judging, change, before, judge))


def _withdrawn(one: "Evaluated", change: BreachChange, before: BreachRow, judge: "_Judge") -> BreachWrite:
    return BreachWrite(
        before.id, before.number, before.version + 1, one.held.key, change.target, change.cycle, None,
        BreachState.WITHDRAWN, before.breached_at, None, judge.cause(change), before.sent, told=before.sent,
    )  # fmt: skip


def _standing(
    one: "Evaluated", judging: Judging, change: BreachChange, before: BreachRow | None, judge: "_Judge"
) -> BreachWrite:
    cycle = next(cycle for cycle in one.cycles[change.target] if cycle.cycle == change.cycle)
    sent = judge.is_sent(change.target, cycle, BREACH, change.breached_at)
    excluded = before is not None and before.excluded
    return BreachWrite(
        uuid7() if before is None else before.id, None if before is None else before.number,
        1 if before is None else before.version + 1, one.held.key, change.target, change.cycle, judging,
        BreachState.EXCLUDED if excluded else BreachState.STANDING, change.breached_at,
        period_at(change.breached_at, judging.agreement.zone).label, judge.cause(change) or cycle.breach_event_id,
        # Whoever was told of it once hears how it goes on.
        sent or (before is not None and before.sent),
        told=not excluded and (sent or (before is not None and before.sent)),
    )  # fmt: skip


def _transitions(one: "Evaluated", judging: Judging, known: Known, changes: Changes, judge: "_Judge") -> None:
    for target, cycles in one.cycles.items():
        by_number = {cycle.cycle: cycle for cycle in cycles}
        for found in transitions(target, cycles, changes.as_of):
            percent = found.percent
            if percent is not None and (target, found.cycle, found.name) not in known.transitions:
                sent = judge.is_sent(target, by_number[found.cycle], found.name, found.at)
                changes.transitions.append(
                    NewTransition(
                        one.held.key, one.held.id, judging, target, found.cycle, found.name, percent, found.at, sent
                    )
                )


def _periods(one: "Evaluated", changes: Changes) -> None:
    """Months that are over and that what is new may reach into: from the earliest event that came, or all of them."""
    earliest = _earliest_arrival(one)
    if _has_moved(one):
        told = [event.at for event in one.effective[:1]] + ([] if earliest is None else [earliest])
        earliest = min(told, default=0)
    # Months that ended before an event named its agreement are its source's.
    for other in {one.held.agreement_id, one.of_source} - {one.agreement_id, None}:
        if other is not None and earliest is not None:  # in whatever zone it counts its months
            changes.look_again(other, period_at(max(0, earliest - ZONES_APART), "Etc/UTC").label)
    if one.judging is None:
        return
    if one.swept_at is not None and one.judging.agreement.versions:
        first: date = one.judging.agreement.versions[0].since
        changes.look_again(one.judging.id, f"{first:%Y-%m}")
    if earliest is not None and earliest <= changes.as_of:
        month = period_at(earliest, one.judging.agreement.zone)
        if month.ends <= changes.as_of:
            changes.look_again(one.judging.id, month.label)


def _has_moved(one: "Evaluated") -> bool:
    """Whether another agreement judged the ticket before."""
    return one.held.agreement_id is not None and one.held.agreement_id != one.agreement_id


def _earliest_arrival(one: "Evaluated") -> int | None:
    """The earliest instant of the events that came, and of those that they correct or withdraw."""
    if not one.arrivals:
        return None
    came = [arrival.event for arrival in one.arrivals if arrival.batch in one.arrived]
    amended = {name for event in came for name in (event.corrects, event.withdraws) if name is not None}
    if amended:
        came += [arrival.event for arrival in one.arrivals if arrival.event.event_id in amended]
    return min((event.at for event in came), default=None)


class _Judge:
    """Questions about a ticket's past that most tickets never ask."""

    def __init__(self, one: "Evaluated", calendars: Calendars, as_of: int) -> None:
        self._one, self._calendars, self._as_of = one, calendars, as_of

    def is_sent(self, target: str, cycle: Cycle, name: str, at: int) -> bool:
        """Whether a transition is told: not where it lay more than a day back when its cause was received."""
        one = self._one
        least = max(one.swept_at or 0, self._version_known(cycle))
        if one.arrivals is None:
            return is_sent(at, least) if one.swept_at is not None else True
        received = [a.event.received_at for a in one.arrivals if a.event.received_at is not None]
        if max([*received, least]) - at <= LONGEST_BACK:
            return True
        if max(min(received, default=0), least) - at > LONGEST_BACK:
            return False
        events = [arrival.event for arrival in one.arrivals]
        made = made_known_at(events, lambda known: (target, cycle.cycle, name, at) in self._happened(known))
        return is_sent(at, max(made or 0, least))

    def _version_known(self, cycle: Cycle) -> int:
        judging = self._one.judging
        return 0 if judging is None else judging.made_known.get(cycle.version, 0)

    def cause(self, change: BreachChange) -> str | None:
        """The event that came since the last evaluation and brought the change."""
        one = self._one
        if one.arrivals is None or one.held.evaluated_at is None or not one.arrived:
            return None
        if change.state == BreachState.STANDING and change.breached_at > one.held.evaluated_at:
            return None  # time brought it
        before = [arrival.event for arrival in one.arrivals if arrival.batch not in one.arrived]
        came = sorted(
            (arrival for arrival in one.arrivals if arrival.batch in one.arrived),
            key=lambda arrival: (arrival.batch, arrival.event.at, arrival.event.event_id),
        )
        wanted = change.target, change.cycle

        def look(events: list[Event]) -> object:
            if _has_moved(one):
                return named_agreement(seen_at(effective_events(events), self._as_of))
            return {at for *place, name, at in self._happened(events) if tuple(place) == wanted and name == BREACH}

        found = causing_event(before, [arrival.event for arrival in came], look)
        return None if found is None else found.event_id

    def _happened(self, events: list[Event]) -> set[tuple[str, int, str, int]]:
        """All that would have happened by now, had only these events come."""
        judging = self._one.judging
        if judging is None:
            return set()
        folded = fold(effective_events(events), judging.agreement, self._as_of)
        return {
            (target.target, found.cycle, found.name, found.at)
            for target in folded
            for found in transitions(target.target, measure(target, self._calendars, self._as_of), self._as_of)
        }
