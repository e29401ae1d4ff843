"""The changed-since feed: every committed change once, none skipped, soon."""

import asyncio
import base64
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.kernel.events import Sealer
from tests.factories import ok, supplier_body
from tests.house import House
from tests.kernel.conftest import Open
from tests.kernel.news import TELLER, event, tell

FEED = "/api/suppliers/v1/feed"
SUPPLIERS = "/api/suppliers/v1/suppliers"


async def _new_items(client: httpx.AsyncClient, after: str | None, expected: int) -> list[dict[str, Any]]:
    """What the feed has after a cursor, once it has `expected` items; at most two seconds later."""
    deadline = time.monotonic() + 2
    while True:
        items: list[dict[str, Any]] = ok(await client.get(FEED, params={"after": after} if after else {}))["items"]
        if len(items) >= expected or time.monotonic() > deadline:
            return items
        await asyncio.sleep(0.05)


async def test_what_was_committed_stands_in_the_feed_within_two_seconds(fresh_house: House) -> None:
    async with fresh_house.client("suppliers", "procurement_manager") as manager:
        made = ok(await manager.post(SUPPLIERS, json=supplier_body()), 201)
        items = await _new_items(manager, None, 1)
    assert [item["type"] for item in items] == ["supplier.candidate"]
    assert list(items[0]) == ["cursor", "id", "type", "subject", "version", "at", "data"]
    assert items[0]["subject"] == f"{SUPPLIERS}/{made['id']}"
    assert (items[0]["version"], items[0]["data"]["number"]) == (made["version"], made["number"])


async def test_of_two_overlapping_transactions_the_one_that_commits_last_is_not_skipped(
    fresh_house: House, open_database: Open
) -> None:
    """Its event's id is the smaller one: a reader that follows ids would never see it."""
    database = open_database("suppliers")
    early, late = event(), event()
    async with fresh_house.client("suppliers", "auditor") as reader:
        async with database.transaction(TELLER, "thing.do") as slow:
            slow.emit(early)
            await slow.finish()  # written, not committed
            await tell(database, late)
            first = await _new_items(reader, None, 1)
            assert [item["subject"] for item in first] == [late.subject]
        second = await _new_items(reader, first[-1]["cursor"], 1)
        assert [item["subject"] for item in second] == [early.subject]
        assert second[0]["id"] < first[0]["id"]
        whole = await _new_items(reader, None, 2)
    assert whole == first + second


async def test_what_was_rolled_back_is_in_no_feed(fresh_house: House, open_database: Open) -> None:
    database = open_database("suppliers")

    async def fail_after_telling() -> None:
        async with database.transaction(TELLER, "thing.do") as tx:
            tx.emit(event())
            await tx.finish()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_telling()
    told = event()
    await tell(database, told)
    async with fresh_house.client("suppliers", "auditor") as reader:
        assert [item["subject"] for item in await _new_items(reader, None, 1)] == [told.subject]


async def test_two_sealers_at_once_number_every_event_once_and_a_follower_sees_each_once(open_database: Open) -> None:
    database = open_database("suppliers")
    sealers = [Sealer(open_database("suppliers")) for _ in range(2)]
    told = [event() for _ in range(200)]
    writing = [asyncio.create_task(tell(database, *told[place::8])) for place in range(8)]
    followed: list[tuple[int, Any]] = []

    async def follow() -> None:
        start = followed[-1][0] if followed else 0
        async with database.reading(TELLER) as tx:
            rows = await tx.rows(
                text("SELECT pos, id FROM suppliers.event WHERE pos > :start ORDER BY pos"), {"start": start}
            )
        followed.extend((row["pos"], row["id"]) for row in rows)

    async def seal_until_written(sealer: Sealer) -> None:
        while not all(task.done() for task in writing):
            await sealer.seal()
        await sealer.seal()

    async def follow_until_written() -> None:
        while not all(task.done() for task in writing):
            await follow()

    await asyncio.gather(*(seal_until_written(sealer) for sealer in sealers), follow_until_written(), *writing)
    await sealers[0].seal()
    await follow()
    assert len(followed) == len({identity for _pos, identity in followed}) == len(told)
    async with database.reading(TELLER) as tx:
        assert await tx.scalar(text("SELECT count(*) FROM suppliers.event WHERE pos IS NULL")) == 0


async def test_pages_of_the_feed_join_without_gap_and_an_empty_one_repeats_its_cursor(
    fresh_house: House, open_database: Open
) -> None:
    told = [event() for _ in range(5)]
    await tell(open_database("suppliers"), *told)
    async with fresh_house.client("suppliers", scopes=["suppliers:read"]) as key:
        assert len(await _new_items(key, None, 5)) == 5
        seen: list[str] = []
        cursor = None
        while page := ok(await key.get(FEED, params={"limit": 2} | ({"after": cursor} if cursor else {}))):
            if not page["items"]:
                break
            seen += [item["subject"] for item in page["items"]]
            assert page["next"] == page["items"][-1]["cursor"]
            cursor = page["next"]
        assert seen == [one.subject for one in told]
        assert page == {"items": [], "next": cursor}


async def test_an_empty_feed_has_no_cursor(fresh_house: House) -> None:
    async with fresh_house.client("contracts", "auditor") as reader:
        assert ok(await reader.get("/api/contracts/v1/feed")) == {"items": [], "next": None}


def _encoded(plain: str) -> str:
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    ["nonsense", "", "中", _encoded("17"), _encoded("f"), _encoded("f-1"), _encoded("f1_0"), _encoded("f" + "9" * 30)],
)
async def test_a_cursor_of_no_feed_is_refused(house: House, cursor: str) -> None:
    async with house.client("suppliers", "auditor") as reader:
        problem = ok(await reader.get(FEED, params={"after": cursor}), 422)
    assert problem["type"] == "/problems/validation"
    assert (problem["errors"][0]["code"], problem["errors"][0]["at"]) == ("bad_cursor", "?after")


@pytest.mark.parametrize("limit", ["0", "1001", "many"])
async def test_a_feed_s_page_has_between_one_and_a_thousand_items(house: House, limit: str) -> None:
    async with house.client("suppliers", "auditor") as reader:
        assert ok(await reader.get(FEED, params={"limit": limit}), 422)["errors"][0]["at"] == "?limit"


async def test_a_supplier_s_own_user_reads_no_feed(house: House) -> None:
    firm = {"id": "0190aaaa-0000-7000-8000-000000000001", "number": "GYS-2026-000001"}
    async with house.client("suppliers", "supplier_user", supplier=firm) as outsider:
        ok(await outsider.get(FEED), 403)
