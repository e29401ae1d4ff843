"""Every worked history gives the cycles, warnings and ledgers that were derived by hand."""

import random
from typing import Any

import pytest

from services.sla.agreements.rules import Agreement
from services.sla.clocks.rules import (
    Cycle,
    Event,
    FoldedTarget,
    Kind,
    effective_events,
    fold,
    ledger,
    measure,
    named_agreement,
    seen_at,
)
from tests.sla.clocks import scenarios

SCENARIOS = scenarios.data()["scenarios"]


def agreement_of(scenario: dict[str, Any], effective: list[Event], at: int, fraction: int) -> Agreement:
    if "by_agreement" not in scenario:
        return scenarios.agreement(scenario.get("agreement"), [scenario["target"]])
    code = named_agreement(seen_at(effective, at, fraction)) or scenario["source_agreement"]
    named = scenario["by_agreement"][code]
    return scenarios.agreement(named["agreement"], [named["target"]])


def judged(scenario: dict[str, Any], events: list[Event]) -> tuple[FoldedTarget, list[Cycle], int]:
    at, fraction = scenarios.instant(scenario["as_of"])
    effective = effective_events(events)
    (folded,) = fold(effective, agreement_of(scenario, effective, at, fraction), at, fraction)
    return folded, measure(folded, scenarios.calendars(), at), at


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["id"])
def test_a_worked_history_gives_the_cycles_derived_by_hand(scenario: dict[str, Any]) -> None:
    _folded, cycles, _at = judged(scenario, scenarios.events(scenario["events"]))
    found = [scenarios.as_api(cycle) for cycle in cycles]
    wanted = scenario["expected"]["cycles"]
    assert [{name: cycle[name] for name in want} for cycle, want in zip(found, wanted, strict=True)] == wanted


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if s.get("permutable", True)], ids=lambda s: s["id"])
def test_the_order_of_arrival_changes_no_worked_history(scenario: dict[str, Any]) -> None:
    events = scenarios.events(scenario["events"])
    _folded, wanted, _at = judged(scenario, events)
    chance = random.Random(scenario["id"])
    for _ in range(5):
        arrived = events + chance.sample(events, k=len(events) // 2)
        chance.shuffle(arrived)
        assert judged(scenario, arrived)[1] == wanted


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if "warnings" in s["expected"]], ids=lambda s: s["id"])
def test_a_worked_history_is_at_risk_when_derived_by_hand(scenario: dict[str, Any]) -> None:
    _folded, cycles, _at = judged(scenario, scenarios.events(scenario["events"]))
    found = [{"percent": warning.percent, "at": scenarios.shown(warning.at)} for warning in cycles[-1].warnings]
    assert found == scenario["expected"]["warnings"]


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if "ledger" in s["expected"]], ids=lambda s: s["id"])
def test_a_worked_history_gives_the_ledger_derived_by_hand(scenario: dict[str, Any]) -> None:
    folded, cycles, at = judged(scenario, scenarios.events(scenario["events"]))
    rows = [scenarios.row_as_api(row) for row in ledger(folded.cycles[-1], cycles[-1], scenarios.calendars(), at).rows]
    wanted = scenario["expected"]["ledger"]
    assert [{name: row[name] for name in want} for row, want in zip(rows, wanted, strict=True)] == wanted


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["id"])
def test_a_ledger_sums_to_wall_time_and_its_working_rows_to_the_elapsed_time(scenario: dict[str, Any]) -> None:
    folded, cycles, at = judged(scenario, scenarios.events(scenario["events"]))
    for segments, cycle in zip(folded.cycles, cycles, strict=True):
        told = ledger(segments, cycle, scenarios.calendars(), at)
        ends = at if cycle.ended_at is None else cycle.ended_at
        assert sum(told.sums.values()) == told.wall_seconds == ends - cycle.started_at
        assert (told.sums[Kind.WORKING], told.sums[Kind.PAUSED]) == (cycle.elapsed_seconds, cycle.paused_seconds)
        assert all(row.seconds > 0 for row in told.rows)
        assert all(one.ends == other.begins for one, other in zip(told.rows, told.rows[1:], strict=False))
