"""Service credits: what is owed for the targets that were missed in a period. Decimal, rounded once, at the line.

Source: SLA semantics, rule 26.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum

from services.kernel.money import Money
from services.sla.periods.rules import TargetResult

_DIGITS = 60  # an amount of twenty digits times three shares of ten stays exact


class ShareOutOfRange(ValueError):
    """A share or rate that is not from 0 to 1."""


class LineKind(StrEnum):
    """A credit for a target, or the one line that brings the sum down to what is at risk."""

    CREDIT = "credit"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the contract says from a day on: the charge of a month, and which share of it is at risk."""

    since: date
    monthly_charge: Money
    at_risk_share: Decimal


@dataclass(frozen=True, slots=True)
class CreditLine:
    """One line. target, allocation and rate are those of a credit; the cap has none, and its amount is negative."""

    kind: LineKind
    charge: Money
    at_risk_share: Decimal
    amount: Money
    target: str | None = None
    allocation: Decimal | None = None
    rate: Decimal | None = None


def terms_in_force(terms: Iterable[Terms], last_day: date, contract_ends: date | None) -> Terms | None:
    """The terms at a period's last instant, `last_day` being its last local day; None: before the first, or after the
    contract's last day."""
    if contract_ends is not None and last_day > contract_ends:
        return None
    begun = [one for one in terms if one.since <= last_day]
    return max(begun, key=lambda one: one.since, default=None)


def service_credit(charge: Money, at_risk_share: Decimal, allocation: Decimal, rate: Decimal) -> Money:
    """What is owed for one missed target in one period.

    charge: the period's charge before tax. at_risk_share, allocation, rate: shares from 0 to 1.
    Rounded half-up, once, to the currency's minor unit. Refuses ShareOutOfRange.
    Source: SLA semantics, service credit. Texas DIR's example: 100,000 at 10 %, 50 %, 40 % gives 2,000.
    """
    for share in (at_risk_share, allocation, rate):
        if not 0 <= share <= 1:
            raise ShareOutOfRange(share)
    with localcontext() as context:
        context.prec = _DIGITS
        return (charge * at_risk_share * allocation * rate).rounded()


def at_risk(charge: Money, at_risk_share: Decimal) -> Money:
    """The most that a period can owe: the charge's share at risk, rounded half-up. Refuses ShareOutOfRange."""
    return service_credit(charge, at_risk_share, Decimal(1), Decimal(1))


def credit_lines(terms: Terms, results: Iterable[TargetResult]) -> list[CreditLine]:
    """A line for each target with a tier, and the cap where they exceed what is at risk."""
    charge, share = terms.monthly_charge, terms.at_risk_share
    lines = []
    for result in results:
        if result.tier is not None and result.promise is not None:
            allocation, rate = result.promise.allocation, result.tier.rate
            amount = service_credit(charge, share, allocation, rate)
            lines.append(CreditLine(LineKind.CREDIT, charge, share, amount, result.target, allocation, rate))
    most, owed = at_risk(charge, share), total(lines, charge.currency)
    if most < owed:
        lines.append(CreditLine(LineKind.CAP, charge, share, most - owed))
    return lines


def total(lines: Sequence[CreditLine], currency: str) -> Money:
    """The sum of the lines; nothing in this currency where there are none."""
    return sum((line.amount for line in lines), start=Money(Decimal(0), currency).rounded())
