"""The fold: a ticket's effective events and an agreement become calendar-free segments.

No calendar is asked here, though an agreement's end cuts only cycles that have not breached: after that end nothing
opens, so the fold goes on as if the cycle had breached, and the measure leaves the rest out where it had not.
Source: SLA semantics, rules 12 to 16 and 19.
"""

from collections.abc import Iterable, Iterator, Sequence

from services.sla.agreements.rules import Agreement, Value
from services.sla.clocks.rules.events import Event, next_effect, seen_at
from services.sla.clocks.rules.facts import CompiledAgreement, CompiledTarget, Facts, FactsByVersion, compiled_agreement
from services.sla.clocks.rules.segments import FoldedCycle, FoldedTarget, Mark, Mode

RUNNING, STANDING = int(Mode.RUNNING), int(Mode.STANDING)
STOPPED, CANCELLED, RESET = int(Mode.STOPPED), int(Mode.CANCELLED), int(Mode.RESET)
NO_CYCLE = -1

Step = tuple[Event, FactsByVersion, FactsByVersion, int | None]
"""An event, what the conditions say after it and after the event before, and the place of the version in force."""


def fold(effective: Sequence[Event], agreement: Agreement, as_of: int, fraction: int = 0) -> tuple[FoldedTarget, ...]:
    """The segments of each target of the agreement, as of an instant (whole seconds since 1970, and microseconds).

    effective: the ticket's events as `effective_events` gives them; those after the instant have no effect yet.
    """
    compiled = compiled_agreement(agreement)
    ahead = None
    if effective and (effective[-1].at, effective[-1].fraction) > (as_of, fraction):
        ahead = next_effect(effective, as_of, fraction)
        effective = seen_at(effective, as_of, fraction)
    steps = _steps(effective, compiled)
    ends_at = agreement.ends_at
    folded = []
    for track, key in enumerate(compiled.keys):
        clock = Clock(compiled, track)
        for step in steps:
            clock.take(step)
        folded.append(FoldedTarget(key, clock.cycles, ends_at, ahead))
    return tuple(folded)


def every_step(seen: Iterable[Event], compiled: CompiledAgreement) -> Iterator[Step]:
    """All events in order, with what the conditions say."""
    fields = compiled.fields
    in_force = compiled.agreement.place_in_force
    values: list[Value | None] = [None] * len(fields)
    before = facts = compiled.facts(values)
    for event in seen:
        changed = False
        for name, value in event.attributes.items():
            place = fields.get(name)
            if place is not None and values[place] is not value:
                values[place] = value
                changed = True
        if changed:
            facts = compiled.facts(values)
        yield event, facts, before, in_force(event.at)
        before = facts


def _steps(seen: Iterable[Event], compiled: CompiledAgreement) -> list[Step]:
    """The events that can change a clock: the first, and those that change an attribute of a condition or are the first
    in force, or no longer in force. Any other finds each clock as the event before has left it.

    Not so where there are several versions: a cycle that a reset opens in the next one may be stopped by its conditions
    at the next event, whatever that says.
    """
    steps = every_step(seen, compiled)
    if len(compiled.agreement.versions) > 1:
        return list(steps)
    kept: list[Step] = []
    last: int | None = -1
    for step in steps:
        _event, facts, before, version = step
        if facts is not before or version != last:
            kept.append(step)
            last = version
    return kept


