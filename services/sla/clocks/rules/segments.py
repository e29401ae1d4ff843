"""What a fold leaves of a ticket: per target and cycle the instants that matter, without any calendar.

Stored per ticket, and measured again when a calendar changes, without reading an event.
Source: SLA semantics, rules 11 to 19.
"""

from enum import IntEnum

import msgspec


class Mode(IntEnum):
    """What a cycle does from a mark on."""

    RUNNING = 0
    STANDING = 1
    STOPPED = 2
    CANCELLED = 3
    RESET = 4
    EXPIRED = 5
    """Only a measure knows: no mark has it."""

    @property
    def is_open(self) -> bool:
        return self <= Mode.STANDING


class FoldedGoal(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """seconds: None is *not rated*. calendar: the code of the calendar that judges."""

    seconds: int | None
    calendar: str


class Mark(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event that changed a cycle: what it does from here on, and by which goal it is judged from here on.

    at: whole seconds since 1970; fraction: microseconds, only to cut by. goal: a place in the cycle's `goals`.
    event_id, actor: the event's. reason: on a mark that stands or stops, what the ticket said (`Awaiting Vendor`).
    """

    at: int
    mode: int
    goal: int
    event_id: str
    actor: str | None = None
    reason: str | None = None
    fraction: int = 0


class FoldedCycle(msgspec.Struct, array_like=True):
    """One cycle: number and agreement version, its marks in order, and the settings that its measure needs."""

    number: int
    version: int
    goals: tuple[FoldedGoal, ...]
    marks: list[Mark]
    warn_at: tuple[int, ...]
    count_stopped: bool


class FoldedTarget(msgspec.Struct, array_like=True):
    """All cycles of one target of one ticket.

    ends_at: the agreement's end, where a cycle that is open and has not breached expires. next_event_at: when an event
    that is known, but lies ahead, will have an effect: until then this fold holds, whatever the instant of looking.
    """

    target: str
    cycles: list[FoldedCycle]
    ends_at: int | None = None
    next_event_at: int | None = None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[FoldedTarget, ...])


def encode(folded: tuple[FoldedTarget, ...]) -> bytes:
    """The fold of a ticket as it is stored."""
    return _encoder.encode(folded)


def decode(stored: bytes) -> tuple[FoldedTarget, ...]:
    """The fold that `encode` stored."""
    return _decoder.decode(stored)


def cut(folded: FoldedTarget, at: int) -> FoldedTarget:
    """The fold as it was at an earlier whole second: marks of later events are left out.

    Holds where the same agreement judged the ticket then: always, unless it is an event after `at` that names it.
    """
    cycles = []
    for cycle in folded.cycles:
        marks = [mark for mark in cycle.marks if (mark.at, mark.fraction) <= (at, 0)]
        if len(marks) == len(cycle.marks):
            cycles.append(cycle)
        elif marks:
            cycles.append(
                FoldedCycle(cycle.number, cycle.version, cycle.goals, marks, cycle.warn_at, cycle.count_stopped)
            )
    return FoldedTarget(folded.target, cycles, folded.ends_at, None)
