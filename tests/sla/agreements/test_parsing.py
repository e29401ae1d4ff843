"""An agreement is read whole, or refused with every fault at its place."""

import copy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.kernel.refusals import Invalid
from services.sla.agreements.rules import (
    OnGoalChange,
    OnReopen,
    Span,
    next_version,
    parse_agreement,
    parse_targets,
    parse_version,
    target_as_json,
)

TARGET: dict[str, Any] = {
    "key": "resolution",
    "name": {"zh": "解决时限", "en": "Resolution"},
    "kind": "clock",
    "calendar": "cn-office",
    "conditions": {
        "start": {"field": "state", "op": "set"},
        "stop": {"field": "state", "op": "in", "value": ["Resolved", "Closed"]},
        "pause": {
            "any": [{"field": "state", "op": "eq", "value": "Waiting"}, {"not": {"field": "owner", "op": "set"}}]
        },
    },
    "goals": [
        {"when": {"field": "priority", "op": "eq", "value": "1"}, "seconds": 14400, "calendar": "cn-24x7"},
        {"seconds": 144000},
    ],
    "on_goal_change": "retroactive",
    "on_reopen": "continue",
    "count_stopped": False,
    "warn_at": [90, 75],
    "min_volume": 10,
    "allocation": "0.50",
    "tiers": [{"below": "0.95", "rate": "0.40"}, {"below": "0.90", "rate": "1.00"}],
}
AGREEMENT: dict[str, Any] = {
    "contract": "HT-2026-000123",
    "title": "IT service desk",
    "zone": "Asia/Shanghai",
    "period": "month",
    "from": "2026-02-01",
    "until": None,
    "targets": [TARGET],
}
CALENDARS = {"cn-office", "cn-24x7"}
GONE = object()


def changed(path: str, value: object, base: dict[str, Any] = AGREEMENT) -> dict[str, Any]:
    """The agreement with one value changed, or taken away."""
    text = copy.deepcopy(base)
    at: Any = text
    *steps, last = path.strip("/").split("/")
    for step in steps:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if value is GONE:
        del at[last]
    elif isinstance(at, list) and int(last) == len(at):
        at.append(value)
    else:
        at[int(last) if isinstance(at, list) else last] = value
    return text


def faults(text: object) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        parse_agreement(text, CALENDARS)
    return [(error.code, error.at) for error in refused.value.errors]


def test_an_agreement_is_read_with_all_its_settings() -> None:
    read = parse_agreement(AGREEMENT, CALENDARS)
    (target,) = read.first.targets
    assert (read.contract, read.zone, read.first.since) == ("HT-2026-000123", "Asia/Shanghai", date(2026, 2, 1))
    assert (target.on_goal_change, target.on_reopen) == (OnGoalChange.RETROACTIVE, OnReopen.CONTINUE)
    assert (target.warn_at, target.min_volume, target.allocation) == ((75, 90), 10, Decimal("0.50"))
    assert [(goal.seconds, goal.calendar) for goal in target.goals] == [(14400, "cn-24x7"), (144000, None)]
    assert [str(tier.below) for tier in target.tiers] == ["0.95", "0.90"]


def test_what_may_be_left_out_has_the_stated_default() -> None:
    few = {name: TARGET[name] for name in ("key", "calendar", "conditions", "goals", "on_reopen")}
    (target,) = parse_targets([few])
    assert (target.on_goal_change, target.count_stopped, target.warn_at) == (OnGoalChange.RETROACTIVE, False, ())
    assert (target.min_volume, target.allocation, target.tiers) == (0, Decimal(0), ())


def test_a_target_written_out_reads_back_the_same() -> None:
    (target,) = parse_targets([TARGET])
    written = target_as_json(target)
    assert parse_targets([written]) == (target,)
    assert written == TARGET | {"warn_at": [75, 90]}


T = "/targets/0"


