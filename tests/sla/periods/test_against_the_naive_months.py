"""Months judged by the engine and by the slow second reading of the rules, over random tickets and exclusions."""

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from services.sla.calendars.rules import CompiledCalendar, parse_calendar
from services.sla.clocks.rules import effective_events, fold
from services.sla.periods.rules import judge_folds, judge_targets, period
from tests.oracle import judge_period
from tests.oracle.strategies import PeriodCase, period_cases
from tests.sla.clocks import scenarios
from tests.sla.periods.test_scenarios import target_as_api

MANY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)

LONG_AFTER = scenarios.instant("2040-01-01T00:00:00Z")[0]  # stored folds know what came after the month


@MANY
@given(case=period_cases())
def test_the_engine_and_the_naive_reading_judge_a_month_alike(case: PeriodCase) -> None:
    calendars = {code: CompiledCalendar(parse_calendar(text)) for code, text in case.calendars.items()}
    agreement = scenarios.agreement(case.agreement, case.agreement.get("targets", []))
    within = period(case.month, agreement.zone)
    folds = [
        ("desk", ticket, folded)
        for ticket, events in case.tickets.items()
        for folded in fold(effective_events(scenarios.events(events)), agreement, LONG_AFTER)
    ]
    excluded = [("desk", one["ticket"], one["target"], one["cycle"]) for one in case.exclusions]
    judged = judge_folds(within, folds, calendars, excluded)
    wanted = judge_period(case.tickets, case.agreement, case.calendars, case.month, case.exclusions)
    assert sorted((one.ticket, one.target, one.cycle, str(one.outcome)) for one in judged) == sorted(
        (one["ticket"], one["target"], one["cycle"], one["outcome"]) for one in wanted["cycles"]
    )
    found = {result.target: target_as_api(result) for result in judge_targets(within, agreement, judged)}
    for one in wanted["targets"]:
        if one["target"] in found:
            assert {name: found[one["target"]][name] for name in one} == one
        else:
            assert empty(one)


def empty(target: dict[str, Any]) -> bool:
    """A target of a version that is not in force in the month has nothing in it, and need not be listed."""
    return not target["rated"] and not any(target[name] for name in ("met", "breached", "excluded", "cancelled"))
