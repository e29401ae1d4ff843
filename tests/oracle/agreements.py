"""An agreement as the replay reads it: versions in force, conditions, goals (rules 12, 15 and 19)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from tests.oracle.history import fields_of, holds, json_type, same_value
from tests.oracle.working_time import midnight, zone_named

Target = dict[str, Any]
Version = dict[str, Any]


def versions_of(agreement: dict[str, Any]) -> list[Version]:
    """The versions in order, each with the instants between which it is in force (rule 19). The end is the local
    midnight after `until`, or where the next version begins."""
    zone = zone_named(agreement["zone"])
    listed = agreement.get("versions") or [
        {"version": 1, "from": agreement["from"], "until": agreement.get("until"), "targets": agreement["targets"]}
    ]
    versions: list[Version] = []
    for one in sorted(listed, key=lambda version: version["from"]):
        until = one.get("until")
        versions.append(
            {
                "version": one.get("version", len(versions) + 1),
                "begins": midnight(date.fromisoformat(one["from"]), zone),
                "ends": None if until is None else midnight(date.fromisoformat(until) + timedelta(days=1), zone),
                "targets": {target["key"]: target for target in one["targets"]},
            }
        )
    for one, following in pairwise(versions):
        if one["ends"] is None or one["ends"] > following["begins"]:
            one["ends"] = following["begins"]
    return versions


def end_of(versions: list[Version]) -> int | None:
    """The agreement's end: the last version's."""
    return versions[-1]["ends"] if versions else None


def target_keys(versions: list[Version]) -> list[str]:
    keys: list[str] = []
    for version in versions:
        keys.extend(key for key in version["targets"] if key not in keys)
    return keys


def condition_holds(target: Target, name: str, attributes: dict[str, Any]) -> bool:
    """A target's condition. Left out, `applies` is true and every other one false."""
    condition = target["conditions"].get(name)
    if condition is None:
        return name == "applies"
    return holds(condition, attributes)


def goal_of(target: Target, attributes: dict[str, Any]) -> tuple[int | None, str]:
    """Seconds (None: not rated) and calendar of the first matching line (rule 15)."""
    for line in target["goals"]:
        if line.get("when") is None or holds(line["when"], attributes):
            return (line["seconds"], line.get("calendar") or target["calendar"])
    raise ValueError("the last line of a target's goals has no condition")


def may_reopen(target: Target, attributes: dict[str, Any]) -> bool:
    return (
        condition_holds(target, "start", attributes)
        and condition_holds(target, "applies", attributes)
        and not condition_holds(target, "stop", attributes)
        and not condition_holds(target, "cancel", attributes)
    )


def changes_a_field(condition: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Did an event change an attribute that the condition looks at?"""
    for name in fields_of(condition):
        one, other = before.get(name), after.get(name)
        if json_type(one) != json_type(other) or not same_value(one, other):
            return True
    return False
