"""The measure of thousands of tickets at once, with the results of `measure` to the second.

The mass is simple: one goal from a cycle's start to its end, and no reopening. Its segments lie end to
end in arrays, a calendar at a time, and every question is asked once for all. The others are measured one by one.
Instants are whole seconds since 1970 (UTC). Source: SLA semantics, rules 6, 15, 17 and 18.
"""

from collections.abc import Sequence

import numpy as np

from services.sla.calendars.rules import FIVE_YEARS, CompiledCalendar
from services.sla.calendars.rules.compiled import NONE
from services.sla.calendars.rules.lookup import Ints
from services.sla.clocks.rules.cycles import Cycle, State, Warning
from services.sla.clocks.rules.measuring import RUNNING, STANDING, STOPPED, Calendars, measure_cycle
from services.sla.clocks.rules.segments import FoldedCycle, FoldedTarget, Mode

_NEVER = 2**62  # later than any instant
_STATES = {
    RUNNING: State.RUNNING,
    STANDING: State.PAUSED,
    int(Mode.CANCELLED): State.CANCELLED,
    int(Mode.RESET): State.RESET,
}


def measure_many(folds: Sequence[FoldedTarget], calendars: Calendars, as_of: int) -> list[list[Cycle]]:
    """The cycles of each fold, in order of number. as_of: not before the instant that any fold was made for."""
    groups: dict[str, _Group] = {}
    measured: list[list[Cycle]] = []
    for folded in folds:
        cycles: list[Cycle] = []
        measured.append(cycles)
        for place, cycle in enumerate(folded.cycles):
            code = _simple(cycle, folded.ends_at, as_of)
            if code is None:
                cycles.append(measure_cycle(cycle, folded, calendars, as_of))
                continue
            group = groups.get(code)
            if group is None:
                group = groups[code] = _Group(code, calendars[code], as_of)
            group.add(cycle, folded, cycles, place)
    for group in groups.values():
        group.measure()
    return measured


def _simple(cycle: FoldedCycle, ends_at: int | None, as_of: int) -> str | None:
    """The code of the calendar of a cycle that arrays can measure, None for one that they cannot."""
    marks = cycle.marks
    goal, last = marks[0].goal, marks[-1]
    if len(marks) > 2:
        for mark in marks[:-1]:
            if mark.goal != goal or mark.mode == STOPPED:
                return None
    if last.goal != goal:
        return None
    if ends_at is not None and ends_at <= as_of and (last.mode <= STANDING or last.at >= ends_at):
        return None
    return cycle.goals[goal].calendar


