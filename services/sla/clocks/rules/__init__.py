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
from services.sla.clocks.rules.segments import FoldedCycle, FoldedGoal, FoldedTarget, Mark, Mode, cut, decode, encode

__all__ = [
    "Calendars",
    "Cycle",
    "Event",
    "FoldedCycle",
    "FoldedGoal",
    "FoldedTarget",
    "Kind",
    "Ledger",
    "Mark",
    "Mode",
    "Row",
    "State",
    "Warning",
    "attributes_after",
    "cut",
    "decode",
    "effective_events",
    "encode",
    "fold",
    "ledger",
    "measure",
    "named_agreement",
    "next_effect",
    "next_transition",
    "seen_at",
]
