"""1,500 tickets of the real incident log, spread over its year, against a replay that knows nothing of the engine.

They go the whole way through the public API: agreement to the letter, import, clocks, thirteen closed months, credits.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy import cli
from deploy.commands import import_events
from tests import databases
from tests.chain.program import CONTRACTS, SLA, SUPPLIERS, Program, evaluated, program, wait_for
from tests.deploy.incident_log.conftest import REAL_LOG
from tests.factories import supplier_body
from tests.house import House
from tests.oracle.clocks import all_made, ledger, replay
from tests.oracle.incident_log import AFTER_THE_LOG, tickets_of
from tests.oracle.periods import credits, judge_period

Json = dict[str, Any]
Events = list[dict[str, Any]]
pytestmark = [pytest.mark.real_log, pytest.mark.xdist_group("real_log")]

EVERY, TICKETS, WITH_LEDGER = 16, 1_500, 100
CYCLE = (
    "cycle", "state", "started_at", "ended_at", "goal_seconds", "elapsed_seconds", "paused_seconds",
    "remaining_seconds", "due_at", "breached_at", "warnings",
)  # fmt: skip
ROW = ("from", "to", "kind", "seconds")
COUNTS = ("met", "breached", "excluded", "cancelled", "reset", "expired", "not_rated")
MONTHS = [f"2016-{month:02d}" for month in range(2, 13)] + ["2017-01", "2017-02"]


class Log:
    """The chosen tickets, as a log of their own, and what is agreed about them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "incident_event_log.zip"
        self.rows = _write_every(EVERY, TICKETS, self.path)
        self.setting = json.loads((REAL_LOG.parent / "incident_log_agreement.json").read_text(encoding="utf-8"))
        self.agreement = self.setting["agreement"]
        self.calendars = all_made(self.setting["calendars"])
        self.tickets: dict[str, Events] = dict(tickets_of(self.path, self.setting["source"]["code"]))
        self.events = sum(len(events) for events in self.tickets.values())


def _write_every(step: int, most: int, path: Path) -> int:
    """Every step-th ticket of the real log, in its order and with its columns; how many rows they have."""
    with zipfile.ZipFile(REAL_LOG) as archive:
        [name] = archive.namelist()
        header, *rows = csv.reader(io.TextIOWrapper(archive.open(name), encoding="utf-8-sig", newline=""))
    number = header.index("number")
    numbers = list(dict.fromkeys(row[number] for row in rows))
    chosen = set(numbers[::step][:most])
    kept = [row for row in rows if row[number] in chosen]
    text = io.StringIO()
    csv.writer(text).writerows([header, *kept])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text.getvalue())
    return len(kept)


class Run:
    """The log imported into a fresh house: who asks, the agreement, and what the importer said."""

    def __init__(self, outside: Program, log: Log, agreement: Json, line: Json) -> None:
        self.outside, self.log, self.agreement, self.line = outside, log, agreement, line
        self.periods = f"{SLA}/agreements/{agreement['id']}/periods"

    def closed(self, month: str) -> Json:
        """The month's result; it is closed with those before it where it is not yet."""
        known = {period["period"] for period in self.outside.pages(self.periods)}
        for name in MONTHS[: MONTHS.index(month) + 1]:
            if name not in known:
                answer = self.outside.http.post(f"{self.periods}/{name}/close", json={})
                assert answer.status_code == 200, answer.text
        return self.outside.get(f"{self.periods}/{month}")


