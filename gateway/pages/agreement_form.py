"""An agreement as a form, and back again without loss. Without script: buttons add, remove and show parts.

One target stands open; the others, and the open one as it was before, travel as JSON in hidden fields. What nobody
touched is sent back as it came, key for key.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData

from gateway.pages.agreement_values import (
    as_percent,
    hours_text,
    length_text,
    merged,
    of_percent,
    percents_of,
    seconds_of,
    seconds_of_hours,
    whole_of,
)
from gateway.pages.condition_tree import EMPTY, Node, changed, condition_of, node_of, node_of_form

Json = Mapping[str, Any]
Names = Mapping[str, Sequence[str]]

CONDITIONS = ("start", "stop", "applies", "pause", "resume", "cancel", "reset")
MOST_LINES = 100


@dataclass(frozen=True)
class GoalRow:
    """A line of the goals. number, unit: its length, `none` for not rated. day: the hours of a day of its own."""

    when: Node | None
    number: str
    unit: str
    calendar: str
    day: str


@dataclass(frozen=True)
class TierRow:
    """Below which attainment which rate of the allocation is credited, both in per cent."""

    below: str
    rate: str


@dataclass(frozen=True)
class TargetForm:
    """The open target, as it stands in the controls."""

    key: str
    name_zh: str
    name_en: str
    calendar: str
    conditions: Mapping[str, Node]
    goals: tuple[GoalRow, ...]
    on_goal_change: str
    on_reopen: str
    count_stopped: bool
    warn_at: str
    min_volume: str
    allocation: str
    tiers: tuple[TierRow, ...]
    day: str

    @classmethod
    def of_json(cls, target: Json) -> "TargetForm":
        """The target as the API writes it."""
        name = target.get("name") or {}
        conditions = target.get("conditions") or {}
        day = target.get("day_seconds")
        return cls(
            key=str(target.get("key") or ""), name_zh=str(name.get("zh") or ""), name_en=str(name.get("en") or ""),
            calendar=str(target.get("calendar") or ""),
            conditions={one: node_of(conditions[one]) for one in CONDITIONS if conditions.get(one) is not None},
            goals=tuple(_goal_row(goal, day) for goal in target.get("goals") or ()),
            on_goal_change=str(target.get("on_goal_change") or "retroactive"),
            on_reopen=str(target.get("on_reopen") or ""), count_stopped=target.get("count_stopped") is True,
            warn_at=", ".join(str(percent) for percent in target.get("warn_at") or ()),
            min_volume=str(target.get("min_volume") or ""),
            allocation=as_percent(target.get("allocation")),
            tiers=tuple(
                TierRow(as_percent(t.get("below")), as_percent(t.get("rate"))) for t in target.get("tiers") or ()
            ),
            day=hours_text(day),
        )  # fmt: skip

    @classmethod
    def of_form(cls, names: Names) -> "TargetForm":
        """What was posted, as it was typed."""

        def text(name: str) -> str:
            return (names.get(f"t.{name}") or ("",))[0]

        roots = {one: node_of_form(f"c.{one}", names) for one in CONDITIONS}
        goals = []
        for n in range(MOST_LINES):
            if f"g.{n}.unit" not in names:
                break
            cells = {
                part: (names.get(f"g.{n}.{part}") or ("",))[0].strip() for part in ("number", "unit", "calendar", "day")
            }
            goals.append(GoalRow(node_of_form(f"g.{n}.when", names), **cells))
        tiers = []
        for n in range(MOST_LINES):
            if f"tier.{n}.below" not in names:
                break
            tiers.append(
                TierRow(names[f"tier.{n}.below"][0].strip(), (names.get(f"tier.{n}.rate") or ("",))[0].strip())
            )
        return cls(
            key=text("key"), name_zh=text("name.zh"), name_en=text("name.en"), calendar=text("calendar"),
            conditions={one: root for one, root in roots.items() if root is not None}, goals=tuple(goals),
            on_goal_change=text("on_goal_change"), on_reopen=text("on_reopen"),
            count_stopped=text("count_stopped") == "true", warn_at=text("warn_at"), min_volume=text("min_volume"),
            allocation=text("allocation"), tiers=tuple(tiers), day=text("day"),
        )  # fmt: skip

    def as_json(self, base: Json) -> dict[str, Any]:
        """The target for the service. base: as it was opened; what says the same is sent back as it came."""
        names = {"zh": self.name_zh, "en": self.name_en}
        day = seconds_of_hours(self.day)
        said: dict[str, Any] = {
            "key": self.key, "name": {language: name for language, name in names.items() if name}, "kind": "clock",
            "calendar": self.calendar,
            "conditions": {one: condition_of(self.conditions[one]) for one in CONDITIONS if one in self.conditions},
            "goals": [_goal_json(goal, day) for goal in self.goals], "on_goal_change": self.on_goal_change,
            "on_reopen": self.on_reopen, "count_stopped": self.count_stopped, "warn_at": percents_of(self.warn_at),
            "min_volume": whole_of(self.min_volume) if self.min_volume else 0,
            "allocation": of_percent(self.allocation) if self.allocation else "0",
            "tiers": [
                {"below": of_percent(tier.below), "rate": of_percent(tier.rate)}
                for tier in self.tiers if tier.below or tier.rate
            ],
            "day_seconds": day,
        }  # fmt: skip
        return merged(base, said)

    def after(self, button: str) -> "TargetForm":
        """The form after a button inside the target: `add:c.pause`, `drop:g.1`, `value:g.0.when.0`, `up:g.2`."""
        act, _colon, path = button.partition(":")
        parts = path.split(".")
        if parts[0] == "c" and len(parts) > 1 and parts[1] in CONDITIONS:
            return self._with_condition(parts[1], changed(self.conditions.get(parts[1]), act, _steps(parts[2:])))
        if parts[0] == "g":
            return self._with_goals(act, parts[1:])
        if parts[0] == "tier":
            return self._with_tiers(act, parts[1:])
        return self

    def _with_condition(self, name: str, root: Node | None) -> "TargetForm":
        others = {one: node for one, node in self.conditions.items() if one != name}
        return replace(self, conditions=others if root is None else others | {name: root})

    def _with_goals(self, act: str, path: Sequence[str]) -> "TargetForm":
        goals = list(self.goals)
        if act == "add" and not path:
            fresh = GoalRow(EMPTY if goals else None, "", "h", "", "")
            goals.insert(max(0, len(goals) - 1), fresh)
        elif path and path[0].isdigit() and int(path[0]) < len(goals):
            n = int(path[0])
            if len(path) > 1:
                goals[n] = replace(goals[n], when=changed(goals[n].when, act, _steps(path[2:])))
            elif act == "drop":
                del goals[n]
            elif act == "up" and n:
                goals[n - 1], goals[n] = goals[n], goals[n - 1]
        return replace(self, goals=tuple(goals))

    def _with_tiers(self, act: str, path: Sequence[str]) -> "TargetForm":
        if act == "add":
            return replace(self, tiers=(*self.tiers, TierRow("", "")))
        if act == "drop" and path and path[0].isdigit():
            return replace(self, tiers=tuple(t for n, t in enumerate(self.tiers) if n != int(path[0])))
        return self


def _steps(path: Sequence[str]) -> list[int]:
    return [int(step) for step in path if step.isdigit()]


def _goal_row(goal: Json, day: Any) -> GoalRow:
    when = None if goal.get("when") is None else node_of(goal["when"])
    own = goal.get("day_seconds")
    number, unit = length_text(goal.get("seconds"), own or day)
    return GoalRow(when, number, unit, str(goal.get("calendar") or ""), hours_text(own))


def _goal_json(goal: GoalRow, target_day: Any) -> dict[str, Any]:
    own = seconds_of_hours(goal.day)
    found: dict[str, Any] = {} if goal.when is None else {"when": condition_of(goal.when)}
    found["seconds"] = seconds_of(goal.number, goal.unit, own or target_day)
    if goal.calendar:
        found["calendar"] = goal.calendar
    if own is not None:
        found["day_seconds"] = own
    return found


NEW_TARGET: dict[str, Any] = {
    "key": "", "name": {}, "kind": "clock", "calendar": "",
    "conditions": {"start": {"field": "state", "op": "set"}, "stop": {"field": "state", "op": "in"}},
    "goals": [{"seconds": 28800}], "on_goal_change": "retroactive", "on_reopen": "continue", "count_stopped": False,
    "warn_at": [75, 90], "min_volume": 10, "allocation": "0", "tiers": [],
}  # fmt: skip


@dataclass(frozen=True)
class AgreementForm:
    """What stands in the form. targets: all as JSON, the open one with what was typed; base: the open one as opened."""

    contract: str
    title: str
    zone: str
    since: str
    until: str
    targets: tuple[dict[str, Any], ...]
    open: int
    target: TargetForm

    @classmethod
    def of_json(cls, agreement: Json, shown: int = 0) -> "AgreementForm":
        """The stored agreement, or a new one."""
        targets = tuple(dict(target) for target in agreement.get("targets") or (NEW_TARGET,))
        at = min(max(shown, 0), len(targets) - 1)
        return cls(
            contract=str(agreement.get("contract") or ""), title=str(agreement.get("title") or ""),
            zone=str(agreement.get("zone") or ""), since=str(agreement.get("from") or ""),
            until=str(agreement.get("until") or ""), targets=targets, open=at,
            target=TargetForm.of_json(targets[at]),
        )  # fmt: skip

    @classmethod
    def of_form(cls, form: FormData) -> "AgreementForm":
        """What was posted."""
        names: dict[str, list[str]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str):
                names.setdefault(name, []).append(value)

        def text(name: str) -> str:
            return (names.get(name) or [""])[0].strip()

        sent = [_object(one) for one in names.get("target", ())] or [dict(NEW_TARGET)]
        at = min(int(text("open")) if text("open").isdigit() else 0, len(sent) - 1)
        target = TargetForm.of_form(names)
        sent[at] = target.as_json(sent[at])
        return cls(text("contract"), text("title"), text("zone"), text("from"), text("until"), tuple(sent), at, target)

    def after(self, button: str) -> "AgreementForm":
        """The form after a button: `show:1`, `add:target`, `drop:target`, or one inside the open target."""
        act, _colon, path = button.partition(":")
        if act == "show" and path.isdigit():
            return self.opened(int(path))
        if button == "add:target":
            whole = (*self.targets, dict(NEW_TARGET))
            return replace(self, targets=whole).opened(len(whole) - 1)
        if button == "drop:target" and len(self.targets) > 1:
            left = tuple(target for n, target in enumerate(self.targets) if n != self.open)
            return replace(self, targets=left).opened(min(self.open, len(left) - 1))
        target = self.target.after(button)
        whole = tuple(target.as_json(one) if n == self.open else one for n, one in enumerate(self.targets))
        return replace(self, target=target, targets=whole)

    def opened(self, at: int) -> "AgreementForm":
        """The same with another target open."""
        place = min(max(at, 0), len(self.targets) - 1)
        return replace(self, open=place, target=TargetForm.of_json(self.targets[place]))

    @property
    def hidden(self) -> list[str]:
        """The targets as they travel in the form."""
        return [json.dumps(target, ensure_ascii=False) for target in self.targets]

    def version_json(self) -> dict[str, Any]:
        """From, until and targets."""
        return {"from": self.since or None, "until": self.until or None, "targets": list(self.targets)}

    def agreement_json(self) -> dict[str, Any]:
        """The whole, without its contract."""
        return {"title": self.title, "zone": self.zone, "period": "month", **self.version_json()}


def _object(text: str) -> dict[str, Any]:
    """A hidden target; something else in its place is no target of ours."""
    try:
        found = json.loads(text)
    except ValueError:
        return dict(NEW_TARGET)
    return found if isinstance(found, dict) else dict(NEW_TARGET)
