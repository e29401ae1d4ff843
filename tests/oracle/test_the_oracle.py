"""The oracle itself is judged by cases that others worked out: by hand, or from three help-desk systems' tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import (
    Calendar,
    NoAnswer,
    agreement_named,
    credits,
    due,
    instant,
    iso,
    judge_period,
    latest_start,
    ledger,
    provisional,
    rate,
    replay,
    restatable,
    working_seconds,
)
from tests.oracle.incident_log import cycles_of_the_log, tickets_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def from_file(name: str) -> dict[str, Any]:
    """A file of cases; without it the tests that need it have no cases, and say so."""
    path = DATA / name
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


CASES = from_file("clock_scenarios.json")
VECTORS = from_file("working_time_vectors.json")


def each(cases: list[dict[str, Any]]) -> pytest.MarkDecorator:
    """One test a case, named by its id; one skipped test where the file is absent."""
    if not cases:
        reason = f"the file of cases is not beside the project ({DATA})"
        return pytest.mark.parametrize("case", [pytest.param({}, marks=pytest.mark.skip(reason=reason))])
    return pytest.mark.parametrize("case", cases, ids=[case["id"] for case in cases])


def agreement_of(stated: dict[str, Any] | None, target: dict[str, Any]) -> dict[str, Any]:
    """A scenario's agreement in the shape of the wire: absent, it is round about all time in UTC."""
    stated = stated or {"zone": "Etc/UTC", "from": "2000-01-01", "until": None}
    if "versions" not in stated:
        return {**stated, "targets": [target]}
    return {**stated, "versions": [{**one, "targets": [one["target"]]} for one in stated["versions"]]}


