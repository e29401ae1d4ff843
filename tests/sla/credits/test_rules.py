"""Service credits: rounded once, at the line, and never more than is at risk."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from services.kernel.money import Money
from services.sla.agreements.rules import Target, Tier
from services.sla.agreements.rules.conditions import Comparison, Op
from services.sla.credits.rules import (
    LineKind,
    ShareOutOfRange,
    Terms,
    credit_lines,
    service_credit,
    terms_in_force,
    total,
)
from services.sla.periods.rules import Outcome, TargetResult, judge_counts


def missed(key: str, allocation: str) -> TargetResult:
    """A target whose only cycle breached, at a rate of 1."""
    is_set = Comparison("state", Op.SET)
    tiers = (Tier(Decimal("0.95"), Decimal(1)),)
    promise = Target(key, {}, "office", is_set, is_set, (), allocation=Decimal(allocation), tiers=tiers)
    return judge_counts(key, promise, Counter({Outcome.BREACHED: 1}))


def terms(charge: str, currency: str = "CNY", share: str = "0.10") -> Terms:
    return Terms(date(2026, 1, 1), Money(Decimal(charge), currency), Decimal(share))


def test_the_example_of_texas() -> None:
    charge = Money(Decimal("100000"), "CNY")
    assert service_credit(charge, Decimal("0.10"), Decimal("0.50"), Decimal("0.40")) == Money(Decimal("2000.00"), "CNY")


@pytest.mark.parametrize("shares", [("1.1", "1", "1"), ("1", "-0.1", "1"), ("1", "1", "2")])
def test_a_share_out_of_range_is_refused(shares: tuple[str, str, str]) -> None:
    with pytest.raises(ShareOutOfRange):
        service_credit(Money(Decimal(1), "CNY"), *(Decimal(share) for share in shares))


def test_lines_that_exceed_what_is_at_risk_are_brought_down_by_one_line() -> None:
    lines = credit_lines(terms("100000.00"), [missed("a", "0.80"), missed("b", "0.60")])
    assert [(line.kind, line.target, str(line.amount.amount)) for line in lines] == [
        (LineKind.CREDIT, "a", "8000.00"),
        (LineKind.CREDIT, "b", "6000.00"),
        (LineKind.CAP, None, "-4000.00"),
    ]
    assert total(lines, "CNY") == Money(Decimal("10000.00"), "CNY")


def test_lines_that_reach_what_is_at_risk_exactly_have_no_cap() -> None:
    lines = credit_lines(terms("100000.00"), [missed("a", "0.40"), missed("b", "0.60")])
    assert [line.kind for line in lines] == [LineKind.CREDIT, LineKind.CREDIT]


def test_halves_are_rounded_up_once_at_the_line_to_the_minor_unit() -> None:
    (line,) = credit_lines(terms("25", "JPY"), [missed("a", "1")])
    assert line.amount == Money(Decimal(3), "JPY")
    assert credit_lines(terms("10.05"), [missed("a", "0.10")])[0].amount == Money(Decimal("0.10"), "CNY")


def test_nothing_missed_is_nothing_owed() -> None:
    assert credit_lines(terms("100000.00"), []) == []
    assert total([], "CNY").as_json() == {"amount": "0.00", "currency": "CNY"}


def test_the_terms_are_those_of_the_periods_last_day() -> None:
    former, latter = terms("1.00"), Terms(date(2026, 3, 31), Money(Decimal(2), "CNY"), Decimal("0.10"))
    assert terms_in_force([latter, former], date(2026, 3, 31), None) is latter
    assert terms_in_force([latter, former], date(2026, 3, 30), None) is former
    assert terms_in_force([former], date(2025, 12, 31), None) is None


def test_after_the_contracts_last_day_there_are_no_terms() -> None:
    assert terms_in_force([terms("1.00")], date(2026, 3, 31), date(2026, 3, 31)) is not None
    assert terms_in_force([terms("1.00")], date(2026, 4, 30), date(2026, 3, 31)) is None
