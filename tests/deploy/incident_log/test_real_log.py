"""The real incident log's first 1,500 tickets through the public API, every cycle against a naive replay."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.commands.demo_log import AGREEMENT_FILE, load
from gateway.imports.incident_log import INCIDENT_LOG
from gateway.imports.log_file import read_events
from tests.deploy.conftest import Outside
from tests.oracle.incident_log import cycles_of_the_log

TICKETS = 1_500
COMPARED = (
    "cycle", "state", "started_at", "ended_at", "goal_seconds", "elapsed_seconds", "paused_seconds",
    "remaining_seconds", "due_at", "breached_at",
)  # fmt: skip


def events_of_the_first(log: Path, tickets: int) -> int:
    """How many events those tickets have; the log is grouped by ticket."""
    seen: set[str] = set()
    events = 0
    for event in read_events(log, INCIDENT_LOG):
        seen.add(event["ticket"])
        if len(seen) > tickets:
            return events
        events += 1
    return events


def compared(cycle: dict[str, Any]) -> dict[str, Any]:
    return {name: cycle[name] for name in COMPARED}


@pytest.mark.real_log
def test_every_cycle_of_1500_real_tickets_is_the_replays_to_the_second(
    real_log: Path, outside: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a second run of the whole chain, periods and credits included, gives the same counts."""
    monkeypatch.setattr("deploy.event_import.IMPORTS", tmp_path)
    setting = json.loads((real_log.parent / AGREEMENT_FILE).read_text(encoding="utf-8"))
    limit = events_of_the_first(real_log, TICKETS)
    with outside.api() as api:
        line = load(api, setting, real_log, "wang.min", limit)
        agreement = api.get(f"/api/sla/v1/sources/{setting['source']['code']}")["agreement"]
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for cycle in api.items("/api/sla/v1/clocks", agreement=agreement):
            found.setdefault((cycle["ticket"], cycle["target"]), []).append(cycle)
        again = load(api, setting, real_log, "wang.min", limit)
    expected = cycles_of_the_log(real_log, setting, TICKETS)
    assert found.keys() == expected.keys()
    for clock, cycles in expected.items():
        in_order = sorted(found[clock], key=lambda cycle: int(cycle["cycle"]))
        assert [compared(cycle) for cycle in in_order] == [compared(cycle) for cycle in cycles], clock
    assert (line["tickets"], line["events"], line["periods"]) == (TICKETS, limit, 13)
    assert without_seconds(again) == without_seconds(line)


def without_seconds(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "seconds"}
