"""Agreements: what was promised. Types, checks, and the sentence that says a target in words.

Source: SLA semantics, rules 12 to 15, 19 and 24.
"""

from services.sla.agreements.rules.agreement import (
    Agreement,
    Goal,
    OnGoalChange,
    OnReopen,
    Target,
    Tier,
    Version,
    local_midnight,
)
from services.sla.agreements.rules.conditions import All, Any, Attributes, Condition, Not, Op, Test, Value

__all__ = [
    "Agreement",
    "All",
    "Any",
    "Attributes",
    "Condition",
    "Goal",
    "Not",
    "OnGoalChange",
    "OnReopen",
    "Op",
    "Target",
    "Test",
    "Tier",
    "Value",
    "Version",
    "local_midnight",
]