@pytest.fixture(scope="module")
def run(admin_url: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    if not REAL_LOG.exists():
        pytest.skip(f"the real incident log is not beside the project: {REAL_LOG}")
    folder = tmp_path_factory.mktemp("log")
    log, copy = Log(folder), databases.clone(admin_url)
    house = House(copy, tmp_path_factory.mktemp("house"))
    try:
        outside = program(house)
        agreement = agreed(outside, log.setting)
        yield Run(outside, log, agreement, imported(outside, log, folder))
    finally:
        house.stop()
        databases.drop(copy)


def agreed(outside: Program, setting: Json) -> Json:
    """Supplier, contract, calendars, agreement and source, the agreement put in force by the contract alone."""
    supplier = outside.create(SUPPLIERS, supplier_body())
    for action in ("screen", "approve"):
        supplier = outside.act(f"{SUPPLIERS}/{supplier['id']}", action, supplier["version"], {"reason": "fit"})
    contract = outside.create(CONTRACTS, {**setting["contract"], "owner": "wang.min", "supplier": supplier["number"]})
    for code, calendar in setting["calendars"].items():
        outside.create(f"{SLA}/calendars", {"code": code, **calendar})
    agreement = outside.create(f"{SLA}/agreements", {**setting["agreement"], "contract": contract["number"]})
    outside.act(f"{CONTRACTS}/{contract['id']}", "activate", contract["version"])
    agreement = wait_for(outside, f"{SLA}/agreements/{agreement['id']}", "state", "in_force")
    source = {"name": setting["source"]["name"], "agreement": agreement["number"]}
    assert outside.http.put(f"{SLA}/sources/{setting['source']['code']}", json=source).status_code == 201
    return agreement


def imported(outside: Program, log: Log, folder: Path) -> Json:
    """`heyue import-events`, and its last line; every clock is computed afterwards."""
    words = ["import-events", "--gateway", str(outside.http.base_url).rstrip("/"), "--key", str(outside.key)]
    words += ["--source", log.setting["source"]["code"], "--adapter", "incident-log", "--json", str(log.path)]
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("deploy.event_import.IMPORTS", folder)
        patch.setattr("sys.stdout", out)
        assert cli.main(words) == import_events.DONE
    some = [*sorted(log.tickets)[::50], max(log.tickets)]  # one of every call, and the last
    for batch in {event["batch"] for ticket in some for event in events_of(outside, ticket)}:
        evaluated(outside, batch)
    line: Json = json.loads(out.getvalue().splitlines()[-1])
    return line


def events_of(outside: Program, ticket: str) -> Events:
    found: Events = outside.get(f"{SLA}/tickets/incident-log/{ticket}", include="events")["events"]
    return found


def test_every_row_and_one_opening_a_ticket_are_taken(run: Run) -> None:
    counts = {name: value for name, value in run.line.items() if name != "seconds"}
    events = run.log.rows + TICKETS
    assert counts == {"rows": run.log.rows, "events": events, "accepted": events, "duplicates": 0, "rejected": 0}
    source = run.outside.get(f"{SLA}/sources/incident-log")
    assert (source["events"], source["rejected_24h"]) == (run.log.events, 0)


def test_every_cycle_of_both_targets_is_the_replay_s_to_the_second(run: Run) -> None:
    found: dict[tuple[str, str], list[Json]] = {}
    for cycle in run.outside.lines(f"{SLA}/clocks", agreement=run.agreement["number"]):
        found.setdefault((cycle["ticket"], cycle["target"]), []).append(cycle)
    expected = {
        (ticket, clock["target"]): clock["cycles"]
        for ticket, events in run.log.tickets.items()
        for clock in replay(events, run.log.agreement, run.log.calendars, AFTER_THE_LOG)["clocks"]
    }
    assert len(expected) == 2 * TICKETS
    assert found.keys() == expected.keys()
    for clock, cycles in expected.items():
        listed = sorted(found[clock], key=lambda cycle: int(cycle["cycle"]))
        assert [told(cycle, CYCLE) for cycle in listed] == [told(cycle, CYCLE) for cycle in cycles], clock


def test_every_second_of_100_tickets_is_in_the_ledger_that_the_replay_has(run: Run) -> None:
    for ticket in sorted(run.log.tickets)[:: TICKETS // WITH_LEDGER]:
        events = run.log.tickets[ticket]
        expected = ledger(events, run.log.agreement, run.log.calendars, AFTER_THE_LOG)
        cycles = replay(events, run.log.agreement, run.log.calendars, AFTER_THE_LOG)["clocks"]
        shown = run.outside.get(f"{SLA}/tickets/incident-log/{ticket}", include="ledger,events")
        assert [event["event_id"] for event in shown["events"]] == [event["event_id"] for event in events]
        for clock, judged in zip(shown["clocks"], cycles, strict=True):
            assert [told(cycle, CYCLE) for cycle in clock["cycles"]] == [told(c, CYCLE) for c in judged["cycles"]]
            ledgers = [cycle["ledger"] for cycle in clock["cycles"]]
            assert [rows_told(one["rows"]) for one in ledgers] == [
                rows_told(rows) for rows in expected[clock["target"]]
            ]
            for one, cycle in zip(ledgers, clock["cycles"], strict=True):
                assert sum(one["sums"].values()) == one["wall_seconds"] == sum(row["seconds"] for row in one["rows"])
                assert one["sums"]["working"] == cycle["elapsed_seconds"]


def told(record: Json, names: tuple[str, ...]) -> Json:
    return {name: record[name] for name in names}


def rows_told(rows: list[Json]) -> list[Json]:
    """A ledger's rows with what the rules fix of each kind."""
    extra = {"closed": ("label",), "paused": ("event_id", "actor"), "stopped": ("event_id", "actor"), "working": ()}
    return [told(row, (*ROW, *extra[row["kind"]])) for row in rows]


@pytest.mark.parametrize("month", MONTHS)
def test_a_month_s_counts_tiers_and_credits_are_the_replay_s(run: Run, month: str) -> None:
    closed = run.closed(month)
    judged = judge_period(run.log.tickets, run.log.agreement, run.log.calendars, month)
    assert (closed["state"], closed["restatable"]) == ("closed", False)
    assert told(closed, ("from", "to")) == told(judged, ("from", "to"))
    names = ("target", *COUNTS, "rated", "attainment", "tier")
    assert [told(target, names) for target in closed["targets"]] == [told(one, names) for one in judged["targets"]]
    owed = credits(judged["targets"], run.log.agreement, run.log.setting["contract"]["terms"], month)
    assert [{k: v for k, v in line.items() if v is not None} for line in closed["credits"]] == owed["credits"]
    assert closed["credit_total"] == owed["credit_total"]
    cycles = run.outside.lines(f"{run.periods}/{month}/cycles")
    names = ("ticket", "target", "cycle", "outcome")
    assert sorted(map(repr, (told(c, names) for c in cycles))) == sorted(
        map(repr, (told(c, names) for c in judged["cycles"]))
    )
