"""An agreement compiled for the fold: what its conditions say about a ticket's attributes, judged once a combination.

Tickets repeat each other: a few dozen combinations of the attributes that any condition names cover thousands of
tickets. So the conditions are judged once for each, and the fold only looks the answers up.
"""

import json
from collections.abc import Sequence
from functools import lru_cache

from services.sla.agreements.rules import Agreement, Attributes, Condition, OnGoalChange, OnReopen, Target, Value
from services.sla.agreements.rules.conditions import Holds, compiled, fields_of
from services.sla.clocks.rules.segments import FoldedGoal

MOST_REMEMBERED = 20_000  # combinations; a condition on a free number or text would otherwise fill the memory
MOST_AGREEMENTS = 256

_NAMES = ("start", "stop", "applies", "pause", "resume", "cancel", "reset")


class Facts:
    """What one target's conditions say after one event. `waits`: the attributes of the `pause` condition, to compare;
    `waits_for` and `stop_reason`: what the ticket says in those of `pause` and of `stop`, to show."""

    __slots__ = (
        "cancels",
        "goal",
        "held",
        "pause",
        "reset",
        "resumes",
        "starts",
        "stop",
        "stop_reason",
        "waits",
        "waits_for",
    )

    def __init__(self, target: "CompiledTarget", attributes: Attributes) -> None:
        held = {name: holds(attributes) for name, holds in target.conditions.items()}
        self.held = held
        applies, cancel = held.get("applies", True), held.get("cancel", False)
        self.stop = held["stop"]
        self.cancels = cancel or not applies
        self.starts = held["start"] and not self.cancels
        self.reset = held.get("reset", False)
        self.pause = held.get("pause", False)
        self.resumes = not self.pause and held.get("resume", True) if "pause" in held else True
        self.goal = target.goal_of(attributes)
        self.waits = tuple((field, repr(attributes.get(field))) for field in target.pause_fields)
        self.waits_for = _said(target.pause_fields, attributes)
        self.stop_reason = _said(target.stop_fields, attributes)

    @property
    def opens_again(self) -> bool:
        """After an ended cycle, a stop hinders too."""
        return self.starts and not self.stop


class CompiledTarget:
    """A target of one version, its conditions as functions. `goals`: each pair of seconds and calendar once."""

    def __init__(self, target: Target) -> None:
        self.target = target
        given: dict[str, Condition | None] = {name: getattr(target, name) for name in _NAMES}
        self.conditions: dict[str, Holds] = {name: compiled(c) for name, c in given.items() if c is not None}
        self.pause_fields = fields_of(target.pause) if target.pause else ()
        self.stop_fields = fields_of(target.stop)
        lines = [FoldedGoal(goal.seconds, goal.calendar or target.calendar) for goal in target.goals]
        self.goals = tuple(dict.fromkeys(lines))
        self._lines = [
            (None if goal.when is None else compiled(goal.when), self.goals.index(line))
            for goal, line in zip(target.goals, lines, strict=True)
        ]
        self.keeps = target.on_goal_change is OnGoalChange.KEEP
        self.restarts = target.on_goal_change is OnGoalChange.RESTART
        self.continues = target.on_reopen is OnReopen.CONTINUE
        self.opens_new = target.on_reopen is OnReopen.NEW

    def goal_of(self, attributes: Attributes) -> int:
        """The place in `goals` of the first matching line."""
        for when, place in self._lines:
            if when is None or when(attributes):
                return place
        raise ValueError("the last goal has a condition")  # refused when the agreement was parsed

    def fields(self) -> tuple[str, ...]:
        target = self.target
        every = [getattr(target, name) for name in _NAMES] + [goal.when for goal in target.goals]
        return tuple(dict.fromkeys(field for condition in every if condition for field in fields_of(condition)))


FactsByVersion = tuple[tuple[Facts | None, ...], ...]
"""For each version, for each key of a target, what its conditions say; None where the version lacks the target."""


class CompiledAgreement:
    """An agreement ready to be folded with. `fields`: the attributes that any condition names, with their places."""

    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self.keys = agreement.keys
        self.targets: tuple[tuple[CompiledTarget | None, ...], ...] = tuple(
            tuple(None if (target := version.target(key)) is None else CompiledTarget(target) for key in self.keys)
            for version in agreement.versions
        )
        named = [name for row in self.targets for target in row if target for name in target.fields()]
        self.fields = {name: place for place, name in enumerate(dict.fromkeys(named))}
        self._remembered: dict[tuple[Value | None, ...], FactsByVersion] = {}

    def facts(self, values: Sequence[Value | None]) -> FactsByVersion:
        """What all conditions say where the attributes of `fields` have these values (None: missing)."""
        # True and 1 are one key to Python, but two JSON values.
        key = tuple(_BOOLEANS[value] if value is True or value is False else value for value in values)
        found = self._remembered.get(key)
        if found is None:
            found = self._judged(values)
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = found
        return found

    def _judged(self, values: Sequence[Value | None]) -> FactsByVersion:
        attributes = {name: value for name, value in zip(self.fields, values, strict=True) if value is not None}
        return tuple(
            tuple(None if target is None else Facts(target, attributes) for target in row) for row in self.targets
        )


_BOOLEANS = {True: "\x00true", False: "\x00false"}  # no attribute has a control character


@lru_cache(maxsize=MOST_AGREEMENTS)
def compiled_agreement(agreement: Agreement) -> CompiledAgreement:
    """The agreement compiled; kept, since all its tickets ask for it."""
    return CompiledAgreement(agreement)


def _said(fields: tuple[str, ...], attributes: Attributes) -> str | None:
    """What the ticket says in these attributes, for people: a text as it is, anything else with its name."""
    parts = [
        value if isinstance(value := attributes[name], str) else f"{name}={json.dumps(value)}"
        for name in fields
        if name in attributes
    ]
    return ", ".join(parts) or None
