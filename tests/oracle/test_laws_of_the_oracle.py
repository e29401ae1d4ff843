"""What holds for every history, asked of the oracle: it must not be the one that is wrong."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle import instant, judge_period, ledger, replay
from tests.oracle.dense import dense_cases
from tests.oracle.strategies import Case, PeriodCase, period_cases, ticket_cases

FEW = settings(max_examples=60, deadline=None)


def clocks(case: Case, events: list[dict[str, Any]] | None = None, as_of: str | None = None) -> dict[str, Any]:
    found = replay(case.events if events is None else events, case.agreement, case.calendars, as_of or case.as_of)
    return {clock["target"]: clock["cycles"] for clock in found["clocks"]}


def cycles_of(case: Case, as_of: str | None = None) -> list[tuple[str, dict[str, Any]]]:
    return [(key, cycle) for key, cycles in clocks(case, as_of=as_of).items() for cycle in cycles]


@FEW
@given(case=st.one_of(ticket_cases(), dense_cases()), chance=st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_arrival_changes_a_clock(case: Case, chance: Any) -> None:
    arrived = case.events + chance.sample(case.events, k=len(case.events) // 2)
    chance.shuffle(arrived)
    assert clocks(case, arrived) == clocks(case)


@FEW
@given(case=st.one_of(ticket_cases(settled=False), dense_cases()))
def test_the_rows_of_a_ledger_sum_to_the_wall_time_and_the_working_rows_to_the_elapsed_time(case: Case) -> None:
    ledgers = ledger(case.events, case.agreement, case.calendars, case.as_of)
    for key, cycles in clocks(case).items():
        for cycle, rows in zip(cycles, ledgers[key], strict=True):
            end = instant(cycle["ended_at"] or case.as_of)
            assert sum(row["seconds"] for row in rows) == end - instant(cycle["started_at"])
            assert sum(row["seconds"] for row in rows if row["kind"] == "working") == cycle["elapsed_seconds"]
            assert sum(row["seconds"] for row in rows if row["kind"] == "paused") == cycle["paused_seconds"]
            for row, following in pairwise(rows):
                assert row["to"] == following["from"]


@FEW
@given(case=st.one_of(ticket_cases(), dense_cases()), earlier=st.integers(0, 12 * 86400))
def test_a_breach_once_seen_stands_at_every_later_instant_of_looking(case: Case, earlier: int) -> None:
    before = clocks(case, as_of=None if earlier == 0 else shifted(case.as_of, -earlier))
    after = clocks(case)
    for key, cycles in before.items():
        for place, cycle in enumerate(cycles):
            if cycle["breached_at"] is not None:
                assert after[key][place]["breached_at"] == cycle["breached_at"]


def shifted(text: str, seconds: int) -> Any:
    return instant(text) + seconds


@FEW
@given(case=st.one_of(ticket_cases(settled=False), dense_cases()))
def test_only_a_cycle_with_more_elapsed_than_its_goal_has_breached(case: Case) -> None:
    """Where it has not breached and does not stand, no second too many has elapsed; a loosened goal may leave a breach
    with less. A clock that stands may have passed a tightened goal without a breach."""
    for _, cycle in cycles_of(case):
        if cycle["state"] == "met":
            assert cycle["elapsed_seconds"] <= cycle["goal_seconds"]
        if cycle["state"] == "running" and cycle["breached_at"] is None and cycle["goal_seconds"] is not None:
            assert cycle["elapsed_seconds"] <= cycle["goal_seconds"]
        if cycle["state"] == "breached":
            assert cycle["breached_at"] is not None
            assert cycle["started_at"] <= cycle["breached_at"] <= cycle["ended_at"]


@FEW
@given(case=st.one_of(ticket_cases(settled=False), dense_cases()))
def test_a_warning_lies_inside_its_cycle_and_before_its_breach(case: Case) -> None:
    for _, cycle in cycles_of(case):
        for warning in cycle["warnings"]:
            if warning["at"] is None:
                assert cycle["ended_at"] is None
                continue
            assert cycle["started_at"] <= warning["at"]
            assert cycle["ended_at"] is None or warning["at"] < cycle["ended_at"]
            assert cycle["breached_at"] is None or warning["at"] < cycle["breached_at"]


@settings(max_examples=25, deadline=None)
@given(case=period_cases())
def test_a_month_does_not_depend_on_when_it_is_judged(case: PeriodCase) -> None:
    """Events after the month's end, corrections apart, are not looked at."""
    judged = judge_period(case.tickets, case.agreement, case.calendars, case.month, case.exclusions)
    end = instant(judged["to"])
    kept = {
        ticket: [
            event
            for event in events
            if instant(event["occurred_at"]) <= end
            or "corrects" in event
            or "withdraws" in event
            or named(event, events)
        ]
        for ticket, events in case.tickets.items()
    }
    assert judge_period(kept, case.agreement, case.calendars, case.month, case.exclusions) == judged


def named(event: dict[str, Any], events: list[dict[str, Any]]) -> bool:
    """Does another event correct or withdraw this one?"""
    return any(event["event_id"] in (other.get("corrects"), other.get("withdraws")) for other in events)
