"""A service desk for tests: an agreement in force, a source of its own, events sent and waited for over HTTP."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.factories import Make, act, ok, resolution
from tests.house import House

SLA = "/api/sla/v1"
EVENTS, SOURCES, TICKETS = f"{SLA}/events", f"{SLA}/sources", f"{SLA}/tickets"
BATCHES, BREACHES, AGREEMENTS = f"{SLA}/batches", f"{SLA}/breaches", f"{SLA}/agreements"
Json = dict[str, Any]

OFFICE: Json = {"targets": [resolution()], "from": "2026-01-01"}
"""What `open_desk` may be given: nine hours of office time from the contract's first month on."""


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


def story(source: str, ticket: str, *told: tuple[str, str, Json], **more: Any) -> list[Json]:
    """Events of one ticket, told in order: instant, type, attributes."""
    return [
        {
            "source": source, "ticket": ticket, "event_id": f"{ticket}-{place}", "type": kind, "occurred_at": at,
            "sequence": place, "attributes": attributes, "actor": "陈浩",
        } | more
        for place, (at, kind, attributes) in enumerate(told, 1)
    ]  # fmt: skip


def ago(**span: float) -> datetime:
    """An instant before now, to the second."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(**span)


async def eventually(ask: Callable[[], Awaitable[Any]], wanted: Any, seconds: float = 30) -> None:
    """Ask until the answer is the wanted one."""
    deadline = time.monotonic() + seconds
    while True:
        found = await ask()
        if found == wanted:
            return
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)


async def until(condition: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
    """What `condition` gives once it is true. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            if found := await condition():
                return found
            await asyncio.sleep(0.05)


class Desk:
    """One source under one agreement. `manager` speaks to sla as the service manager.

    worker: whether one is there to compute clocks, so that what was sent is waited for.
    """

    def __init__(self, house: House, manager: httpx.AsyncClient, agreement: Json, source: str, worker: bool) -> None:
        self.house, self.manager, self.worker = house, manager, worker
        self.agreement, self.source = agreement, source

    @property
    def supplier(self) -> Json:
        found: Json = self.agreement["supplier"]
        return found

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

    def story(self, ticket: str, *told: tuple[str, str, Json], **more: Any) -> list[Json]:
        return story(self.source, ticket, *told, **more)

    async def send(self, *events: Json, wait: bool = True) -> Json:
        """The intake's answer, once the clocks are computed."""
        answer = ok(await self.manager.post(EVENTS, json=list(events)))
        if wait and self.worker:
            await until(lambda: self._is_evaluated(answer["batch"]), 60)
        return answer

    async def _is_evaluated(self, batch: str) -> bool:
        found = ok(await self.manager.get(f"{BATCHES}/{batch}", params={"wait": 20}))
        return bool(found["state"] == "evaluated")

    async def ticket(self, ticket: str, **params: str) -> Json:
        return ok(await self.manager.get(f"{TICKETS}/{self.source}/{ticket}", params=params))

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

    async def breaches(self) -> list[Json]:
        """The agreement's breaches, the earliest first."""
        query = {"agreement": self.agreement["number"], "sort": "breached_at"}
        return list(ok(await self.manager.get(BREACHES, params=query))["items"])

    async def close(self, month: str, status: int = 200) -> Json:
        """The month, closed; or the refusal, where another status is expected."""
        path = f"{AGREEMENTS}/{self.agreement['number']}/periods/{month}/close"
        return ok(await self.manager.post(path, json={}), status)

    async def period(self, month: str) -> Json:
        return ok(await self.manager.get(f"{AGREEMENTS}/{self.agreement['number']}/periods/{month}"))

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


@asynccontextmanager
async def open_desk(
    house: House, *, contract: Json | None = None, worker: bool = True, **agreement: Any
) -> AsyncIterator[Desk]:
    """A desk with a supplier, a contract and an agreement of its own, in force since 2020.

    contract, agreement: fields that shall be other than usual.
    """
    house.start("suppliers", "contracts", "sla", *(["sla-worker"] if worker else []))
    signed = await Make(house).contract("active", **(contract or {}))
    body = {
        "contract": signed["number"], "title": f"服务台 {secrets.token_hex(3)}", "zone": "Asia/Shanghai",
        "from": "2020-01-01", "targets": [target()],
    } | agreement  # fmt: skip
    async with house.client("sla", "service_manager") as manager:
        drafted = ok(await manager.post(AGREEMENTS, json=body), 201)
        # The news of the contract's activation may come first: then it is in force already.
        await act(manager, "sla", "agreements", drafted, "put-in-force")
        in_force = ok(await manager.get(f"{AGREEMENTS}/{drafted['id']}"))
        assert in_force["state"] == "in_force"
        source = f"desk-{secrets.token_hex(4)}"
        ok(await manager.put(f"{SOURCES}/{source}", json={"name": "服务台", "agreement": in_force["number"]}), 201)
        yield Desk(house, manager, in_force, source, worker)
