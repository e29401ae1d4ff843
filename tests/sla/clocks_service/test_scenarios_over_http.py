"""The worked histories through the house: sent as events, evaluated by the worker, read as tickets and as lists.

Each is sent twice: in one call in its order, and backwards, an event a call, evaluated in between.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from tests.factories import Make, act, ok
from tests.house import House
from tests.sla.clocks.scenarios import data
from tests.sla.desk import SLA, eventually

Json = dict[str, Any]
STRAIGHT, BACKWARDS = "straight", "backwards"
ALWAYS: Json = {"zone": "Etc/UTC", "from": "2000-01-01", "until": None}
SCENARIOS: list[Json] = data()["scenarios"]


class Stage:
    """All scenarios, each with a source and an agreement of its own."""

    def __init__(self, manager: httpx.AsyncClient, contract: Json) -> None:
        self.manager, self.contract = manager, contract
        self.names: dict[tuple[str, str], str] = {}

    async def agree(self, scenario: Json) -> None:
        """Draft the scenario's agreements and make its source; events name the agreements by the keys of `names`."""
        several: Mapping[str, Json] = scenario.get("by_agreement") or {"": scenario.get("agreement") or ALWAYS}
        for name, text in several.items():
            target = text.get("target") or scenario.get("target")
            versions = text.get("versions") or [{"target": target} | ALWAYS | text]
            zone = text.get("zone", ALWAYS["zone"])
            first, *later = [
                {"from": one["from"], "until": one["until"], "targets": one.get("targets") or [one["target"]]}
                for one in versions
            ]
            body = {"contract": self.contract["number"], "title": scenario["id"], "zone": zone} | first
            draft = ok(await self.manager.post(f"{SLA}/agreements", json=body), 201)
            for version in later:
                ok(await self.manager.post(f"{SLA}/agreements/{draft['id']}/versions", json=version), 201)
            self.names[scenario["id"], name] = draft["number"]
        own = self.names[scenario["id"], scenario.get("source_agreement") or next(iter(several))]
        ok(await self.manager.put(f"{SLA}/sources/{scenario['id']}", json={"name": "x", "agreement": own}), 201)

    def event(self, scenario: Json, ticket: str, given: Json) -> Json:
        more = {"source": scenario["id"], "ticket": ticket}
        if given.get("agreement") is not None:
            more["agreement"] = self.names[scenario["id"], given["agreement"]]
        return given | more

    async def send(self, events: list[Json]) -> None:
        answer = ok(await self.manager.post(f"{SLA}/events", json=events))
        # A history or two hold what the intake never takes.
        refused = {line["code"] for line in answer["lines"] if line["status"] == "rejected"}
        assert refused <= {"correction_of_correction", "id_conflict"}, answer
        batch = ok(await self.manager.get(f"{SLA}/batches/{answer['batch']}", params={"wait": 30}))
        assert batch["state"] == "evaluated"


@pytest.fixture(scope="module")
async def stage(house: House) -> AsyncIterator[Stage]:
    house.start("suppliers", "contracts", "sla", "sla-worker")
    async with (
        house.client("sla", "service_manager") as manager,
        house.client("contracts", "procurement_officer") as officer,
    ):
        for code, text in data()["calendars"].items():
            ok(await manager.post(f"{SLA}/calendars", json={"code": code, "name": code, **text}), 201)
        contract = await Make(house).contract()
        made = Stage(manager, contract)
        for scenario in SCENARIOS:
            await made.agree(scenario)
        ok(await act(officer, "contracts", "contracts", contract, "activate"))

        async def drafts() -> int:
            query = {"contract": contract["number"], "state": "draft", "count": "true"}
            return int(ok(await manager.get(f"{SLA}/agreements", params=query))["count"])

        await eventually(drafts, 0)
        await made.send([made.event(s, STRAIGHT, event) for s in SCENARIOS for event in s["events"]])
        for place in range(max(len(s["events"]) for s in SCENARIOS)):
            turn = [(s, s["events"][::-1][place]) for s in SCENARIOS if place < len(s["events"])]
            await made.send([made.event(s, BACKWARDS, event) for s, event in turn])
        yield made


def judged(cycles: list[Json], like: list[Json]) -> list[Json]:
    """The fields that the expectation gives."""
    return [{name: cycle[name] for name in wanted} for cycle, wanted in zip(cycles, like, strict=False)]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["id"])
async def test_a_history_gives_the_cycles_that_were_worked_by_hand(stage: Stage, scenario: Json) -> None:
    wanted = scenario["expected"]["cycles"]
    for name in (STRAIGHT, BACKWARDS):
        path = f"{SLA}/tickets/{scenario['id']}/{name}"
        query = {"as_of": scenario["as_of"], "include": "ledger"}
        ticket = ok(await stage.manager.get(path, params=query))
        cycles = [cycle for clock in ticket["clocks"] for cycle in clock["cycles"] if cycle["state"] != "withdrawn"]
        assert len(cycles) == len(wanted), name
        assert judged(cycles, wanted) == wanted, name
        for cycle in cycles:
            assert sum(row["seconds"] for row in cycle["ledger"]["rows"]) == cycle["ledger"]["wall_seconds"]
            assert cycle["ledger"]["sums"]["working"] == cycle["elapsed_seconds"]


STORED = (
    "cycle",
    "state",
    "started_at",
    "ended_at",
    "goal_seconds",
    "due_at",
    "breached_at",
    "provisional",
    "warnings",
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["id"])
async def test_the_stored_cycles_are_those_of_the_ticket(stage: Stage, scenario: Json) -> None:
    for name in (STRAIGHT, BACKWARDS):
        query = {"source": scenario["id"], "ticket": name, "sort": "started_at", "limit": "200"}
        listed = ok(await stage.manager.get(f"{SLA}/clocks", params=query))["items"]
        ticket = ok(await stage.manager.get(f"{SLA}/tickets/{scenario['id']}/{name}"))
        shown = [cycle | {"target": clock["target"]} for clock in ticket["clocks"] for cycle in clock["cycles"]]
        for cycles in (listed, shown):
            cycles.sort(key=lambda cycle: (cycle["target"], cycle["cycle"]))
        assert [{f: c[f] for f in STORED} for c in listed] == [{f: c[f] for f in STORED} for c in shown], name
        ended = [c["elapsed_seconds"] for c in listed if c["ended_at"]]
        assert ended == [c["elapsed_seconds"] for c in shown if c["ended_at"]]
