"""Every worked month gives the counts, attainments, tiers and credits that were derived by hand."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.kernel.money import Money, amount_text
from services.sla.agreements.rules import Agreement
from services.sla.clocks.rules import Event, cut, effective_events, fold, measure
from services.sla.credits.rules import CreditLine, Terms, credit_lines, terms_in_force, total
from services.sla.periods.rules import (
    Frozen,
    JudgedCycle,
    Outcome,
    Period,
    TargetResult,
    fingerprint,
    judge_counts,
    judge_cycles,
    judge_targets,
    period,
    restatable,
)
from tests.sla.clocks import scenarios

PERIODS = scenarios.data()["periods"]
LONG_AFTER = scenarios.instant("2026-12-31T00:00:00Z")[0]
Tickets = dict[str, list[Event]]


def terms_of(story: dict[str, Any]) -> list[Terms]:
    given = story["terms"] if isinstance(story["terms"], list) else [story["terms"]]
    return [
        Terms(
            date.fromisoformat(one["from"]),
            Money(Decimal(one["monthly_charge"]["amount"]), one["monthly_charge"]["currency"]),
            Decimal(one["at_risk_share"]),
        )
        for one in given
    ]


def judged(story: dict[str, Any], agreement: Agreement, within: Period, tickets: Tickets) -> list[JudgedCycle]:
    """Each ticket folded as of long after, and cut back to the period's end, as stored folds are."""
    found = []
    for ticket, events in tickets.items():
        for folded in fold(effective_events(events), agreement, LONG_AFTER):
            excluded = {
                one["cycle"]
                for one in story.get("exclusions", ())
                if (one["ticket"], one["target"]) == (ticket, folded.target)
            }
            cycles = measure(cut(folded, within.ends), scenarios.calendars(), within.ends)
            found += judge_cycles(within, "source", ticket, folded.target, cycles, excluded)
    return found


def results(
    story: dict[str, Any], agreement: Agreement, label: str, tickets: Tickets
) -> tuple[list[TargetResult], list[JudgedCycle]]:
    within = period(label, agreement.zone)
    if "counts" not in story:
        cycles = judged(story, agreement, within, tickets)
        return judge_targets(within, agreement, cycles), cycles
    version = agreement.last_in_force(within.ends - 1)
    assert version is not None
    return [
        judge_counts(key, version.target(key), Counter({Outcome(name): n for name, n in counts.items()}))
        for key, counts in story["counts"][label].items()
    ], []


def lines_of(story: dict[str, Any], within: Period, found: list[TargetResult]) -> list[CreditLine]:
    terms = terms_in_force(terms_of(story), within.last_day, None)
    assert terms is not None
    return credit_lines(terms, found)


def as_api(story: dict[str, Any], within: Period, found: list[TargetResult]) -> dict[str, Any]:
    lines = lines_of(story, within, found)
    currency = terms_of(story)[0].monthly_charge.currency
    return {
        "from": scenarios.shown(within.begins),
        "to": scenarios.shown(within.ends),
        "targets": [target_as_api(result) for result in found],
        "credits": [line_as_api(line) for line in lines],
        "credit_total": total(lines, currency).as_json(),
    }


def target_as_api(result: TargetResult) -> dict[str, Any]:
    attained, tier = result.attainment, result.tier
    return {
        "target": result.target,
        **{str(name): result.counts[name] for name in Outcome},
        "rated": result.rated,
        "attainment": attained and {"met": attained.met, "of": attained.of, "share": attained.share},
        "tier": tier and {"below": str(tier.below), "rate": str(tier.rate)},
    }


def line_as_api(line: CreditLine) -> dict[str, Any]:
    money = line.amount.as_json()
    return {
        "kind": str(line.kind),
        "target": line.target,
        "charge": amount_text(line.charge.amount, line.charge.currency),
        "at_risk_share": str(line.at_risk_share),
        "allocation": None if line.allocation is None else str(line.allocation),
        "rate": None if line.rate is None else str(line.rate),
        "amount": money["amount"],
        "currency": money["currency"],
    }


def like(found: Any, wanted: Any) -> Any:
    """What was found, without the fields that the scenario leaves out: those are not judged."""
    if isinstance(wanted, dict):
        return {name: like(found[name], wanted[name]) for name in wanted}
    if isinstance(wanted, list) and len(found) == len(wanted):
        return [like(one, want) for one, want in zip(found, wanted, strict=True)]
    return found


def agreement_of(story: dict[str, Any]) -> Agreement:
    return scenarios.agreement(story["agreement"], story["agreement"]["targets"])


def arrived(story: dict[str, Any], *names: str) -> Tickets:
    tickets: Tickets = {}
    for name in names:
        for ticket in story.get(name, ()):
            tickets.setdefault(ticket["ticket"], []).extend(scenarios.events(ticket["events"]))
    return tickets


@pytest.mark.parametrize("story", PERIODS, ids=lambda story: story["id"])
def test_a_worked_month_gives_the_result_derived_by_hand(story: dict[str, Any]) -> None:
    agreement = agreement_of(story)
    for label, wanted in story["expected"].items():
        found, _cycles = results(story, agreement, label, arrived(story, "tickets"))
        assert like(as_api(story, period(label, agreement.zone), found), wanted) == wanted


@pytest.mark.parametrize("story", [s for s in PERIODS if "expected_restatable" in s], ids=lambda story: story["id"])
def test_late_facts_make_a_month_restatable_where_they_change_it(story: dict[str, Any]) -> None:
    agreement = agreement_of(story)
    for label, wanted in story["expected_restatable"].items():
        within = period(label, agreement.zone)
        looks = []
        for names in (("tickets",), ("tickets", "late")):
            found, cycles = results(story, agreement, label, arrived(story, *names))
            lines = lines_of(story, within, found)
            credits = [(line.kind, line.target, str(line.amount.amount)) for line in lines]
            looks.append(Frozen({r.target: r.counts for r in found}, fingerprint(cycles), credits))
        assert restatable(*looks) is wanted
        again = story["expected_again"][label]
        assert like(as_api(story, within, found), again) == again
