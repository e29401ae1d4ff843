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
from services.sla.agreements.rules.conditions import All, Any, Attributes, Comparison, Condition, Not, Op, Value
from services.sla.agreements.rules.parsing import (
    AgreementText,
    VersionText,
    parse_agreement,
    parse_targets,
    parse_version,
)
from services.sla.agreements.rules.sentences import (
    Part,
    condition_in_words,
    duration_in_words,
    sentence,
    sentence_parts,
)
from services.sla.agreements.rules.versions import Span, next_version
from services.sla.agreements.rules.writing import condition_as_json, target_as_json

__all__ = [
    "Agreement",
    "AgreementText",
    "All",
    "Any",
    "Attributes",
    "Comparison",
    "Condition",
    "Goal",
    "Not",
    "OnGoalChange",
    "OnReopen",
    "Op",
    "Part",
    "Span",
    "Target",
    "Tier",
    "Value",
    "Version",
    "VersionText",
    "condition_as_json",
    "condition_in_words",
    "duration_in_words",
    "local_midnight",
    "next_version",
    "parse_agreement",
    "parse_targets",
    "parse_version",
    "sentence",
    "sentence_parts",
    "target_as_json",
]
