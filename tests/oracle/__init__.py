"""A second, slow reading of the service-level semantics, to judge the engine by.

It walks local days, walks windows, replays events one by one, and shares nothing with the project:
no import, no algorithm. Where it and the engine differ, one of them has misread the rules.
Source of every rule named in these files: SLA semantics, by its number.
"""

from tests.oracle.clocks import ledger, replay
from tests.oracle.history import agreement_named, effective_events, holds
from tests.oracle.periods import credits, judge_period, rate, restatable
from tests.oracle.working_time import Calendar, NoAnswer, due, instant, iso, latest_start, provisional, working_seconds

__all__ = [
    "Calendar",
    "NoAnswer",
    "agreement_named",
    "credits",
    "due",
    "effective_events",
    "holds",
    "instant",
    "iso",
    "judge_period",
    "latest_start",
    "ledger",
    "provisional",
    "rate",
    "replay",
    "restatable",
    "working_seconds",
]
