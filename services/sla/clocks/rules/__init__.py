"""The clocks: events and an agreement fold into segments, calendars measure them. Pure: no I/O, no clock of its own.

Source: SLA semantics, rules 7 to 22.
"""

from services.sla.clocks.rules.cycles import Cycle, State, Warning
from services.sla.clocks.rules.events import (
    Event,
    attributes_after,
    effective_events,
    named_agreement,
    next_effect,
    seen_at,
)
from services.sla.clocks.rules.folding import fold
from services.sla.clocks.rules.ledger import Kind, Ledger, Row, ledger
from services.sla.clocks.rules.measuring import Calendars, measure, next_transition
from services.sla.clocks.rules.measuring_many import measure_many
from services.sla.clocks.rules.segments import FoldedCycle, FoldedGoal, FoldedTarget, Mark, Mode, cut, decode, encode
from services.sla.clocks.rules.transitions import (
    BreachChange,
    BreachState,
    Transition,
    breach_changes,
    causing_event,
    is_sent,
    made_known_at,
    transitions,
)
from services.sla.clocks.rules.why import Did, Hindrance, Tested, WhyStep, why

__all__ = [
    "BreachChange",
    "BreachState",
    "Calendars",
    "Cycle",
    "Did",
    "Event",
    "FoldedCycle",
    "FoldedGoal",
    "FoldedTarget",
    "Hindrance",
    "Kind",
    "Ledger",
    "Mark",
    "Mode",
    "Row",
    "State",
    "Tested",
    "Transition",
    "Warning",
    "WhyStep",
    "attributes_after",
    "breach_changes",
    "causing_event",
    "cut",
    "decode",
    "effective_events",
    "encode",
    "fold",
    "is_sent",
    "ledger",
    "made_known_at",
    "measure",
    "measure_many",
    "named_agreement",
    "next_effect",
    "next_transition",
    "seen_at",
    "transitions",
    "why",
]