class Clock:
    """One target's clock while the events of a ticket pass by. `cycles`: what it leaves."""

    __slots__ = ("_compiled", "_goal", "_marks", "_mode", "_stands_by", "_target", "_track", "_version", "cycles")

    def __init__(self, compiled: CompiledAgreement, track: int) -> None:
        self.cycles: list[FoldedCycle] = []
        self._compiled, self._track = compiled, track
        self._mode = NO_CYCLE
        self._version = -1  # the place of the version that judges the present cycle
        self._goal = -1
        self._marks: list[Mark] = []
        self._target: CompiledTarget
        self._stands_by: tuple[str, str | None, str | None]  # the event that the standing is owed to, who, and why

    @property
    def is_open(self) -> bool:
        return RUNNING <= self._mode <= STANDING

    @property
    def version(self) -> int:
        """The place of the version that judges the present cycle."""
        return self._version

    @property
    def stays_ended(self) -> bool:
        """Whether the cycle was stopped and its target says that it never opens again."""
        return self._mode == STOPPED and not (self._target.continues or self._target.opens_new)

    def take(self, step: Step) -> None:
        """One event, in the order that rule 13 gives."""
        event, facts, before, version = step
        track = self._track
        forced = None if version is None else facts[version][track]
        if RUNNING <= self._mode <= STANDING:
            own, former = facts[self._version][track], before[self._version][track]
            if own is not None and former is not None:
                self._while_open(step, own, former, forced)
        if version is not None and not RUNNING <= self._mode <= STANDING:
            self._while_ended(event, facts, forced, version)

    def _while_open(self, step: Step, own: Facts, former: Facts, forced: Facts | None) -> None:
        event, _facts, before, version = step
        if own.stop:
            self._end(event, STOPPED, own.stop_reason)
        elif own.cancels:
            self._end(event, CANCELLED, None)
        else:
            goal = self._goal if self._target.keeps else own.goal
            restarts = (own.reset and not former.reset) or (goal != self._goal and self._target.restarts)
            if not restarts:
                self._go_on(event, own, former, goal)
            elif forced is not None and version is not None:
                self._restart(event, forced, before[version][self._track], version)
            else:  # in a gap and after the end nothing restarts: the cycle runs through
                self._go_on(event, own, former, self._goal if self._target.restarts else goal)

    def _go_on(self, event: Event, own: Facts, former: Facts, goal: int) -> None:
        """The same cycle: another goal, a pause, a resumption, or another reason to stand."""
        mode = self._mode
        if mode == STANDING:
            if own.resumes:
                self._mark(event, RUNNING, goal)
            elif own.waits != former.waits:
                self._stand(event, own, goal)
            elif goal != self._goal:
                self._mark_standing(event, goal)
        elif own.pause:
            self._stand(event, own, goal)
        elif goal != self._goal:
            self._mark(event, RUNNING, goal)

    def _restart(self, event: Event, forced: Facts, former: Facts | None, version: int) -> None:
        """This cycle ends as *reset*, the next opens here, and stands on where this one stood. former: what the next
        one's conditions said after the event before."""
        stood = self._mode == STANDING
        self._end(event, RESET, None)
        self._begin(version)
        if stood and not forced.resumes:
            if former is None or forced.waits != former.waits:
                self._stand(event, forced, forced.goal)
            else:
                self._mark_standing(event, forced.goal)
        elif forced.pause:
            self._stand(event, forced, forced.goal)
        else:
            self._mark(event, RUNNING, forced.goal)

    def _while_ended(self, event: Event, facts: FactsByVersion, forced: Facts | None, version: int) -> None:
        """Without an open cycle, in force: the ended one goes on, or one opens."""
        mode = self._mode
        if mode == STOPPED and self._target.continues:
            own = facts[self._version][self._track]
            if own is None or not own.opens_again:
                return
            if own.goal == self._goal or not self._target.restarts:
                self._run_or_stand(event, own, self._goal if self._target.keeps else own.goal)
                return
        if forced is None or not forced.starts:
            return
        if mode == NO_CYCLE or not (forced.stop or self.stays_ended):
            self._open(event, forced, version)

    def _open(self, event: Event, forced: Facts, version: int) -> None:
        self._begin(version)
        self._run_or_stand(event, forced, forced.goal)
        if forced.stop:
            self._end(event, STOPPED, forced.stop_reason)

    def _begin(self, version: int) -> None:
        target = self._compiled.targets[version][self._track]
        if target is None:
            raise LookupError("the version in force lacks the target that it was asked for")
        self._target, self._version, self._marks = target, version, []
        number = self._compiled.agreement.versions[version].number
        self.cycles.append(
            FoldedCycle(
                len(self.cycles) + 1,
                number,
                target.goals,
                self._marks,
                target.target.warn_at,
                target.target.count_stopped,
            )
        )

    def _run_or_stand(self, event: Event, own: Facts, goal: int) -> None:
        if own.pause:
            self._stand(event, own, goal)
        else:
            self._mark(event, RUNNING, goal)

    def _stand(self, event: Event, own: Facts, goal: int) -> None:
        """From here on the standing is owed to this event."""
        self._stands_by = event.event_id, event.actor, own.waits_for
        self._mark_standing(event, goal)

    def _mark_standing(self, event: Event, goal: int) -> None:
        event_id, actor, reason = self._stands_by
        self._mode, self._goal = STANDING, goal
        self._marks.append(Mark(event.at, STANDING, goal, event_id, actor, reason, event.fraction))

    def _mark(self, event: Event, mode: int, goal: int) -> None:
        self._mode, self._goal = mode, goal
        self._marks.append(Mark(event.at, mode, goal, event.event_id, event.actor, None, event.fraction))

    def _end(self, event: Event, mode: int, reason: str | None) -> None:
        self._mode = mode
        self._marks.append(Mark(event.at, mode, self._goal, event.event_id, event.actor, reason, event.fraction))
