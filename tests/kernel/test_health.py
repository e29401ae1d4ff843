"""What the processes say of themselves, alone, and while the database is away."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy import migrate
from tests import databases
from tests.databases import Clone, Server
from tests.factories import ok, supplier_body
from tests.house import SERVICES, House

LISTS = {
    "contracts": "/api/contracts/v1/contracts",
    "suppliers": "/api/suppliers/v1/suppliers",
    "sla": "/api/sla/v1/calendars",
    "security": "/api/security/v1/audit",
}
SUPPLIERS = LISTS["suppliers"]


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_starts_and_answers_with_the_other_three_stopped(fresh_house: House, service: str) -> None:
    async with fresh_house.client(service, "administrator") as reader:
        assert ok(await reader.get("/healthz")) == {"status": "ok"}
        assert ok(await reader.get("/readyz")) == {"database": True, "schema": migrate.head()}
        assert "items" in ok(await reader.get(LISTS[service]))
        assert ok(await reader.get(f"/api/{service}/v1/feed", params={"limit": 1}))["items"] is not None
    for other in set(SERVICES) - {service}:
        with pytest.raises(httpx.ConnectError):
            await _get(fresh_house.url(other), "/healthz")


async def _get(base_url: str, path: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=base_url, timeout=10) as client:
        return await client.get(path)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_describes_itself_and_counts_what_it_does(house: House, service: str) -> None:
    async with house.client(service, "administrator") as reader:
        ok(await reader.get(LISTS[service]))
        figures = (await reader.get("/metrics")).text
        described = ok(await reader.get("/openapi.json"))
    assert f'route="/{LISTS[service].rpartition("/")[2]}",status="200"' in figures
    assert LISTS[service] in described["paths"]


async def test_every_answer_carries_the_request_s_id_and_an_ill_formed_one_is_replaced(house: House) -> None:
    async with house.client("suppliers", "auditor") as reader:
        for path, status in ((SUPPLIERS, 200), (f"{SUPPLIERS}/GYS-1999-000001", 404), ("/nowhere", 404)):
            for given in (uuid4().hex, "run-7", "7", "x" * 200, "2026-03-01T09:00:00+08:00", "a/b@c=d"):
                answer = await reader.get(path, headers={"X-Request-ID": given})
                assert (answer.status_code, answer.headers.get_list("x-request-id")) == (status, [given])
                assert status == 200 or answer.json()["request_id"] == given
        for bad in ("", "x" * 201, "with space in it", '"quoted"', "<b>", "{}"):
            answer = await reader.get(SUPPLIERS, headers={"X-Request-ID": bad})
            assert answer.headers["x-request-id"] not in ("", bad)


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A database server of this module's own, that may be stopped under its users."""
    server = Server()
    server.make_template()
    yield server
    server.stop()


@pytest.fixture
def shaken(own_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house on that server."""
    copy = databases.clone(own_server.admin)
    made = House(copy, tmp_path_factory.mktemp("shaken"))
    yield made
    made.stop()
    databases.drop(copy)


@asynccontextmanager
async def _away(server: Server) -> AsyncIterator[None]:
    """While the block runs, there is no database."""
    await asyncio.to_thread(server.halt)
    try:
        yield
    finally:
        server.resume()  # in the main thread: the server dies with the thread that started it


async def _eventually(ask: Callable[[], Awaitable[httpx.Response]], status: int, seconds: float = 10) -> httpx.Response:
    deadline = time.monotonic() + seconds
    while True:
        answer = await ask()
        if answer.status_code == status:
            return answer
        assert time.monotonic() < deadline, answer.text
        await asyncio.sleep(0.1)


async def test_without_its_database_a_service_says_so_and_recovers_by_itself(shaken: House, own_server: Server) -> None:
    async with shaken.client("suppliers", "procurement_officer") as officer:
        ok(await officer.post(SUPPLIERS, json=supplier_body()), 201)
        async with _away(own_server):
            assert ok(await officer.get("/readyz"), 503) == {"database": False, "schema": None}
            assert ok(await officer.get("/healthz")) == {"status": "ok"}
            for answer in (
                await officer.get(SUPPLIERS),
                await officer.get(SUPPLIERS, headers={"Accept": "application/x-ndjson"}),
                await officer.post(SUPPLIERS, json=supplier_body()),
                await officer.post(SUPPLIERS, json=supplier_body(), headers={"Idempotency-Key": uuid4().hex}),
                await officer.get("/api/suppliers/v1/feed"),
            ):
                assert ok(answer, 503)["type"] == "/problems/unavailable"
                assert int(answer.headers["retry-after"]) >= 1
        await _eventually(lambda: officer.get("/readyz"), 200)
        assert len(ok(await officer.get(SUPPLIERS))["items"]) == 1


async def test_a_service_that_starts_before_its_database_serves_once_it_is_there(
    shaken: House, own_server: Server
) -> None:
    async with _away(own_server):
        shaken.start("contracts")
        assert (await _get(shaken.url("contracts"), "/readyz")).status_code == 503
    async with shaken.client("contracts", "auditor") as reader:
        await _eventually(lambda: reader.get("/readyz"), 200)
        ok(await reader.get(LISTS["contracts"]))


async def test_what_was_acknowledged_is_there_and_what_was_refused_is_not_half_there(
    shaken: House, own_server: Server
) -> None:
    """Writers go on while the server is stopped and started under them; each retries with its own key until it is
    told that it is done. Afterwards there is one record, one event and one entry of the trail for each of them."""
    told: list[dict[str, Any]] = []
    refused = 0
    back = asyncio.Event()

    async def write_one(officer: httpx.AsyncClient) -> None:
        nonlocal refused
        body, key = supplier_body(), {"Idempotency-Key": uuid4().hex}
        while (answer := await officer.post(SUPPLIERS, json=body, headers=key)).status_code == 503:
            refused += 1
            await asyncio.sleep(0.05)
        if answer.status_code == 409:  # carried out, but the connection was cut before its commit was told
            found = ok(await officer.get(SUPPLIERS, params={"credit_code": body["credit_code"]}))
            told.extend(found["items"])
        else:
            told.append(ok(answer, 201))

    async def write(officer: httpx.AsyncClient) -> None:
        while not back.is_set():
            await write_one(officer)
        for _ in range(3):
            await write_one(officer)

    async with shaken.client("suppliers", "procurement_officer") as officer:
        writers = [asyncio.create_task(write(officer)) for _ in range(4)]
        await asyncio.sleep(0.5)
        async with _away(own_server):
            await asyncio.sleep(1.5)
        back.set()
        await asyncio.wait_for(asyncio.gather(*writers), 30)
    assert refused
    stored = await _stored(shaken.database)
    assert stored["supplier"] == {record["id"] for record in told}
    assert stored["event"] == stored["trail"] == stored["supplier"]


async def _stored(database: Clone) -> dict[str, set[str]]:
    connection = await asyncpg.connect(database.admin.libpq())
    statements = {
        "supplier": "SELECT id::text FROM suppliers.supplier",
        "event": "SELECT key::text FROM suppliers.event",
        "trail": "SELECT record FROM audit.entry WHERE \"table\" = 'supplier' AND action = 'supplier.register'",
    }
    found = {name: [row[0] for row in await connection.fetch(statement)] for name, statement in statements.items()}
    await connection.close()
    assert all(len(rows) == len(set(rows)) for rows in found.values())
    return {name: set(rows) for name, rows in found.items()}
