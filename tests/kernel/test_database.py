"""Transactions that say who acts, sessions that cannot write, numbers that nobody waits for."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.kernel.database import Database, is_uuid
from services.kernel.ids import uuid7
from tests.house import House
from tests.kernel.conftest import Open
from tests.kernel.news import TELLER

WRITE = text("INSERT INTO suppliers.counter (kind, year, last) VALUES ('x', 0, 1)")
COUNT = text("SELECT count(*) FROM suppliers.counter")
SPOKEN = text(
    "SELECT current_setting('heyue.actor'), current_setting('heyue.action'), current_setting('heyue.request_id'),"
    " current_setting('heyue.supplier_id'), current_user::text"
)


async def test_a_block_that_ends_is_committed_and_one_that_fails_is_not(open_database: Open) -> None:
    database = open_database("suppliers")

    async def fail() -> None:
        async with database.transaction(TELLER, "thing.do") as tx:
            await tx.execute(WRITE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await _count(database) == 0
    async with database.transaction(TELLER, "thing.do") as tx:
        await tx.execute(WRITE)
    assert await _count(database) == 1


async def _count(database: Database) -> int:
    async with database.reading(TELLER) as tx:
        return int(await tx.scalar(COUNT))


async def test_a_reading_session_cannot_write(open_database: Open) -> None:
    database = open_database("suppliers")
    async with database.reading(TELLER) as tx:
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await tx.execute(WRITE)
    assert await _count(database) == 0


async def test_nothing_of_one_caller_is_left_for_the_next_on_the_same_connection(
    committed_db: object, open_database: Open, house: House
) -> None:
    """Neither its name nor its role: a pooled connection serves a supplier's user and then the staff."""
    database = open_database("suppliers")
    firm = {"id": "0190aaaa-0000-7000-8000-000000000001", "number": "GYS-2026-000001"}
    guest = house.actor("supplier_user", supplier=firm)
    for _ in range(2):
        async with database.reading(guest) as tx:
            row = (await tx.execute(SPOKEN)).one()
            assert tuple(row) == ("supplier_user", "read", "", firm["id"], "suppliers_supplier")
        async with database.transaction(TELLER, "thing.do") as tx:
            row = (await tx.execute(SPOKEN)).one()
            assert tuple(row) == ("system:teller", "thing.do", "request-of-the-teller", "", "svc_suppliers")
    async with database.engine.connect() as connection:
        left = await connection.scalar(text("SELECT current_setting('heyue.actor', true) || current_user"))
    assert left == "svc_suppliers"


async def test_numbers_of_a_year_are_each_given_once_and_rolled_back_changes_leave_gaps(open_database: Open) -> None:
    database = open_database("contracts")
    now = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    numbers = await asyncio.gather(*(database.next_number("HT", now) for _ in range(20)))
    assert sorted(numbers) == [f"HT-2026-{n:06d}" for n in range(1, 21)]
    assert await database.next_number("XX", now) == "XX-2026-000001"


async def test_a_database_that_is_asked_its_revision_says_it(open_database: Open) -> None:
    assert await open_database("sla").schema_revision()


def test_keys_are_of_version_seven_and_grow_with_time() -> None:
    before = uuid7()
    assert (before.version, before.variant) == (7, "specified in RFC 4122")
    made = [uuid7() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(key.int >> 80 >= before.int >> 80 for key in made)


@given(key=st.uuids())
def test_an_id_is_told_from_a_human_number(key: UUID) -> None:
    assert is_uuid(str(key))
    assert not is_uuid(f"HT-{key}")
