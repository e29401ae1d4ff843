"""Why a clock does what it does, and why there is none: which condition held at each event.

Source: SLA semantics, rules 12 to 14 and 19; the API's `why`.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from services.sla.agreements.rules import Agreement, Comparison, Condition, Value
from services.sla.agreements.rules.conditions import compiled, signed_comparisons_of
from services.sla.clocks.rules.events import Event, seen_at
from services.sla.clocks.rules.facts import CompiledTarget, Facts, compiled_agreement
from services.sla.clocks.rules.folding import Clock, every_step
from services.sla.clocks.rules.segments import Mark, Mode


class Did(StrEnum):
    """What an event did to a target's clock."""

    STARTED = "started"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    RESET = "reset"
    REOPENED = "reopened"
    PAUSED = "paused"
    RESUMED = "resumed"
    GOAL_CHANGED = "goal_changed"


class Hindrance(StrEnum):
    """Why no cycle is open after an event."""

    NOT_IN_FORCE = "not_in_force"
    NO_TARGET = "no_target"
    START = "start"
    APPLIES = "applies"
    CANCEL = "cancel"
    STOP = "stop"
    STAYS_ENDED = "stays_ended"


class Tested(msgspec.Struct, frozen=True):
    """A single test of a condition that decided, and what it found (None: the attribute is missing)."""

    condition: str
    field: str
    op: str
    value: Value | tuple[Value, ...] | None
    found: Value | None
    held: bool


class WhyStep(msgspec.Struct, frozen=True):
    """One event and one target. conditions: those that the target has, and whether each held after it.

    version, conditions and goal are those of the version that judges the open cycle, else of the one in force; None
    and empty where none is. hindered_by: why no cycle is open after it, `tests` the single tests that made it so.
    """

    event_id: str
    at: int
    version: int | None
    conditions: dict[str, bool]
    goal_seconds: int | None
    did: list[Did]
    hindered_by: list[Hindrance]
    tests: list[Tested]


def why(effective: Sequence[Event], agreement: Agreement, as_of: int, fraction: int = 0) -> dict[str, list[WhyStep]]:
    """For each target of the agreement, its conditions at each effective event up to the instant of looking."""
    compiled_one = compiled_agreement(agreement)
    seen = seen_at(effective, as_of, fraction)
    told: dict[str, list[WhyStep]] = {key: [] for key in compiled_one.keys}
    clocks = [Clock(compiled_one, track) for track in range(len(compiled_one.keys))]
    attributes: dict[str, Value | None] = {}
    for step in every_step(seen, compiled_one):
        event, facts, _before, version = step
        attributes.update(event.attributes)
        for track, (key, clock) in enumerate(zip(compiled_one.keys, clocks, strict=True)):
            former = sum(len(cycle.marks) for cycle in clock.cycles)
            clock.take(step)
            place = clock.version if clock.is_open else version
            target = None if place is None else compiled_one.targets[place][track]
            judged = None if place is None else facts[place][track]
            hindered = [] if clock.is_open else _hindrances(clock, version, judged)
            told[key].append(
                WhyStep(
                    event_id=event.event_id,
                    at=event.at,
                    version=None if place is None else agreement.versions[place].number,
                    conditions=dict(judged.held) if judged is not None else {},
                    goal_seconds=None if target is None or judged is None else target.goals[judged.goal].seconds,
                    did=_did(clock, former),
                    hindered_by=hindered,
                    tests=[] if target is None else _tests(target, hindered, attributes),
                )
            )
    return told


def _did(clock: Clock, former: int) -> list[Did]:
    """What the marks say that came after the first `former`."""
    pairs = [
        (cycle.marks[place - 1] if place else None, mark)
        for cycle in clock.cycles
        for place, mark in enumerate(cycle.marks)
    ]
    return [said for before, mark in pairs[former:] for said in _said_by(before, mark)]


_ENDS = {int(Mode.STOPPED): Did.STOPPED, int(Mode.CANCELLED): Did.CANCELLED, int(Mode.RESET): Did.RESET}


def _said_by(before: Mark | None, mark: Mark) -> list[Did]:
    if mark.mode in _ENDS:
        return [_ENDS[mark.mode]]
    said = []
    if before is None:
        said.append(Did.STARTED)
    elif before.mode == Mode.STOPPED:
        said.append(Did.REOPENED)
    if before is not None and before.goal != mark.goal:
        said.append(Did.GOAL_CHANGED)
    stood = before is not None and before.mode == Mode.STANDING
    if mark.mode == Mode.STANDING and not stood:
        said.append(Did.PAUSED)
    elif mark.mode == Mode.RUNNING and stood:
        said.append(Did.RESUMED)
    return said


def _hindrances(clock: Clock, version: int | None, facts: Facts | None) -> list[Hindrance]:
    """Why nothing is open: the version, the conditions, or the setting for a cycle that has ended."""
    if version is None:
        return [Hindrance.NOT_IN_FORCE]
    if facts is None:
        return [Hindrance.NO_TARGET]
    found = []
    if not facts.held["start"]:
        found.append(Hindrance.START)
    if not facts.held.get("applies", True):
        found.append(Hindrance.APPLIES)
    if facts.held.get("cancel", False):
        found.append(Hindrance.CANCEL)
    if facts.stop and clock.cycles:
        found.append(Hindrance.STOP)
    if clock.stays_ended:
        found.append(Hindrance.STAYS_ENDED)
    return found


def _tests(
    target: CompiledTarget, hindered: Sequence[Hindrance], attributes: Mapping[str, Value | None]
) -> list[Tested]:
    """The single tests behind the hindrances: those that failed start and applies, or made cancel and stop hold."""
    known = {name: value for name, value in attributes.items() if value is not None}
    found: list[Tested] = []
    for hindrance in hindered:
        condition: Condition | None = getattr(target.target, hindrance, None)
        wanted = hindrance in (Hindrance.CANCEL, Hindrance.STOP)
        for test, denied in () if condition is None else signed_comparisons_of(condition):
            held = compiled(test)(known)
            if (held is not denied) is wanted:
                found.append(_tested(hindrance, test, known.get(test.field), held))
    return found


def _tested(condition: str, test: Comparison, value: Value | None, held: bool) -> Tested:
    return Tested(str(condition), test.field, str(test.op), test.value, value, held)
