"""Months, shares cut and never rounded, and which later looks make a closed month restatable."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sla.agreements.rules import Tier
from services.sla.periods.rules import (
    Attainment,
    Frozen,
    JudgedCycle,
    NoPeriod,
    Outcome,
    fingerprint,
    judge_counts,
    period,
    period_at,
    restatable,
    tier,
)
from tests.sla.clocks import scenarios

TIERS = (Tier(Decimal("0.95"), Decimal("0.40")), Tier(Decimal("0.90"), Decimal("1.00")))


def test_a_month_is_one_of_the_agreements_zone() -> None:
    march = period("2026-03", "Asia/Shanghai")
    assert (scenarios.shown(march.begins), scenarios.shown(march.ends)) == (
        "2026-02-28T16:00:00Z",
        "2026-03-31T16:00:00Z",
    )
    assert (march.first_day.isoformat(), march.last_day.isoformat()) == ("2026-03-01", "2026-03-31")


@pytest.mark.parametrize("label", ["2026-13", "2026-3", "2026-00", "march", "0000-01", "9999-12", "2026-03-01"])
def test_what_is_no_month_is_refused(label: str) -> None:
    with pytest.raises(NoPeriod):
        period(label, "Etc/UTC")


ZONES = st.sampled_from(["Etc/UTC", "Asia/Shanghai", "America/Sao_Paulo", "America/Havana", "Pacific/Apia"])


@given(instant=st.integers(0, 7_000_000_000), zone=ZONES)
def test_every_instant_lies_in_exactly_one_month(instant: int, zone: str) -> None:
    found = period_at(instant, zone)
    assert found.begins <= instant < found.ends
    assert period(found.label, zone) == found


@given(of=st.integers(1, 10**9), share=st.fractions(0, 1))
def test_a_share_is_cut_and_never_rounded_up(of: int, share: object) -> None:
    met = int(share * of)  # type: ignore[operator]  # a Fraction, for Hypothesis' stubs an object
    shown = Decimal(Attainment(met, of).share)
    assert shown * of <= met < (shown + Decimal("0.000001")) * of


@pytest.mark.parametrize(
    ("met", "of", "below"), [(95, 100, None), (949999, 1000000, "0.95"), (90, 100, "0.95"), (899, 1000, "0.90")]
)
def test_the_lowest_bound_above_the_attainment_is_the_tier(met: int, of: int, below: str | None) -> None:
    found = tier(TIERS, Attainment(met, of))
    assert (None if found is None else str(found.below)) == below


def test_a_target_that_the_version_lacks_is_listed_and_not_rated() -> None:
    result = judge_counts("gone", None, Counter({Outcome.MET: 30}))
    assert (result.rated, result.attainment, result.tier) == (False, None, None)


CYCLE = JudgedCycle("desk", "1", "resolution", 1, Outcome.MET, 1_000)
OTHER = JudgedCycle("desk", "2", "resolution", 1, Outcome.MET, 1_000)
CLOSED = Frozen({"resolution": {"met": 1}}, fingerprint([CYCLE]), [])


def test_the_same_again_is_not_restatable() -> None:
    again = Frozen({"resolution": {"met": 1, "breached": 0}, "response": {"met": 0}}, fingerprint([CYCLE]), ())
    assert not restatable(CLOSED, again)


@pytest.mark.parametrize(
    "again",
    [
        Frozen({"resolution": {"met": 1, "cancelled": 1}}, fingerprint([CYCLE]), []),
        Frozen(
            {"resolution": {"met": 1}}, fingerprint([JudgedCycle("desk", "2", "resolution", 1, Outcome.MET, 1)]), []
        ),
        Frozen({"resolution": {"met": 1}}, fingerprint([CYCLE]), [("credit", "resolution", "2000.00")]),
    ],
    ids=["other counts", "other cycles", "other credits"],
)
def test_other_counts_other_cycles_or_other_credits_are_restatable(again: Frozen) -> None:
    assert restatable(CLOSED, again)


def test_a_fingerprint_looks_at_counted_cycles_only_whatever_their_order() -> None:
    other = JudgedCycle("desk", "2", "resolution", 1, Outcome.BREACHED, 5)
    listed = JudgedCycle("desk", "3", "resolution", 1, Outcome.CANCELLED, 5)
    assert fingerprint([CYCLE, other]) == fingerprint([other, listed, CYCLE])
    assert fingerprint([CYCLE, other]) != fingerprint([CYCLE])
