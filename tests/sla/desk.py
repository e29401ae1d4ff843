"""A service desk for tests: an agreement in force, a source of its own, events sent and waited for over HTTP."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.factories import Make, act, ok
from tests.house import House

SLA = "/api/sla/v1"
Json = dict[str, Any]


def target(**given: Any) -> Json:
    """Resolved within an hour, around the clock; waiting does not count."""
    return {
        "key": "resolution",
        "name": {"zh": "解决时限", "en": "Resolution"},
        "kind": "clock",
        "calendar": "cn-24x7",
        "conditions": {
            "start": {"field": "state", "op": "set"},
            "stop": {"field": "state", "op": "in", "value": ["Resolved", "Closed"]},
            "pause": {"field": "state", "op": "eq", "value": "Waiting"},
        },
        "goals": [{"when": {"field": "priority", "op": "eq", "value": "1"}, "seconds": 600}, {"seconds": 3600}],
        "on_goal_change": "retroactive",
        "on_reopen": "continue",
        "count_stopped": False,
        "warn_at": [75],
        "min_volume": 1,
        "allocation": "0.50",
        "tiers": [{"below": "0.95", "rate": "0.40"}],
    } | given


def ago(**span: float) -> datetime:
    """An instant before now, to the second."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(**span)


async def eventually(ask: Callable[[], Awaitable[Any]], wanted: Any, seconds: float = 15) -> None:
    """Ask until the answer is the wanted one."""
    found = await ask()
    for _ in range(int(seconds * 20)):
        if found == wanted:
            return
        await asyncio.sleep(0.05)
        found = await ask()
    assert found == wanted, found


class Desk:
    """One source under one agreement. `manager`: speaks to sla as the service manager."""

    def __init__(self, manager: httpx.AsyncClient, agreement: Json, source: str) -> None:
        self.manager, self.agreement, self.source = manager, agreement, source

    def event(self, ticket: str, event_id: str, at: datetime | str, /, **more: Any) -> Json:
        """An event of this source; keyword arguments that the wire does not know are attributes."""
        known = {"type", "sequence", "corrects", "withdraws", "actor", "url", "agreement", "attributes"}
        fields = {name: value for name, value in more.items() if name in known}
        attributes = {name: value for name, value in more.items() if name not in known}
        written = at if isinstance(at, str) else at.isoformat()
        return {
            "source": self.source, "ticket": ticket, "event_id": event_id, "type": "updated", "occurred_at": written,
            "attributes": attributes,
        } | fields  # fmt: skip

    async def send(self, *events: Json, wait: bool = True) -> Json:
        """The intake's answer, once the clocks are computed."""
        answer = ok(await self.manager.post(f"{SLA}/events", json=list(events)))
        if wait:
            batch = ok(await self.manager.get(f"{SLA}/batches/{answer['batch']}", params={"wait": 20}))
            assert batch["state"] == "evaluated", batch
        return answer

    async def ticket(self, ticket: str, **params: str) -> Json:
        return ok(await self.manager.get(f"{SLA}/tickets/{self.source}/{ticket}", params=params))

    async def cycles(self, ticket: str, **params: str) -> list[Json]:
        """The cycles of the agreement's first target."""
        clocks: list[Json] = (await self.ticket(ticket, **params))["clocks"]
        return list(clocks[0]["cycles"])

    async def listed(self, **params: str) -> list[Json]:
        """This source's cycles as the list of clocks has them."""
        query = {"source": self.source, "sort": "started_at", "limit": "200"} | params
        return list(ok(await self.manager.get(f"{SLA}/clocks", params=query))["items"])

    async def listed_as(self, *names: str, **params: str) -> list[Any]:
        """Of each listed cycle these fields, sorted."""
        found = [tuple(cycle[name] for name in names) for cycle in await self.listed(**params)]
        return sorted(found, key=str)

    async def news(self, client: httpx.AsyncClient | None = None) -> list[Json]:
        """What the feed says of this source's clocks, in order."""
        found: list[Json] = []
        after: Mapping[str, str] = {}
        while True:
            page = ok(await (client or self.manager).get(f"{SLA}/feed", params=after))
            if not page["items"]:
                return [item for item in found if item["data"].get("source") == self.source]
            found += page["items"]
            after = {"after": page["next"]}


async def open_desk(
    house: House, manager: httpx.AsyncClient, targets: Iterable[Json] | None = None, **given: Any
) -> Desk:
    """A desk whose agreement has been in force since 2020."""
    house.start("suppliers", "contracts", "sla", "sla-worker")
    make = Make(house)
    contract = await make.contract("active")
    body = {
        "contract": contract["number"], "title": f"服务台 {secrets.token_hex(3)}", "zone": "Asia/Shanghai",
        "from": "2020-01-01", "targets": list(targets or [target()]),
    } | given  # fmt: skip
    agreement = ok(await manager.post(f"{SLA}/agreements", json=body), 201)
    # The news of the contract's activation may come first: then it is in force already.
    await act(manager, "sla", "agreements", agreement, "put-in-force")
    agreement = ok(await manager.get(f"{SLA}/agreements/{agreement['id']}"))
    assert agreement["state"] == "in_force"
    source = f"desk-{secrets.token_hex(4)}"
    ok(await manager.put(f"{SLA}/sources/{source}", json={"name": "服务台", "agreement": agreement["number"]}), 201)
    return Desk(manager, agreement, source)
