"""Lists of a large house: whoever asks, in whatever order, a page reads few rows and not the table."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql
from starlette.datastructures import QueryParams

from deploy.database_url import DatabaseUrl
from services.contracts.contract import queries as contracts
from services.kernel.identity import Actor, Kind, Role
from services.kernel.paging import USUAL_PAGE, Listing
from services.sla.agreements import queries as agreements
from services.sla.breaches import queries as breaches
from services.sla.clocks import queries as clocks
from services.sla.periods import queries as periods
from services.sla.tickets import queries as tickets
from services.suppliers.supplier import queries as suppliers
from tests import databases, large
from tests.databases import Clone

TICKETS = 40_000  # and twice as many cycles
MOST_READ = 8_000  # rows of any table for one page; what walks a table reads 20,000 and more
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TWO_HOURS = ("2025-03-01T00:00:00Z", "2025-03-01T02:00:00Z")


def _range(name: str, ends: tuple[str, str] = TWO_HOURS) -> dict[str, str]:
    return {f"{name}_from": ends[0], f"{name}_before": ends[1]}


def _person(role: Role, firm: int | None = None) -> Actor:
    ident = None if firm is None else UUID(large.firm_id(firm))
    return Actor(id=UUID(int=1), name="reader", kind=Kind.PERSON, roles=frozenset({role}), scopes=frozenset(),
                 supplier_id=ident, supplier_number=None)  # fmt: skip


READERS = {
    "staff": _person(Role.AUDITOR),
    "a small firm": _person(Role.SUPPLIER_USER, large.SMALL_FIRM),
    "a large firm": _person(Role.SUPPLIER_USER, large.LARGE_FIRM),
    "a firm without any": _person(Role.SUPPLIER_USER, large.NO_FIRM),
}
SMALL, FIRM = {"agreement": "SLA-2025-000000"}, {"supplier": "GYS-2025-000000"}
# What each list is asked for in every one of its orders, and in its usual one alone.
ASKED: Mapping[str, tuple[list[dict[str, str]], list[dict[str, str]]]] = {
    "suppliers": (
        [{}],
        [{"region": "CN-99"}, {"state": "blacklisted"}, {"q": "第1999信"}, {"q": "zzz"}, _range("created_at")],
    ),
    "contracts": (
        [{}, FIRM],
        [{"owner": "nobody"}, {"q": "zzz"}, {"ends_within_days": "5"}, _range("created_at")],
    ),
    "agreements": ([{}, FIRM], [{"contract": "HT-2025-000003"}, {"state": "draft"}]),
    "tickets": (
        [{}, SMALL, {"agreement": "none"}],
        [{"source": "none"}, {"open": "true"}, {"q": "0007919"}, {"q": "zzz"}, _range("last_at")],
    ),
    "clocks": (
        [{}, SMALL, SMALL | {"open": "true"}, {"agreement": "none"}, {"open": "true"}, {"open": "false"}],
        [{"target": "none"}, {"target": "resolution"}, {"source": "none"}, {"ticket": "0007919-1"}, {"q": "0007919"},
         {"q": "zzz"}, {"state": "paused"}, {"state": "met"}, {"breached": "true"}, {"breached": "false"},
         _range("due"), _range("started"), _range("ended"), _range("breached")],
    ),
    "breaches": (
        [{}, SMALL, {"agreement": "none"}, FIRM],
        [{"target": "none"}, {"source": "none"}, {"ticket": "none"}, {"supplier": "none"}, {"state": "excluded"},
         {"period": "2025-02"}, {"period": "1999-01"}, {"to_decide": "true"}, _range("breached_at")],
    ),
    "periods": ([{}, SMALL], [{"period": "2001-04"}, {"restatable": "true"}]),
}  # fmt: skip


def _list(name: str, who: Actor) -> tuple[str, Listing, Select[Any]]:
    """The service that has it, and the list."""
    if name == "suppliers":
        return name, *suppliers.listing(who)
    if name == "contracts":
        return name, contracts.listing(who, NOW), contracts.selected(who)
    if name == "tickets":
        return "sla", *tickets.listing(who)
    if name == "clocks":
        return "sla", clocks.listing({}, NOW), clocks.selected(who)
    of_sla: Any = {"agreements": agreements, "breaches": breaches, "periods": periods}[name]
    return "sla", of_sla.listing(who), of_sla.selected(who)


@pytest.fixture(scope="module")
async def filled(admin_url: DatabaseUrl) -> AsyncIterator[Clone]:
    copy = databases.clone(admin_url)
    await large.fill(copy, tickets=TICKETS)
    yield copy
    databases.drop(copy)


@dataclass
class Reader:
    """Somebody who reads in a service, as its role in the database."""

    connection: asyncpg.Connection
    who: Actor
    service: str

    async def read(self, statement: Select[Any]) -> tuple[int, int]:
        """How many rows are found, and how many of any one table are looked at."""
        sql = str(statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
        async with self.connection.transaction():
            if self.who.is_supplier:
                await self.connection.execute(
                    "SELECT set_config('heyue.supplier_id', $1, true), set_config('role', $2, true)",
                    str(self.who.supplier_id), f"{self.service}_supplier",
                )  # fmt: skip
            plan = json.loads(await self.connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}"))[0]["Plan"]
        return int(plan["Actual Rows"]), max(_looked_at(plan))


def _looked_at(node: Mapping[str, Any]) -> Iterator[int]:
    dropped = sum(rows for name, rows in node.items() if name.startswith("Rows Removed by"))
    yield int((node["Actual Rows"] + dropped) * node["Actual Loops"])
    for below in node.get("Plans", ()):
        yield from _looked_at(below)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", ASKED)
async def test_a_page_of_a_list_reads_few_rows_whoever_asks_for_whatever(filled: Clone, name: str, reader: str) -> None:
    service, listing, statement = _list(name, READERS[reader])
    orders = [sign + sort for sort in listing.sorts for sign in ("", "-")]
    in_every, in_the_usual = ASKED[name]
    read: dict[str, int] = {}
    connection = await asyncpg.connect(filled.libpq(f"svc_{service}"))
    person = Reader(connection, READERS[reader], service)
    for asked, sort in (
        *((asked, sort) for asked in in_every for sort in orders),
        *((asked, listing.default) for asked in in_the_usual),
    ):
        query = QueryParams({**asked, "sort": sort})
        found = most = 0
        for part in listing.parts(listing.narrowed(query, statement), listing.asked(query)):
            if found <= USUAL_PAGE:
                more, looked_at = await person.read(part.limit(USUAL_PAGE + 1 - found))
                found, most = found + more, max(most, looked_at)
        read[f"{asked} {sort}"] = most
    await connection.close()
    too_many = {asked: rows for asked, rows in read.items() if rows > MOST_READ}
    assert not too_many
