"""The engine against the slow second reading of the same rules, over random agreements, calendars and histories.

They share nothing. Where they differ, one of them has misread `SLA semantics`.
"""

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.sla.calendars.rules import CompiledCalendar, parse_calendar
from services.sla.clocks.rules import (
    FoldedTarget,
    cut,
    decode,
    effective_events,
    encode,
    fold,
    ledger,
    measure,
    measure_many,
)
from tests.oracle import ledger as naive_ledger
from tests.oracle import replay as naive_replay
from tests.oracle.strategies import Case, ticket_cases
from tests.sla.clocks import scenarios

# Not shrunk: a history is drawn from so many choices that it takes minutes, and reads hardly better afterwards.
MANY = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
FIELDS_OF_ROWS = ("from", "to", "kind", "seconds", "label", "event_id")


def calendars_of(case: Case) -> dict[str, CompiledCalendar]:
    return {code: CompiledCalendar(parse_calendar(text)) for code, text in case.calendars.items()}


def folded(case: Case, calendars: dict[str, CompiledCalendar]) -> tuple[FoldedTarget, ...]:
    agreement = scenarios.agreement(case.agreement, case.agreement.get("targets", []), calendars)
    at, fraction = scenarios.instant(case.as_of)
    return fold(effective_events(scenarios.events(case.events)), agreement, at, fraction)


def told(cycles: list[Any], calendars: dict[str, CompiledCalendar]) -> list[dict[str, Any]]:
    return [
        scenarios.as_api(cycle)
        | {
            "warnings": [{"percent": one.percent, "at": scenarios.shown(one.at)} for one in cycle.warnings],
            "calendar": cycle.calendar,
        }
        for cycle in cycles
    ]


@MANY
@given(case=ticket_cases(settled=False))
def test_the_engine_and_the_naive_replay_give_the_same_clocks(case: Case) -> None:
    calendars = calendars_of(case)
    at, _fraction = scenarios.instant(case.as_of)
    found = [
        {"target": target.target, "cycles": told(measure(target, calendars, at), calendars)}
        for target in folded(case, calendars)
    ]
    assert found == naive_replay(case.events, case.agreement, case.calendars, case.as_of)["clocks"]


@MANY
@given(case=ticket_cases(settled=False))
def test_the_engine_and_the_naive_replay_give_the_same_ledgers(case: Case) -> None:
    calendars = calendars_of(case)
    at, _fraction = scenarios.instant(case.as_of)
    naive = naive_ledger(case.events, case.agreement, case.calendars, case.as_of)
    for target in folded(case, calendars):
        for segments, cycle, wanted in zip(
            target.cycles, measure(target, calendars, at), naive[target.target], strict=True
        ):
            rows = [scenarios.row_as_api(row) for row in ledger(segments, cycle, calendars, at).rows]
            assert picked(rows) == picked(wanted)


def picked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: row.get(name) for name in FIELDS_OF_ROWS} for row in rows]


@MANY
@given(case=ticket_cases(settled=False))
def test_many_tickets_at_once_are_measured_as_one_by_one(case: Case) -> None:
    calendars = calendars_of(case)
    at, _fraction = scenarios.instant(case.as_of)
    targets = folded(case, calendars)
    assert measure_many(targets, calendars, at) == [measure(target, calendars, at) for target in targets]


@MANY
@given(case=ticket_cases(settled=False))
def test_a_stored_fold_is_the_fold(case: Case) -> None:
    targets = folded(case, calendars_of(case))
    assert decode(encode(targets)) == targets


@MANY
@given(case=ticket_cases(settled=False), earlier=st.integers(0, 20 * 86_400))
def test_a_fold_cut_back_is_the_fold_made_then(case: Case, earlier: int) -> None:
    calendars = calendars_of(case)
    at = scenarios.instant(case.as_of)[0] - earlier
    then = Case(case.calendars, case.agreement, case.events, scenarios.shown(at) or "")
    for target, wanted in zip(folded(case, calendars), folded(then, calendars), strict=True):
        found = measure(cut(target, at), calendars, at)
        assert [now_known(cycle) for cycle in found] == [now_known(c) for c in measure(wanted, calendars, at)]


def now_known(cycle: Any) -> Any:
    """A fold that is cut back knows no event that lay ahead then, and so not when it comes."""
    return replace(cycle, next_transition=None)


@MANY
@given(case=ticket_cases(settled=False), later=st.integers(1, 20 * 86_400))
def test_a_breach_once_seen_stands_at_every_later_instant_of_looking(case: Case, later: int) -> None:
    calendars = calendars_of(case)
    at = scenarios.instant(case.as_of)[0]
    after = Case(case.calendars, case.agreement, case.events, scenarios.shown(at + later) or "")
    for target, then in zip(folded(case, calendars), folded(after, calendars), strict=True):
        for cycle, following in zip(measure(target, calendars, at), measure(then, calendars, at + later), strict=False):
            if cycle.breached_at is not None:
                assert following.breached_at == cycle.breached_at


@MANY
@given(case=ticket_cases(settled=False), chance=st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_arrival_changes_a_clock(case: Case, chance: Any) -> None:
    calendars = calendars_of(case)
    arrived = case.events + chance.sample(case.events, k=len(case.events) // 2)
    chance.shuffle(arrived)
    assert folded(Case(case.calendars, case.agreement, arrived, case.as_of), calendars) == folded(case, calendars)


@MANY
@given(case=ticket_cases(settled=False))
def test_nothing_that_is_seen_changes_before_the_next_transition(case: Case) -> None:
    """Until then only the seconds elapsed and left go on; a second before it the state is what it was."""
    calendars = calendars_of(case)
    at, _fraction = scenarios.instant(case.as_of)
    for target in folded(case, calendars):
        for place, cycle in enumerate(measure(target, calendars, at)):
            until = (cycle.next_transition or at + 30 * 86_400) - 1
            following = measure(target, calendars, until)[place]
            assert seen(following) == seen(cycle)


def seen(cycle: Any) -> tuple[Any, ...]:
    return cycle.state, cycle.ended_at, cycle.due_at, cycle.breached_at, cycle.warnings, cycle.next_transition
