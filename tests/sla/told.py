"""A service desk whose tickets are judged: events in, clocks out, over HTTP, with the worker running."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

from tests.factories import Make, ok, resolution
from tests.house import House

EVENTS, SOURCES, TICKETS = "/api/sla/v1/events", "/api/sla/v1/sources", "/api/sla/v1/tickets"
BATCHES, BREACHES, AGREEMENTS = "/api/sla/v1/batches", "/api/sla/v1/breaches", "/api/sla/v1/agreements"


def story(source: str, ticket: str, *told: tuple[str, str, dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    """Events of one ticket: instant, type, attributes."""
    return [
        {
            "source": source, "ticket": ticket, "event_id": f"{ticket}-{place}", "type": kind, "occurred_at": at,
            "sequence": place, "attributes": attributes, "actor": "陈浩",
        } | more
        for place, (at, kind, attributes) in enumerate(told, 1)
    ]  # fmt: skip


class Desk:
    """A source under one agreement in force."""

    def __init__(self, house: House, source: str, agreement: dict[str, Any], supplier: dict[str, Any]) -> None:
        self.house, self.source, self.agreement, self.supplier = house, source, agreement, supplier

    async def send(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        """Send, and wait until the clocks are computed."""
        async with self.house.client("sla", "service_manager") as manager:
            answer = ok(await manager.post(EVENTS, json=events))
            assert answer["rejected"] == 0, answer
            batch = ok(await manager.get(f"{BATCHES}/{answer['batch']}", params={"wait": "20"}))
            assert batch["state"] == "evaluated"
        return answer

    async def read(self, ticket: str, **params: str) -> dict[str, Any]:
        async with self.house.client("sla", "service_manager") as manager:
            return ok(await manager.get(f"{TICKETS}/{self.source}/{ticket}", params=params))

    async def breaches(self, **params: str) -> list[dict[str, Any]]:
        """The desk's breaches, the earliest first."""
        async with self.house.client("sla", "service_manager") as manager:
            asked = {"agreement": self.agreement["number"], "sort": "breached_at"} | params
            found: list[dict[str, Any]] = ok(await manager.get(BREACHES, params=asked))["items"]
        return found

    async def close(self, month: str, status: int = 200) -> dict[str, Any]:
        async with self.house.client("sla", "service_manager") as manager:
            path = f"{AGREEMENTS}/{self.agreement['number']}/periods/{month}/close"
            return ok(await manager.post(path, json={}), status)

    async def period(self, month: str) -> dict[str, Any]:
        async with self.house.client("sla", "service_manager") as manager:
            return ok(await manager.get(f"{AGREEMENTS}/{self.agreement['number']}/periods/{month}"))


async def open_desk(house: House, targets: list[Mapping[str, Any]] | None = None, **contract: Any) -> Desk:
    """A new desk with a supplier, a contract and an agreement of its own."""
    house.start("suppliers", "contracts", "sla", "sla-worker")
    make = Make(house)
    supplier = await make.supplier("approved")
    signed = await make.contract("active", supplier, **contract)
    agreement = await make.agreement(signed, in_force=True, targets=list(targets or [resolution()]))
    source = f"desk-{secrets.token_hex(4)}"
    async with house.client("sla", "service_manager") as manager:
        body = {"name": "服务台", "agreement": agreement["number"]}
        made = await manager.put(f"{SOURCES}/{source}", json=body)
        assert made.status_code in (200, 201), made.text
    return Desk(house, source, agreement, supplier)


async def until(condition: Any, seconds: float = 10) -> Any:
    """What `condition` gives once it is true. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            if found := await condition():
                return found
            await asyncio.sleep(0.1)
