"""What a clock tells the world, once: at risk, breached; what late facts change about it, and which event did.

Source: SLA semantics, rules 18, 20 and 22. Instants: whole seconds since 1970 (UTC).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

import msgspec

from services.sla.clocks.rules.cycles import Cycle
from services.sla.clocks.rules.events import Event

LONGEST_BACK = 86_400
"""Seconds. A transition that lay further back when it was made known is recorded and sent to nobody."""
BREACH = "breach"

T = TypeVar("T")


class Transition(msgspec.Struct, frozen=True):
    """name: `breach` or `at_risk:75`. With the ticket, target, cycle and name are its once-only key."""

    target: str
    cycle: int
    name: str
    at: int

    @property
    def percent(self) -> int | None:
        """The share of the goal, None for a breach."""
        return None if self.name == BREACH else int(self.name.partition(":")[2])


class BreachState(StrEnum):
    """What is said of a breach in a version of it."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"
    EXCLUDED = "excluded"


class BreachChange(msgspec.Struct, frozen=True):
    """A breach has come, gone, or moved. breached_at: the instant now, or for one withdrawn the instant it had."""

    target: str
    cycle: int
    state: BreachState
    breached_at: int


def transitions(target: str, cycles: Iterable[Cycle], as_of: int) -> list[Transition]:
    """All that has happened to the cycles of a target up to the instant of looking, with the true instants."""
    found = []
    for cycle in cycles:
        for warning in cycle.warnings:
            if warning.at is not None and warning.at <= as_of:
                found.append(Transition(target, cycle.cycle, f"at_risk:{warning.percent}", warning.at))
        if cycle.breached_at is not None:
            found.append(Transition(target, cycle.cycle, BREACH, cycle.breached_at))
    return found


def breach_changes(
    known: Mapping[tuple[str, int], int],
    measured: Mapping[str, Sequence[Cycle]],
    moved: Collection[tuple[str, int]] = (),
) -> list[BreachChange]:
    """How the breaches of a ticket differ from those known.

    known: target and cycle of each breach that stands, and its instant. measured: the cycles of each target.
    moved: those of known that another agreement judged; where they stand still, they are said anew.
    """
    now = {
        (target, cycle.cycle): cycle.breached_at
        for target, cycles in measured.items()
        for cycle in cycles
        if cycle.breached_at is not None
    }
    changes = [BreachChange(*key, BreachState.WITHDRAWN, at) for key, at in known.items() if key not in now]
    changes += [
        BreachChange(*key, BreachState.STANDING, at) for key, at in now.items() if known.get(key) != at or key in moved
    ]
    return changes


def causing_event(known: Iterable[Event], arrived: Iterable[Event], look: Callable[[list[Event]], T]) -> Event | None:
    """Which of the events that arrived brought what `look` sees now; None where they changed nothing of it.

    arrived: in the order of their arrival. The last one that changes what is seen is the one.
    """
    events = list(known)
    seen, cause = look(events), None
    first = seen
    for event in arrived:
        events.append(event)
        now = look(events)
        if now != seen:
            seen, cause = now, event
    return None if seen == first else cause


def is_sent(at: int, made_known_at: int) -> bool:
    """Whether a transition is told to anybody. made_known_at: when the event or version that makes it was received."""
    return made_known_at - at <= LONGEST_BACK


def made_known_at(events: Sequence[Event], happens: Callable[[list[Event]], bool]) -> int | None:
    """When the event that makes a transition was received: the earliest arrival from which on it happens.

    happens: whether it does, given the events that had arrived by then. None where no event says when it was received.
    """
    arrivals = sorted({event.received_at for event in events if event.received_at is not None})
    made = None
    for arrival in reversed(arrivals):
        if made is not None and not happens([e for e in events if e.received_at is None or e.received_at <= arrival]):
            break
        made = arrival
    return made
