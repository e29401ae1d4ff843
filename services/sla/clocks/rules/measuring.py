"""The measure: a cycle's segments against calendars, as of an instant. One ticket at a time.

Instants are whole seconds since 1970 (UTC), durations whole working seconds of the calendar that judges.
Source: SLA semantics, rules 15 to 19. `measuring_many` gives the same results for thousands of tickets.
"""

from collections.abc import Mapping

from services.sla.calendars.rules import FIVE_YEARS, CompiledCalendar
from services.sla.clocks.rules.cycles import Cycle, State, Warning
from services.sla.clocks.rules.segments import FoldedCycle, FoldedTarget, Mark, Mode

Calendars = Mapping[str, CompiledCalendar]
"""By code. A calendar that a goal names and that is not here is a KeyError: agreements name none that is unknown."""

RUNNING, STANDING, STOPPED = int(Mode.RUNNING), int(Mode.STANDING), int(Mode.STOPPED)
EXPIRED = int(Mode.EXPIRED)

_ENDED = {int(Mode.CANCELLED): State.CANCELLED, int(Mode.RESET): State.RESET, EXPIRED: State.EXPIRED}


def measure(folded: FoldedTarget, calendars: Calendars, as_of: int) -> list[Cycle]:
    """The cycles of a target, in order of number. as_of: not before the instant that the fold was made for."""
    return [measure_cycle(cycle, folded, calendars, as_of) for cycle in folded.cycles]


def next_transition(folded: FoldedTarget, cycles: list[Cycle], as_of: int) -> int | None:
    """The earliest instant ahead at which time alone changes the target's clocks, also where it has none yet."""
    ahead = [cycle.next_transition for cycle in cycles if cycle.next_transition is not None]
    if folded.next_event_at is not None and folded.next_event_at > as_of:
        ahead.append(folded.next_event_at)
    return min(ahead, default=None)


def measure_cycle(cycle: FoldedCycle, folded: FoldedTarget, calendars: Calendars, as_of: int) -> Cycle:
    """One cycle as of an instant of looking."""
    tally = judged(cycle, folded.ends_at, calendars, as_of)
    ended = None if tally.mode <= STANDING else tally.at
    goal = tally.goal_seconds
    due_at = tally.due_at()
    coming = tally.coming() if ended is None else []
    return Cycle(
        cycle=cycle.number,
        version=cycle.version,
        state=tally.state(),
        started_at=cycle.marks[0].at,
        ended_at=ended,
        goal_seconds=goal,
        calendar=cycle.goals[tally.goal].calendar,
        elapsed_seconds=tally.elapsed,
        paused_seconds=tally.paused,
        remaining_seconds=None if goal is None else goal - tally.elapsed,
        due_at=due_at,
        breached_at=tally.breached_at,
        provisional=due_at is not None and tally.calendar.provisional(due_at),
        warnings=tally.warnings(ended, coming),
        next_transition=_next(tally, folded, coming, as_of),
        breach_event_id=tally.breach_event_id,
    )


def judged(cycle: FoldedCycle, ends_at: int | None, calendars: Calendars, as_of: int) -> "Tally":
    """The cycle's segments added up to the instant of looking, or to the cycle's end."""
    tally = Tally(cycle, calendars)
    expires = ends_at is not None and ends_at <= as_of
    for mark in cycle.marks:
        if expires and ends_at is not None and mark.at >= ends_at:  # the end comes before an event at that instant
            expires = False
            if tally.expired(ends_at):
                return tally
        tally.take(mark)
    if expires and ends_at is not None and tally.expired(ends_at):
        return tally
    if tally.mode <= STANDING:
        tally.pass_time(as_of)
    return tally


def _next(tally: "Tally", folded: FoldedTarget, coming: list[Warning], as_of: int) -> int | None:
    ahead = []
    if tally.mode <= STANDING and tally.breached_at is None:
        for warning in coming:
            at = warning.at if warning.at is not None else tally.reached_ahead(warning.percent)
            if at is not None and at > as_of:
                ahead.append(at)
        if folded.ends_at is not None and folded.ends_at > as_of:
            ahead.append(folded.ends_at)
        breach = tally.breach_ahead()
        if breach is not None:
            ahead.append(breach + 1)  # the first second too many is seen when it has passed
    if folded.next_event_at is not None and folded.next_event_at > as_of:
        ahead.append(folded.next_event_at)
    return min(ahead, default=None)