@pytest.mark.parametrize(
    ("path", "value", "code", "at"),
    [
        ("/zone", "Asia/Nowhere", "unknown_zone", "/zone"),
        ("/zone", GONE, "missing_field", "/zone"),
        ("/period", "week", "unknown_value", "/period"),
        ("/from", "2026-02-30", "bad_date", "/from"),
        ("/from", GONE, "missing_field", "/from"),
        ("/until", "2026-01-31", "reversed", "/until"),
        ("/surprise", 1, "unknown_field", "/surprise"),
        ("/targets", [], "missing_field", "/targets"),
        ("/targets", {}, "bad_type", "/targets"),
        ("/targets/1", TARGET, "repeated", "/targets/1/key"),
        (f"{T}/key", "Résolution", "bad_key", f"{T}/key"),
        (f"{T}/kind", "availability", "unknown_value", f"{T}/kind"),
        (f"{T}/calendar", "cn-moon", "unknown_calendar", f"{T}/calendar"),
        (f"{T}/calendar", GONE, "missing_field", f"{T}/calendar"),
        (f"{T}/conditions/start", GONE, "missing_field", f"{T}/conditions/start"),
        (f"{T}/conditions/stop", GONE, "missing_field", f"{T}/conditions/stop"),
        (f"{T}/conditions/begin", {"field": "a", "op": "set"}, "unknown_field", f"{T}/conditions/begin"),
        (f"{T}/conditions/start/op", "like", "unknown_operator", f"{T}/conditions/start/op"),
        (f"{T}/conditions/start/op", GONE, "missing_field", f"{T}/conditions/start/op"),
        (f"{T}/conditions/start/field", GONE, "missing_field", f"{T}/conditions/start/field"),
        (f"{T}/conditions/start/value", "x", "unexpected_value", f"{T}/conditions/start/value"),
        (f"{T}/conditions/stop/value", [], "missing_field", f"{T}/conditions/stop/value"),
        (f"{T}/conditions/stop/value", "Resolved", "bad_type", f"{T}/conditions/stop/value"),
        (f"{T}/conditions/stop/value/1", None, "bad_type", f"{T}/conditions/stop/value/1"),
        (f"{T}/conditions/pause/any/0/op", "lk", "unknown_operator", f"{T}/conditions/pause/any/0/op"),
        (f"{T}/conditions/pause/any/1/not/op", "lk", "unknown_operator", f"{T}/conditions/pause/any/1/not/op"),
        (f"{T}/conditions/pause/any", [], "missing_field", f"{T}/conditions/pause/any"),
        (
            f"{T}/conditions/pause/any/0",
            {"field": "n", "op": "lt", "value": True},
            "bad_type",
            f"{T}/conditions/pause/any/0/value",
        ),
        (f"{T}/goals", [], "no_last_goal", f"{T}/goals"),
        (f"{T}/goals", GONE, "missing_field", f"{T}/goals"),
        (f"{T}/goals/1/when", {"field": "a", "op": "set"}, "no_last_goal", f"{T}/goals"),
        (f"{T}/goals/0/when", None, "unreachable", f"{T}/goals/0"),
        (f"{T}/goals/1/seconds", 0, "out_of_range", f"{T}/goals/1/seconds"),
        (f"{T}/goals/1/seconds", 1.5, "bad_type", f"{T}/goals/1/seconds"),
        (f"{T}/goals/1/seconds", True, "bad_type", f"{T}/goals/1/seconds"),
        (f"{T}/goals/1/seconds", GONE, "missing_field", f"{T}/goals/1/seconds"),
        (f"{T}/goals/0/calendar", "cn-moon", "unknown_calendar", f"{T}/goals/0/calendar"),
        (f"{T}/on_goal_change", "forget", "unknown_value", f"{T}/on_goal_change"),
        (f"{T}/on_reopen", GONE, "missing_field", f"{T}/on_reopen"),
        (f"{T}/on_reopen", "maybe", "unknown_value", f"{T}/on_reopen"),
        (f"{T}/count_stopped", "no", "bad_type", f"{T}/count_stopped"),
        (f"{T}/warn_at/1", 90, "repeated", f"{T}/warn_at/1"),
        (f"{T}/warn_at/1", 101, "out_of_range", f"{T}/warn_at/1"),
        (f"{T}/min_volume", -1, "out_of_range", f"{T}/min_volume"),
        (f"{T}/allocation", 0.5, "bad_decimal", f"{T}/allocation"),
        (f"{T}/allocation", "-0.5", "bad_decimal", f"{T}/allocation"),
        (f"{T}/allocation", "1.01", "out_of_range", f"{T}/allocation"),
        (f"{T}/tiers/1/below", "0.950", "repeated", f"{T}/tiers/1/below"),
        (f"{T}/tiers/1/rate", "2", "out_of_range", f"{T}/tiers/1/rate"),
        (f"{T}/tiers/1/rate", GONE, "missing_field", f"{T}/tiers/1/rate"),
        (f"{T}/name/fr", "x", "unknown_field", f"{T}/name/fr"),
    ],
)
def test_what_is_wrong_is_named_at_its_place(path: str, value: object, code: str, at: str) -> None:
    assert faults(changed(path, value)) == [(code, at)]


def test_all_that_is_wrong_is_named_at_once() -> None:
    text = changed(f"{T}/allocation", "2", changed(f"{T}/on_reopen", GONE, changed("/zone", "Mars/Base")))
    assert {code for code, _at in faults(text)} == {"unknown_zone", "missing_field", "out_of_range"}


def test_a_condition_nested_without_end_is_refused() -> None:
    condition: dict[str, Any] = {"field": "a", "op": "set"}
    for _ in range(40):
        condition = {"not": condition}
    assert [code for code, _at in faults(changed(f"{T}/conditions/start", condition))] == ["too_deep"]


def test_a_version_has_only_its_dates_and_its_targets() -> None:
    version = {"from": "2026-04-01", "until": None, "targets": [TARGET]}
    assert parse_version(version, CALENDARS).since == date(2026, 4, 1)
    with pytest.raises(Invalid):
        parse_version({**version, "zone": "Asia/Shanghai"}, CALENDARS)


def test_a_version_without_end_ends_where_the_next_begins() -> None:
    existing = [Span(date(2026, 1, 1), None)]
    assert next_version(existing, Span(date(2026, 4, 1), None)) == date(2026, 3, 31)


def test_a_version_with_an_end_keeps_it_and_a_gap_may_follow() -> None:
    existing = [Span(date(2026, 1, 1), date(2026, 3, 31))]
    assert next_version(existing, Span(date(2026, 4, 1), None)) is None
    assert next_version(existing, Span(date(2026, 6, 1), None)) is None


@pytest.mark.parametrize(
    ("until", "since"), [(date(2026, 3, 31), date(2026, 3, 31)), (None, date(2026, 1, 1)), (None, date(2025, 1, 1))]
)
def test_versions_that_would_overlap_are_refused(until: date | None, since: date) -> None:
    with pytest.raises(Invalid) as refused:
        next_version([Span(date(2026, 1, 1), until)], Span(since, None))
    assert [(error.code, error.at) for error in refused.value.errors] == [("versions_overlap", "/from")]