def inputs_of(case: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Events and agreement of a scenario; rule 10 says which agreement where there are several."""
    if "by_agreement" in case:
        chosen = case["by_agreement"][agreement_named(case["events"], case["as_of"], case["source_agreement"])]
        return case["events"], agreement_of(chosen["agreement"], chosen["target"])
    return case["events"], agreement_of(case.get("agreement"), case["target"])


def only_stated(found: Any, expected: Any) -> Any:
    """What was found, reduced to the fields that the expectation states."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return {name: only_stated(found.get(name), wanted) for name, wanted in expected.items()}
    if isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        return [only_stated(one, wanted) for one, wanted in zip(found, expected, strict=True)]
    return found


@each(CASES.get("scenarios", []))
def test_a_history_worked_by_hand_has_the_same_cycles_warnings_and_ledger(case: dict[str, Any]) -> None:
    events, agreement = inputs_of(case)
    [clock] = replay(events, agreement, CASES["calendars"], case["as_of"])["clocks"]
    expected = case["expected"]
    assert only_stated(clock["cycles"], expected["cycles"]) == expected["cycles"]
    if "warnings" in expected:
        assert clock["cycles"][-1]["warnings"] == expected["warnings"]
    if "ledger" in expected:
        [ledgers] = ledger(events, agreement, CASES["calendars"], case["as_of"]).values()
        assert only_stated(ledgers[-1], expected["ledger"]) == expected["ledger"]


@each(CASES.get("scenarios", []))
def test_neither_the_order_nor_the_repetition_of_arrival_changes_a_clock(case: dict[str, Any]) -> None:
    if case.get("permutable") is False:
        pytest.skip("this scenario depends on the order of arrival")
    events, agreement = inputs_of(case)
    again = [*reversed(events), *events]
    assert replay(again, agreement, CASES["calendars"], case["as_of"]) == replay(
        events, agreement, CASES["calendars"], case["as_of"]
    )


@each(CASES.get("scenarios", []))
def test_a_ledger_accounts_for_every_second_of_its_cycle(case: dict[str, Any]) -> None:
    events, agreement = inputs_of(case)
    [clock] = replay(events, agreement, CASES["calendars"], case["as_of"])["clocks"]
    [ledgers] = ledger(events, agreement, CASES["calendars"], case["as_of"]).values()
    for cycle, rows in zip(clock["cycles"], ledgers, strict=True):
        wall = instant(cycle["ended_at"] or case["as_of"]) - instant(cycle["started_at"])
        sums = {kind: sum(row["seconds"] for row in rows if row["kind"] == kind) for kind in ("working", "paused")}
        assert sum(row["seconds"] for row in rows) == wall
        assert sums == {"working": cycle["elapsed_seconds"], "paused": cycle["paused_seconds"]}


@each(CASES.get("periods", []))
def test_a_month_worked_by_hand_has_the_same_counts_and_credits(case: dict[str, Any]) -> None:
    tickets = {one["ticket"]: one["events"] for one in case.get("tickets", [])}
    closed = {month: month_of(case, tickets, month) for month in case["expected"]}
    assert only_stated(closed, case["expected"]) == case["expected"]
    if "late" in case:
        for one in case["late"]:
            tickets[one["ticket"]] = [*tickets.get(one["ticket"], []), *one["events"]]
        again = {month: month_of(case, tickets, month) for month in case["expected"]}
        assert only_stated(again, case["expected_again"]) == case["expected_again"]
        flags = {month: restatable(closed[month], again[month]) for month in closed}
        assert flags == case["expected_restatable"]


def month_of(case: dict[str, Any], tickets: dict[str, list[dict[str, Any]]], month: str) -> dict[str, Any]:
    """A judged month of a case, from its tickets or from its stated counts."""
    agreement = case["agreement"]
    judged = judge_period(tickets, agreement, CASES["calendars"], month, case.get("exclusions"))
    if "counts" in case:
        targets = {target["key"]: target for target in agreement["targets"]}
        judged["targets"] = [rate(key, counts, targets[key]) for key, counts in case["counts"].get(month, {}).items()]
    return {**judged, **credits(judged["targets"], agreement, case["terms"], month)}


@each(CASES.get("working_time", []))
def test_a_question_of_working_time_has_the_same_answer(case: dict[str, Any]) -> None:
    question = case["question"]
    calendar = Calendar(CASES["calendars"][question["calendar"]])
    answer = answered(calendar, question)
    assert only_stated(answer, case["answer"]) == case["answer"]


def answered(calendar: Calendar, question: dict[str, Any]) -> dict[str, Any]:
    pauses = [(instant(begin), instant(end)) for begin, end in question.get("pauses", [])]
    if "goal_seconds" not in question:
        return {
            "working_seconds": working_seconds(calendar, instant(question["start"]), instant(question["end"]), pauses)
        }
    try:
        if "start" in question:
            at = due(calendar, instant(question["start"]), question["goal_seconds"], pauses)
            return {"due": iso(at), "provisional": provisional(calendar, at)}
        return {"latest_start": iso(latest_start(calendar, instant(question["end"]), question["goal_seconds"], pauses))}
    except NoAnswer:
        return {"problem": True}


def calendar_of(vector: dict[str, Any]) -> Calendar:
    """A vector's calendar in the shape of the wire."""
    days = {day: {"open": [], "name": "holiday"} for day in vector.get("holidays", [])}
    for day, windows in vector.get("day_overrides", {}).items():
        days[day] = {"open": windows, "name": "special"}
    return Calendar({"zone": vector["tz"], "weeks": [{"from": None, **vector["week"]}], "days": days})


@each(VECTORS.get("vectors", []))
def test_a_figure_of_another_help_desk_is_reproduced(case: dict[str, Any]) -> None:
    calendar = calendar_of(case)
    pauses = [(instant(begin), instant(end)) for begin, end in case.get("pauses", [])]
    if case["kind"] == "working_seconds_between":
        assert working_seconds(calendar, instant(case["start"]), instant(case["end"]), pauses) == case["expected"]
    elif case["kind"] == "due_at":
        assert due(calendar, instant(case["start"]), case["seconds"], pauses) == instant(case["expected"])
    elif case["kind"] == "start_before":
        assert latest_start(calendar, instant(case["end"]), case["seconds"], pauses) == instant(case["expected"])
    else:
        assert case["kind"] == "working_seconds_in_pauses"
        inside = sum(working_seconds(calendar, begin, end) for begin, end in pauses)
        assert inside == case["expected"]


@pytest.mark.real_log
@pytest.mark.skipif(not (DATA / "incident_event_log.zip").exists(), reason=f"the incident log is not beside {DATA}")
def test_the_incident_log_has_the_stated_tickets_and_events_and_every_ticket_a_cycle_of_each_target() -> None:
    """24,918 incidents, 141,712 rows and one event more a ticket (API, the incident log's adapter)."""
    log = DATA / "incident_event_log.zip"
    tickets = dict(tickets_of(log))
    assert (len(tickets), sum(len(events) for events in tickets.values())) == (24_918, 166_630)
    found = cycles_of_the_log(log, from_file("incident_log_agreement.json"), limit=200)
    assert len(found) == 2 * 200
    assert all(cycles for cycles in found.values())
