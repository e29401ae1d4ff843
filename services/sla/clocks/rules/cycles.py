"""What is known of a cycle once a calendar has measured it. Instants: whole seconds since 1970 (UTC)."""

from enum import StrEnum

import msgspec


class State(StrEnum):
    """How a cycle is, or how it ended. One that breached has `breached_at`, whatever its state."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"
    RESET = "reset"
    EXPIRED = "expired"
    NOT_RATED = "not_rated"
    WITHDRAWN = "withdrawn"
    """Kept as history where a late event made a cycle vanish; no measure gives it."""

    @property
    def is_open(self) -> bool:
        return self in (State.RUNNING, State.PAUSED)


class Warning(msgspec.Struct, frozen=True, gc=False):
    """At risk: `percent` of the goal reached at the instant `at`, or to be reached then.

    at: None for one to come while the clock stands, and where it would not come within five years of the start.
    """

    percent: int
    at: int | None


class Cycle(msgspec.Struct):
    """A cycle as of one instant of looking.

    goal_seconds, remaining_seconds: None where it is not rated; remaining may be negative. calendar: the code of the
    one that judges. breach_event_id: the event by which it was breached, None where time alone did it.
    next_transition: the earliest instant ahead at which time alone changes something that is seen; that a known event
    which lies ahead comes into effect is a change, too.
    """

    cycle: int
    version: int
    state: State
    started_at: int
    ended_at: int | None
    goal_seconds: int | None
    calendar: str
    elapsed_seconds: int
    paused_seconds: int
    remaining_seconds: int | None
    due_at: int | None
    breached_at: int | None
    provisional: bool
    warnings: list[Warning]
    next_transition: int | None
    breach_event_id: str | None = None
