"""Which condition held at each event, and why there is no clock."""

from typing import Any

from services.sla.clocks.rules import Did, Event, Hindrance, WhyStep, effective_events, why
from tests.sla.clocks import scenarios

CONDITIONS: dict[str, Any] = {
    "start": {"all": [{"field": "state", "op": "set"}, {"field": "kind", "op": "eq", "value": "incident"}]},
    "stop": {"field": "state", "op": "eq", "value": "Resolved"},
    "pause": {"field": "state", "op": "eq", "value": "Waiting"},
    "cancel": {"field": "code", "op": "eq", "value": "void"},
}
GOALS = [{"when": {"field": "priority", "op": "eq", "value": "1"}, "seconds": 3600}, {"seconds": 7200}]
AS_OF = scenarios.instant("2026-03-09T00:00:00Z")[0]


def told(
    *patches: dict[str, Any], since: str = "2000-01-01", on_reopen: str = "ignore", **conditions: Any
) -> list[WhyStep]:
    """The steps of a ticket with an event an hour, from Monday, 2 March, 09:00 on. conditions: other ones."""
    target = {
        "key": "resolution",
        "calendar": "utc-office",
        "conditions": CONDITIONS | conditions,
        "goals": GOALS,
        "on_reopen": on_reopen,
    }
    agreement = scenarios.agreement({"zone": "Etc/UTC", "from": since, "until": None}, [target])
    first = scenarios.instant("2026-03-02T09:00:00Z")[0]
    events = [Event(f"e{n}", first + 3600 * n, patch) for n, patch in enumerate(patches)]
    return why(effective_events(events), agreement, AS_OF)["resolution"]


def test_each_event_shows_what_held_and_what_followed() -> None:
    steps = told(
        {"state": "New", "kind": "incident"},
        {"priority": "1"},
        {"state": "Waiting"},
        {"comment": "x"},
        {"state": "Working"},
        {"state": "Resolved"},
        {"state": "Working"},
        on_reopen="continue",
    )
    assert [step.did for step in steps] == [
        [Did.STARTED], [Did.GOAL_CHANGED], [Did.PAUSED], [], [Did.RESUMED], [Did.STOPPED], [Did.REOPENED],
    ]  # fmt: skip
    assert steps[2].conditions == {"start": True, "stop": False, "pause": True, "cancel": False}
    assert [step.goal_seconds for step in steps[:2]] == [7200, 3600]
    assert not any(step.hindered_by for step in steps if Did.STOPPED not in step.did)


def test_why_there_is_no_clock_names_the_test_that_failed_and_what_it_found() -> None:
    (step,) = told({"state": "New", "kind": "request"})
    assert step.hindered_by == [Hindrance.START]
    (test,) = step.tests
    assert (test.condition, test.field, test.op, test.value, test.found) == (
        "start", "kind", "eq", "incident", "request",
    )  # fmt: skip


def test_why_there_is_no_clock_names_a_cancellation() -> None:
    (step,) = told({"state": "New", "kind": "incident", "code": "void"})
    assert step.hindered_by == [Hindrance.CANCEL]
    assert [(test.field, test.found, test.held) for test in step.tests] == [("code", "void", True)]


def test_what_is_denied_is_named_by_the_test_that_held() -> None:
    """Of `not (on hold)` and `not (draft or test)` the tests in the brackets are what stands in the way."""
    denied = {"not": {"any": [{"field": "draft", "op": "eq", "value": True}, {"field": "test", "op": "set"}]}}
    start = {"all": [{"field": "state", "op": "set"}, {"not": {"field": "hold", "op": "set"}}, denied]}
    (step,) = told({"state": "New", "hold": "x", "test": 1}, start=start)
    assert [(test.field, test.held) for test in step.tests] == [("hold", True), ("test", True)]
    (step,) = told({"state": "New", "kind": "incident"}, cancel={"not": {"field": "owner", "op": "set"}})
    assert [(test.condition, test.field, test.held) for test in step.tests] == [("cancel", "owner", False)]
    (step,) = told({"kind": "incident"}, start={"not": {"not": {"field": "state", "op": "set"}}})
    assert [(test.field, test.held) for test in step.tests] == [("state", False)]


def test_before_the_agreement_nothing_is_in_force() -> None:
    (step,) = told({"state": "New", "kind": "incident"}, since="2026-04-01")
    assert (step.hindered_by, step.version, step.conditions) == ([Hindrance.NOT_IN_FORCE], None, {})


def test_a_response_that_was_given_stays_ended_for_good() -> None:
    steps = told({"state": "New", "kind": "incident"}, {"state": "Resolved"}, {"state": "Working"})
    assert steps[-1].hindered_by == [Hindrance.STAYS_ENDED]
    assert steps[-1].did == []


def test_an_event_of_reset_ends_one_cycle_and_starts_the_next() -> None:
    changed = {**CONDITIONS, "reset": {"field": "moved", "op": "eq", "value": True}}
    target = {"key": "r", "calendar": "utc-office", "conditions": changed, "goals": GOALS, "on_reopen": "new"}
    agreement = scenarios.agreement(None, [target])
    first = scenarios.instant("2026-03-02T09:00:00Z")[0]
    events = [Event("a", first, {"state": "New", "kind": "incident"}), Event("b", first + 60, {"moved": True})]
    assert [step.did for step in why(events, agreement, AS_OF)["r"]] == [[Did.STARTED], [Did.RESET, Did.STARTED]]