class _Group:
    """The simple cycles that one calendar judges. Per cycle its first run and stand in the arrays, and its last run."""

    def __init__(self, code: str, calendar: CompiledCalendar, as_of: int) -> None:
        self._code, self._calendar, self._as_of = code, calendar, as_of
        self._cycles: list[tuple[FoldedCycle, FoldedTarget, list[Cycle], int]] = []
        self._run_starts: list[int] = []
        self._run_ends: list[int] = []
        self._stand_starts: list[int] = []
        self._stand_ends: list[int] = []
        self._first_runs: list[int] = []
        self._first_stands: list[int] = []
        self._goals: list[int] = []  # _NEVER where it is not rated
        self._modes: list[int] = []
        self._stood: list[bool] = []
        self._ended: list[int] = []  # _NEVER while open

    def add(self, cycle: FoldedCycle, folded: FoldedTarget, into: list[Cycle], place: int) -> None:
        """One cycle; its measure goes to `place` of `into`."""
        self._first_runs.append(len(self._run_starts))
        self._first_stands.append(len(self._stand_starts))
        mode, since = -1, 0
        stood = False
        for mark in cycle.marks:
            following = mark.mode
            if following == mode:
                continue
            if mode == RUNNING:
                self._run_ends.append(mark.at)
            elif mode == STANDING:
                self._stand_ends.append(mark.at)
            if following == RUNNING:
                self._run_starts.append(mark.at)
            elif following == STANDING:
                self._stand_starts.append(mark.at)
            stood = mode == STANDING
            mode, since = following, mark.at
        if mode == RUNNING:
            self._run_ends.append(self._as_of)
        elif mode == STANDING:
            self._stand_ends.append(self._as_of)
        seconds = cycle.goals[cycle.marks[0].goal].seconds
        self._goals.append(_NEVER if seconds is None else seconds)
        self._modes.append(mode)
        self._stood.append(mode == STANDING or (mode > STANDING and stood))
        self._ended.append(_NEVER if mode <= STANDING else since)
        into.append(_PLACE_HOLDER)
        self._cycles.append((cycle, folded, into, place))

    def measure(self) -> None:
        """All questions, each once for the whole group; then a `Cycle` for each."""
        runs = _Runs(self._calendar, self._run_starts, self._run_ends, self._first_runs)
        stands = _Runs(self._calendar, self._stand_starts, self._stand_ends, self._first_stands)
        goals, ended = np.array(self._goals, dtype=np.int64), np.array(self._ended, dtype=np.int64)
        running = np.array(self._modes, dtype=np.int64) == RUNNING
        rated, elapsed = goals < _NEVER, runs.totals
        breached_at = np.full(len(goals), NONE, dtype=np.int64)
        over = np.flatnonzero(rated & (elapsed > goals))
        breached_at[over] = runs.last_instants(over, goals[over])
        due = np.full(len(goals), NONE, dtype=np.int64)
        dated = np.flatnonzero(rated & ~np.array(self._stood, dtype=bool))
        due[dated] = self._within_reach(dated, runs.first_instants(dated, goals[dated]))
        ahead = np.full(len(goals), NONE, dtype=np.int64)
        coming = np.flatnonzero(rated & running & (elapsed <= goals))
        ahead[coming] = runs.last_instants_ahead(coming, goals[coming])
        before = np.minimum(ended, np.where(breached_at == NONE, _NEVER, breached_at))
        warnings = self._warnings(runs, goals, before, (ended == _NEVER) & (breached_at == NONE))
        columns = np.column_stack((goals, ended, elapsed, stands.totals, due, breached_at, ahead)).tolist()
        found = zip(self._cycles, self._modes, columns, warnings, strict=True)
        for (cycle, folded, into, place), mode, measured, told in found:
            if mode == RUNNING and any(warning.at is None for warning in told):  # out of reach of `due`: one by one
                into[place] = measure_cycle(cycle, folded, {self._code: self._calendar}, self._as_of)
            else:
                into[place] = self._built(cycle, folded, mode, measured, told)

    def _warnings(self, runs: "_Runs", goals: Ints, before: Ints, waiting: Ints) -> list[list[Warning]]:
        """At-risk instants of each cycle, none from `before` on. waiting: which cycles have some to come."""
        found: list[list[Warning]] = [[] for _ in self._cycles]
        standing = np.array(self._modes, dtype=np.int64) == STANDING
        for percent in sorted({percent for cycle, *_ in self._cycles for percent in cycle.warn_at}):
            asked = np.array([percent in cycle.warn_at for cycle, *_ in self._cycles], dtype=bool) & (goals < _NEVER)
            thresholds = -(-percent * np.minimum(goals, _NEVER // 100) // 100)
            reached = runs.totals >= thresholds
            places = np.flatnonzero(asked & (waiting | reached))
            instants = np.full(len(places), NONE, dtype=np.int64)
            passed, ahead = reached[places], ~(reached | standing)[places]
            instants[passed] = runs.last_instants(places[passed], thresholds[places[passed]] - 1) + 1
            coming = places[ahead]
            instants[ahead] = self._within_reach(coming, runs.first_instants(coming, thresholds[coming]))
            for place, at in zip(places.tolist(), instants.tolist(), strict=True):
                if at == NONE:
                    found[place].append(Warning(percent, None))
                elif at < before[place]:
                    found[place].append(Warning(percent, at))
        return found

    def _within_reach(self, places: Ints, instants: Ints) -> Ints:
        """The instants, NONE for those that lie more than five years after the start of their cycles."""
        starts = np.array([self._cycles[place][0].marks[0].at for place in places.tolist()], dtype=np.int64)
        return np.where(instants - starts > FIVE_YEARS, NONE, instants)

    def _built(
        self, cycle: FoldedCycle, folded: FoldedTarget, mode: int, measured: list[int], warnings: list[Warning]
    ) -> Cycle:
        goal, ended, elapsed, paused, due, breached, ahead = measured
        rated, breached_at = goal < _NEVER, None if breached == NONE else breached
        due_at = None if due == NONE else due
        if mode == STOPPED:
            met = State.MET if rated else State.NOT_RATED
            state = met if breached_at is None else State.BREACHED
        else:
            state = _STATES[mode]
        return Cycle(
            cycle=cycle.number,
            version=cycle.version,
            state=state,
            started_at=cycle.marks[0].at,
            ended_at=None if ended == _NEVER else ended,
            goal_seconds=goal if rated else None,
            calendar=self._code,
            elapsed_seconds=elapsed,
            paused_seconds=paused,
            remaining_seconds=goal - elapsed if rated else None,
            due_at=due_at,
            breached_at=breached_at,
            provisional=due_at is not None and self._calendar.provisional(due_at),
            warnings=warnings,
            next_transition=self._next(mode, folded, breached_at, ahead, warnings),
        )

    def _next(
        self, mode: int, folded: FoldedTarget, breached_at: int | None, ahead: int, warnings: list[Warning]
    ) -> int | None:
        found = []
        if mode <= STANDING and breached_at is None:
            found = [w.at for w in warnings if w.at is not None and w.at > self._as_of]
            if ahead != NONE:
                found.append(ahead + 1)
            if folded.ends_at is not None and folded.ends_at > self._as_of:
                found.append(folded.ends_at)
        if folded.next_event_at is not None and folded.next_event_at > self._as_of:
            found.append(folded.next_event_at)
        return min(found, default=None)


class _Runs:
    """Stretches of many cycles, end to end, with what was worked in them. `totals`: of each cycle.

    One running sum goes through all of them, so that one binary search finds in which stretch a cycle reaches a goal.
    """

    def __init__(self, calendar: CompiledCalendar, starts: list[int], ends: list[int], firsts: list[int]) -> None:
        self._calendar = calendar
        self._starts = np.array(starts, dtype=np.int64)
        self._sums = np.zeros(len(starts) + 1, dtype=np.int64)  # worked before each stretch, and at the very end
        worked = calendar.working_seconds_many(self._starts, np.array(ends, dtype=np.int64))
        np.cumsum(worked, out=self._sums[1:])
        bounds = np.array([*firsts, len(starts)], dtype=np.int64)
        self._lasts = bounds[1:] - 1  # the last stretch of each cycle; of a cycle without one it is never asked for
        self._bases = self._sums[bounds[:-1]]
        self.totals: Ints = self._sums[bounds[1:]] - self._bases

    def first_instants(self, cycles: Ints, goals: Ints) -> Ints:
        """The earliest instants at which cycles have elapsed so much, the last stretch going on if it must; or NONE."""
        needs = self._bases[cycles] + goals
        stretches = np.minimum(np.searchsorted(self._sums[1:], needs, side="left"), self._lasts[cycles])
        return self._calendar.due_many(self._starts[stretches], needs - self._sums[stretches])

    def last_instants(self, cycles: Ints, goals: Ints) -> Ints:
        """The last instants at which cycles that have elapsed more had elapsed no more than so much."""
        needs = self._bases[cycles] + goals
        stretches = np.searchsorted(self._sums[1:], needs, side="right")
        return self._calendar.last_instant_at_many(self._starts[stretches], needs - self._sums[stretches])

    def last_instants_ahead(self, cycles: Ints, goals: Ints) -> Ints:
        """The same for cycles that have not elapsed more: in their last stretch, which goes on; or NONE."""
        stretches = self._lasts[cycles]
        needs = self._bases[cycles] + goals
        return self._calendar.last_instant_at_many(self._starts[stretches], needs - self._sums[stretches])


_PLACE_HOLDER = Cycle(0, 0, State.RUNNING, 0, None, None, "", 0, 0, None, None, None, False, [], None)
