"""A target as JSON again, in the shape of the API, with every default written out."""

from services.sla.agreements.rules.agreement import Goal, Target
from services.sla.agreements.rules.conditions import All, Any, Comparison, Condition, Not

Json = dict[str, object]

_OPTIONAL = ("applies", "pause", "resume", "cancel", "reset")


def target_as_json(target: Target) -> Json:
    """What `parse_targets` reads back to the same target."""
    conditions: Json = {"start": condition_as_json(target.start), "stop": condition_as_json(target.stop)}
    for name in _OPTIONAL:
        condition: Condition | None = getattr(target, name)
        if condition is not None:
            conditions[name] = condition_as_json(condition)
    written: Json = {
        "key": target.key,
        "name": dict(target.name),
        "kind": "clock",
        "calendar": target.calendar,
        "conditions": conditions,
        "goals": [_goal_as_json(goal) for goal in target.goals],
        "on_goal_change": str(target.on_goal_change),
        "on_reopen": str(target.on_reopen),
        "count_stopped": target.count_stopped,
        "warn_at": list(target.warn_at),
        "min_volume": target.min_volume,
        "allocation": str(target.allocation),
        "tiers": [{"below": str(tier.below), "rate": str(tier.rate)} for tier in target.tiers],
    }
    if target.day_seconds is not None:
        written["day_seconds"] = target.day_seconds
    return written


def condition_as_json(condition: Condition) -> Json:
    """What `parse_condition` reads back to the same condition."""
    match condition:
        case Comparison(field, op, value):
            written: Json = {"field": field, "op": str(op)}
            if value is not None:
                written["value"] = list(value) if isinstance(value, tuple) else value
            return written
        case Not(part):
            return {"not": condition_as_json(part)}
        case All(parts):
            return {"all": [condition_as_json(part) for part in parts]}
        case Any(parts):
            return {"any": [condition_as_json(part) for part in parts]}


def _goal_as_json(goal: Goal) -> Json:
    written: Json = {} if goal.when is None else {"when": condition_as_json(goal.when)}
    written["seconds"] = goal.seconds
    if goal.calendar is not None:
        written["calendar"] = goal.calendar
    if goal.day_seconds is not None:
        written["day_seconds"] = goal.day_seconds
    return written
