"""What a contract is: its states, its dated terms, and why it cannot become active."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.kernel.messages import N_
from services.kernel.refusals import FieldError
from services.kernel.states import Move, Moves


class State(StrEnum):
    """The life of a contract."""

    DRAFT = "draft"
    ACTIVE = "active"
    ENDED = "ended"


class OutsourcingType(StrEnum):
    """What kind of outsourcing it is."""

    ITO = "ITO"
    BPO = "BPO"
    KPO = "KPO"


MOVES: Moves[State] = Moves(
    Move("activate", State.DRAFT, State.ACTIVE, "contract.write"),
    Move("end", State.ACTIVE, State.ENDED, "contract.write"),
)

# The client's own zone: a contract ends on the day that it is there.
CLIENT_ZONE = ZoneInfo("Asia/Shanghai")
APPROVED = "approved"
SUPPLIERS = "/api/suppliers/v1/suppliers"
NOT_APPROVED = {
    "candidate": N_("The supplier %(name)s is a candidate: it has been neither screened nor approved"),
    "screened": N_("The supplier %(name)s has been screened, but not approved"),
    "suspended": N_("The supplier %(name)s is suspended"),
    "blacklisted": N_("The supplier %(name)s is blacklisted"),
    "retired": N_("The supplier %(name)s is retired"),
    "": N_("The supplier %(name)s is not approved"),
}


@dataclass(frozen=True)
class Period:
    """The contract's first and last day, and the first days of its terms, in order."""

    first: date
    last: date
    terms: tuple[date, ...]


def period_faults(period: Period, currencies: Sequence[str], currency: str) -> list[FieldError]:
    """Everything wrong with the dates and currencies of a contract and its terms."""
    faults = []
    if period.last < period.first:
        faults.append(
            FieldError("ends_before_it_begins", "/to", N_("The contract ends before it begins"),
                       N_("Choose a last day on or after %(first)s"), {"first": period.first.isoformat()})
        )  # fmt: skip
    seen: set[date] = set()
    for place, first in enumerate(period.terms):
        at = f"/terms/{place}/from"
        if first in seen:
            faults.append(FieldError("repeated_date", at, N_("Two terms begin on the same day"),
                                     N_("Give each its own first day")))  # fmt: skip
        elif not period.first <= first <= max(period.first, period.last):
            faults.append(FieldError("outside_the_contract", at, N_("These terms begin outside the contract"),
                                     N_("Choose a day from the contract's first to its last")))  # fmt: skip
        seen.add(first)
    faults += [
        FieldError("other_currency", f"/terms/{place}/monthly_charge/currency",
                   N_("The charge is in another currency than the contract's value"), N_("Use %(currency)s"),
                   {"currency": currency})
        for place, used in enumerate(currencies)
        if used != currency
    ]  # fmt: skip
    return faults


@dataclass(frozen=True)
class SupplierStanding:
    """What the owner of suppliers says at this moment."""

    id: str
    number: str
    short_name: str
    state: str


def reasons_against_activation(contract_url: str, supplier: SupplierStanding, terms: int) -> list[FieldError]:
    """All that stands in the way of becoming active, each with what mends it."""
    reasons = []
    if supplier.state != APPROVED:
        reasons.append(
            FieldError("supplier_not_approved", "/supplier", NOT_APPROVED.get(supplier.state, NOT_APPROVED[""]),
                       N_("Have it approved first"), {"name": supplier.short_name},
                       link=f"{SUPPLIERS}/{supplier.number}")
        )  # fmt: skip
    if terms == 0:
        reasons.append(
            FieldError("terms_missing", "/terms", N_("The contract has no terms: no monthly charge, no share at risk"),
                       N_("Add terms to the draft"), link=contract_url)
        )  # fmt: skip
    return reasons


def day_of_ending(now: datetime, first: date) -> date:
    """The day on which a contract that is ended now ends: today at the client's, never before its first day."""
    return max(now.astimezone(CLIENT_ZONE).date(), first)
