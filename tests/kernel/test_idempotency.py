"""Idempotency-Key: the same POST creates once, whatever happens between."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import text
from starlette.responses import Response

from services.kernel import idempotency
from services.kernel.app import build_service
from services.kernel.database import Database
from services.kernel.identity import STAFF, Actor
from services.kernel.permissions import Grant, Permissions
from services.kernel.routing import Db, Router, Who, needs
from services.kernel.telemetry import Message, Receive, Scope, Send
from services.kernel.wire import Wire, answer
from tests.databases import Clone
from tests.factories import ok, supplier_body
from tests.house import House
from tests.kernel.news import TELLER, event

SUPPLIERS = "/api/suppliers/v1/suppliers"
THINGS = "/api/suppliers/v1/things"
OVER_A_MINUTE = timedelta(seconds=61)


def _key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


async def test_the_same_post_twice_creates_once_and_answers_alike(house: House) -> None:
    body, key = supplier_body(), _key()
    async with house.client("suppliers", "procurement_officer") as officer:
        first = await officer.post(SUPPLIERS, json=body, headers=key)
        second = await officer.post(SUPPLIERS, json=body, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    for header in ("etag", "location", "content-type"):
        assert second.headers[header] == first.headers[header]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"


async def test_the_key_with_another_body_is_refused(house: House) -> None:
    key = _key()
    async with house.client("suppliers", "procurement_officer") as officer:
        ok(await officer.post(SUPPLIERS, json=supplier_body(), headers=key), 201)
        problem = ok(await officer.post(SUPPLIERS, json=supplier_body(), headers=key), 422)
    assert problem["type"] == "/problems/idempotency-mismatch"


async def test_another_actor_s_same_key_is_another_key(house: House) -> None:
    key = _key()
    async with house.client("suppliers", "procurement_officer", name="li.na") as first:
        ok(await first.post(SUPPLIERS, json=supplier_body(), headers=key), 201)
    async with house.client("suppliers", "procurement_officer", name="wu.hao") as second:
        answered = await second.post(SUPPLIERS, json=supplier_body(), headers=key)
    assert answered.status_code == 201
    assert "idempotency-replayed" not in answered.headers


async def test_a_refusal_leaves_the_key_free(house: House) -> None:
    """Whoever mends the body sends it under the same key."""
    key = _key()
    async with house.client("suppliers", "procurement_officer") as officer:
        ok(await officer.post(SUPPLIERS, json=supplier_body(scope=["XYZ"]), headers=key), 422)
        ok(await officer.post(SUPPLIERS, json=supplier_body(), headers=key), 201)


@pytest.mark.parametrize("key", ["x" * 201, "é\x85"])
async def test_a_key_that_cannot_be_kept_is_refused(house: House, key: str) -> None:
    async with house.client("suppliers", "procurement_officer") as officer:
        raw = [(b"Idempotency-Key", key.encode("latin-1"))]
        problem = ok(await officer.post(SUPPLIERS, json=supplier_body(), headers=raw), 422)
    assert (problem["errors"][0]["code"], problem["errors"][0]["at"]) == ("bad_value", "header:Idempotency-Key")


class Killed(BaseException):
    """What no handler of faults catches: the process is gone."""


class ThingIn(Wire):
    """What makes a thing."""

    name: str


class Workshop:
    """A service whose one POST stops where a test wants it to. made: how often it carried out its change."""

    def __init__(self, house: House) -> None:
        self.entered, self.go_on = asyncio.Event(), asyncio.Event()
        self.go_on.set()
        self.fails_before, self.fails_after, self.loses_its_connection = False, False, False
        self.changes = 1
        router = Router()

        @router.post("/things", status_code=201, **needs("thing.make", idempotent=True))
        async def make(given: ThingIn, who: Who, db: Db) -> Response:
            return await self._make(given, who, db)

        permissions = Permissions("suppliers", {"thing.make": Grant(STAFF, "suppliers:write")})
        self.admin_url = house.database.admin.libpq()
        self.app: FastAPI = build_service(
            house.settings("suppliers"), "suppliers", permissions, [router], feed_permission="thing.make"
        )
        self.database: Database = self.app.state.db
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False), base_url="http://workshop"
        )
        who = house.actor("procurement_officer")

        async def identify(_request: Request) -> Actor:
            return who

        self.app.state.identify = identify

    async def _make(self, given: ThingIn, who: Actor, db: Database) -> Response:
        self.entered.set()
        await self.go_on.wait()
        if self.fails_before:
            raise ZeroDivisionError
        for _ in range(self.changes):
            async with db.transaction(who, "thing.make") as tx:
                tx.emit(event())
        if self.loses_its_connection:
            await self._cut_off()
        if self.fails_after:
            raise ZeroDivisionError
        return answer({"name": given.name, "version": 1}, 201)

    async def _cut_off(self) -> None:
        """As if the database had ended the session that holds the change, and all others."""
        connection = await asyncpg.connect(self.admin_url)
        try:
            await connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        finally:
            await connection.close()

    async def post(self, key: dict[str, str]) -> httpx.Response:
        """Make a thing under this key."""
        return await self.client.post(THINGS, json={"name": "x"}, headers=key)

    async def made(self) -> int:
        """How many things were made."""
        async with self.database.reading(TELLER) as tx:
            return int(await tx.scalar(text("SELECT count(*) FROM suppliers.event")))

    async def age(self, by: timedelta) -> None:
        """As if all keys had been used so much earlier."""
        async with self.database.engine.begin() as connection:
            await connection.execute(
                text("UPDATE suppliers.idempotency SET at = at - CAST(:by AS interval)"), {"by": by}
            )


@pytest.fixture
async def workshop(fresh_house: House) -> AsyncIterator[Workshop]:
    made = Workshop(fresh_house)
    yield made
    await made.client.aclose()
    await made.database.dispose()


async def test_while_the_first_is_running_the_second_is_told_so(workshop: Workshop) -> None:
    workshop.go_on.clear()
    key = _key()
    first = asyncio.create_task(workshop.post(key))
    await workshop.entered.wait()
    refused = await workshop.post(key)
    assert ok(refused, 409)["type"] == "/problems/conflict"
    workshop.go_on.set()
    ok(await first, 201)
    assert (await workshop.post(key)).headers["idempotency-replayed"] == "true"
    assert await workshop.made() == 1


async def test_of_twenty_at_once_one_runs(workshop: Workshop) -> None:
    key = _key()
    answers = await asyncio.gather(*(workshop.post(key) for _ in range(20)))
    fresh = [a for a in answers if a.status_code == 201 and "idempotency-replayed" not in a.headers]
    assert len(fresh) == await workshop.made() == 1
    assert {a.status_code for a in answers} <= {201, 409}


async def test_a_fault_before_the_change_leaves_the_key_free(workshop: Workshop) -> None:
    key = _key()
    workshop.fails_before = True
    assert (await workshop.post(key)).status_code == 500
    workshop.fails_before = False
    assert "idempotency-replayed" not in (await workshop.post(key)).headers
    assert await workshop.made() == 1


async def test_a_call_that_died_before_its_change_is_taken_over_after_a_minute(workshop: Workshop) -> None:
    key = _key()
    workshop.go_on.clear()
    dying = asyncio.create_task(workshop.post(key))
    await workshop.entered.wait()
    await _die(workshop, dying)
    ok(await workshop.post(key), 409)
    await workshop.age(OVER_A_MINUTE)
    workshop.go_on.set()
    ok(await workshop.post(key), 201)
    assert await workshop.made() == 1


async def _die(workshop: Workshop, call: asyncio.Task[httpx.Response]) -> None:
    """As a killed process does: without forgetting the key."""

    async def never(*_arguments: object) -> None:
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(idempotency, "_forget", never)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)


async def test_whoever_lost_the_answer_gets_it_by_asking_again(workshop: Workshop) -> None:
    """It is stored in the transaction of the change, before anything of it is sent."""
    key = _key()

    async def losing(scope: Scope, receive: Receive, _send: Send) -> None:
        async def send(_message: Message) -> None:
            raise Killed

        await workshop.app(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(losing), base_url="http://workshop") as unlucky:
        with pytest.raises(Killed):
            await unlucky.post(THINGS, json={"name": "x"}, headers=key)
    again = await workshop.post(key)
    assert ok(again, 201) == {"name": "x", "version": 1}
    assert (again.headers["idempotency-replayed"], again.headers["etag"]) == ("true", '"1"')
    assert await workshop.made() == 1


async def test_a_fault_between_the_change_and_its_answer_undoes_the_change(workshop: Workshop) -> None:
    key = _key()
    workshop.fails_after = True
    assert (await workshop.post(key)).status_code == 500
    assert await workshop.made() == 0
    workshop.fails_after = False
    assert "idempotency-replayed" not in (await workshop.post(key)).headers
    assert await workshop.made() == 1


@pytest.mark.parametrize("fails_too", [False, True])
async def test_a_change_whose_connection_is_lost_before_its_answer_leaves_the_key_free(
    workshop: Workshop, fails_too: bool
) -> None:
    """The change cannot even be undone by hand: Postgres did that, and whoever asks again need not wait a minute."""
    key = _key()
    workshop.loses_its_connection, workshop.fails_after = True, fails_too
    assert (await workshop.post(key)).status_code in (500, 503)
    assert await workshop.made() == 0
    workshop.loses_its_connection, workshop.fails_after = False, False
    ok(await workshop.post(key), 201)
    assert await workshop.made() == 1


async def test_a_key_is_free_once_the_database_takes_connections_again(workshop: Workshop, committed_db: Clone) -> None:
    """It takes none while the key would be given free; whoever asks again afterwards need not wait a minute."""
    key = _key()
    workshop.loses_its_connection = True
    workshop.go_on.clear()
    first = asyncio.create_task(workshop.post(key))
    await workshop.entered.wait()
    await _limit_connections(committed_db, 0)
    workshop.go_on.set()
    assert (await first).status_code in (500, 503)
    workshop.loses_its_connection = False
    await _limit_connections(committed_db, -1)
    ok(await workshop.post(key), 201)
    assert await workshop.made() == 1


async def _limit_connections(copy: Clone, most: int) -> None:
    connection = await asyncpg.connect(copy.admin.libpq())
    try:
        await connection.execute(f'ALTER DATABASE "{copy.name}" CONNECTION LIMIT {most}')
    finally:
        await connection.close()


async def test_a_request_under_a_key_makes_one_change_and_no_more(workshop: Workshop) -> None:
    """A second transaction would be committed without the answer, and be carried out again on a retry."""
    workshop.changes = 2
    assert (await workshop.post(_key())).status_code == 500
    assert await workshop.made() == 0


async def test_a_slow_call_whose_key_was_taken_over_changes_nothing(workshop: Workshop) -> None:
    key = _key()
    workshop.go_on.clear()
    slow = asyncio.create_task(workshop.post(key))
    await workshop.entered.wait()
    await workshop.age(OVER_A_MINUTE)
    workshop.entered.clear()
    second = asyncio.create_task(workshop.post(key))
    await workshop.entered.wait()
    workshop.go_on.set()
    assert sorted([(await slow).status_code, (await second).status_code]) == [201, 409]
    assert await workshop.made() == 1


async def test_a_key_is_forgotten_after_a_day(workshop: Workshop) -> None:
    key = _key()
    ok(await workshop.post(key), 201)
    await workshop.age(timedelta(hours=25))
    again = await workshop.post(key)
    assert (again.status_code, "idempotency-replayed" in again.headers) == (201, False)
    assert await workshop.made() == 2


async def test_without_a_key_each_post_creates(workshop: Workshop) -> None:
    for _ in range(2):
        ok(await workshop.client.post(THINGS, json={"name": "x"}), 201)
    assert await workshop.made() == 2