class Tally:
    """What has been counted in a cycle so far, while its marks pass by.

    runs, stands: the stretches of either kind, the last one ending at `at`. Counted stopped time is a run.
    """

    __slots__ = (
        "at", "before_run", "breach_event_id", "breached_at", "calendar", "calendars", "cycle", "elapsed", "goal",
        "goal_seconds", "mode", "paused", "reached", "runs", "stands", "stood", "thresholds",
    )  # fmt: skip

    def __init__(self, cycle: FoldedCycle, calendars: Calendars) -> None:
        self.cycle, self.calendars = cycle, calendars
        self.mode, self.at = int(Mode.RESET), cycle.marks[0].at  # a cycle begins where none was
        self.stood = False  # whether the cycle ended standing
        self.elapsed = self.paused = 0
        self.before_run = 0  # elapsed before the last run
        self.runs: list[tuple[int, int]] = []
        self.stands: list[tuple[int, int]] = []
        self.breached_at: int | None = None
        self.breach_event_id: str | None = None
        self.reached: dict[int, int] = {}
        self._judge_by(cycle.marks[0].goal)

    def take(self, mark: Mark) -> None:
        """An event: the time before it, then another goal, then what the cycle does from here on."""
        ran = self.mode == RUNNING
        if self.mode <= STANDING:
            self.pass_time(mark.at)
        elif self.mode == STOPPED:
            ran = True  # a stop has ended the standing: a reopened clock runs until this event pauses it
            if self.cycle.count_stopped:
                self._count_stopped(mark.at)
        if mark.goal != self.goal:
            self._change_goal(mark.goal)
        if mark.mode <= STANDING:
            self._reach_by_event(mark.at)
        else:
            self.reached = {percent: at for percent, at in self.reached.items() if at < mark.at}
        self._look_for_breach(mark, ran)
        if mark.mode == RUNNING and self.mode != RUNNING:
            self.runs.append((mark.at, mark.at))
            self.before_run = self.elapsed
        elif mark.mode == STANDING and self.mode != STANDING:
            self.stands.append((mark.at, mark.at))
        self.stood = mark.mode > STANDING and self.mode == STANDING
        self.mode, self.at = mark.mode, mark.at

    def pass_time(self, until: int) -> None:
        """The open cycle runs or stands until then."""
        if self.mode == STANDING:
            start, end = self.stands[-1]
            self.paused += self.calendar.working_seconds(end, until)
            self.stands[-1] = (start, until)
        else:
            start, end = self.runs[-1]
            worked = self.calendar.working_seconds(end, until)
            goal = self.goal_seconds
            if goal is not None:
                if self.breached_at is None and self.elapsed + worked > goal >= self.elapsed:
                    self.breached_at = self.calendar.last_instant_at(end, goal - self.elapsed)
                self._reach(end, worked)
            self.elapsed += worked
            self.runs[-1] = (start, until)
        self.at = until

    def expired(self, ends_at: int) -> bool:
        """Whether the cycle is open at the agreement's end without a breach; it ends there then."""
        if self.mode > STANDING:
            return False
        if self.breached_at is None:
            self.pass_time(ends_at)
        if self.breached_at is None:
            self.stood = self.mode == STANDING
            self.mode = EXPIRED
        return self.mode == EXPIRED

    def state(self) -> State:
        if self.mode == RUNNING:
            return State.RUNNING
        if self.mode == STANDING:
            return State.PAUSED
        if self.mode != STOPPED:
            return _ENDED[self.mode]
        if self.breached_at is not None:
            return State.BREACHED
        return State.NOT_RATED if self.goal_seconds is None else State.MET

    def due_at(self) -> int | None:
        """The earliest instant with the goal elapsed, without further pause; none where it stands or ended so."""
        goal = self.goal_seconds
        if goal is None or self.mode == STANDING or self.stood:
            return None
        if self.elapsed < goal or len(self.runs) == 1:
            return self._within_reach(self.runs[-1][0], goal - self.before_run)
        passed = 0
        for start, end in self.runs:
            worked = self.calendar.working_seconds(start, end)
            if passed + worked >= goal:
                return self._within_reach(start, goal - passed)
            passed += worked
        return None

    def coming(self) -> list[Warning]:
        """The shares of the goal that an open cycle will reach; without an instant while it stands."""
        if self.mode > STANDING or self.breached_at is not None:
            return []
        running = self.mode == RUNNING
        start = self.runs[-1][0] if running else 0
        return [
            Warning(percent, self._within_reach(start, threshold - self.before_run) if running else None)
            for percent, threshold in self.thresholds
            if percent not in self.reached
        ]

    def warnings(self, ended: int | None, coming: list[Warning]) -> list[Warning]:
        """Those reached and those to come, none from the breach or the end on."""
        bounds = [bound for bound in (ended, self.breached_at) if bound is not None]
        before = min(bounds, default=None)
        found = [Warning(p, at) for p, at in self.reached.items() if before is None or at < before]
        found += coming
        return sorted(found, key=lambda warning: warning.percent) if len(found) > 1 else found

    def _within_reach(self, start: int, seconds: int) -> int | None:
        """When so much has been worked from `start` on; None where not within five years of the cycle's start."""
        at = self.calendar.due(start, seconds)
        return at if at is None or at - self.cycle.marks[0].at <= FIVE_YEARS else None

    def reached_ahead(self, percent: int) -> int | None:
        """When a running cycle reaches a share, be it after more than five years; None while it stands."""
        if self.mode != RUNNING:
            return None
        missing = dict(self.thresholds)[percent] - self.before_run
        before = self.calendar.last_instant_at(self.runs[-1][0], missing - 1)
        return None if before is None else before + 1

    def breach_ahead(self) -> int | None:
        """Where a running cycle will breach if nothing happens."""
        goal = self.goal_seconds
        if goal is None or self.mode != RUNNING or self.elapsed > goal:
            return None
        return self.calendar.last_instant_at(self.runs[-1][0], goal - self.before_run)

    def _look_for_breach(self, mark: Mark, ran: bool) -> None:
        """More elapsed than the goal, though no second of work passed it: another goal, or counted stopped time, did.

        The event is the breach where the clock ran before it or runs after it, and a stop is one, too.
        """
        goal = self.goal_seconds
        if self.breached_at is not None or goal is None or self.elapsed <= goal:
            return
        if mark.mode == RUNNING or mark.mode == STOPPED or (ran and mark.mode == STANDING):
            self.breached_at, self.breach_event_id = mark.at, mark.event_id

    def _count_stopped(self, until: int) -> None:
        """The time between the stop and this reopening counts as worked; what is passed in it is the reopening's."""
        self.before_run = self.elapsed
        self.runs.append((self.at, until))
        self.elapsed += self.calendar.working_seconds(self.at, until)

    def _change_goal(self, goal: int) -> None:
        """Another goal and its calendar judge all the time of the cycle."""
        calendar = self.calendar
        self._judge_by(goal)
        if self.calendar is not calendar:
            spent = self.calendar.working_seconds
            self.elapsed = sum(spent(a, b) for a, b in self.runs)
            self.before_run = sum(spent(a, b) for a, b in self.runs[:-1])
            self.paused = sum(spent(a, b) for a, b in self.stands)

    def _reach_by_event(self, at: int) -> None:
        """Shares of the goal that are passed though no second of work passed them: another goal did, or a reopening."""
        for percent, threshold in self.thresholds:
            if self.elapsed >= threshold and percent not in self.reached:
                self.reached[percent] = at

    def _judge_by(self, goal: int) -> None:
        self.goal = goal
        self.goal_seconds, code = self.cycle.goals[goal].seconds, self.cycle.goals[goal].calendar
        self.calendar = self.calendars[code]
        seconds = self.goal_seconds
        self.thresholds = () if seconds is None else tuple((p, -(-p * seconds // 100)) for p in self.cycle.warn_at)

    def _reach(self, start: int, worked: int) -> None:
        """The shares of the goal that are reached in a run from `start` on of so many seconds."""
        for percent, threshold in self.thresholds:
            missing = threshold - self.elapsed
            if missing <= worked and percent not in self.reached:
                before = self.calendar.last_instant_at(start, missing - 1)  # from here on the missing second is worked
                if before is not None:
                    self.reached[percent] = before + 1
