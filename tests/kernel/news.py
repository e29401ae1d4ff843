"""News by the dozen: told by one service, and what another one made of it."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from services.kernel.database import Database, Transaction
from services.kernel.events import Event, News
from services.kernel.identity import system
from services.kernel.ids import uuid7

TELLER = system("teller", "request-of-the-teller")
COUNT = text(
    "INSERT INTO contracts.counter (kind, year, last) VALUES (:kind, 0, 1)"
    " ON CONFLICT (kind, year) DO UPDATE SET last = counter.last + 1"
)


def event(key: UUID | None = None, version: int = 1, type_: str = "thing.done") -> Event:
    """One thing that happened."""
    subject = key or uuid7()
    return Event(type_, subject, f"/api/suppliers/v1/things/{subject}", version, {"version": version})


async def tell(teller: Database, *events: Event) -> None:
    """Each in a transaction of its own."""
    for one in events:
        async with teller.transaction(TELLER, "thing.do") as tx:
            tx.emit(one)


async def count(tx: Transaction, news: News) -> None:
    """A handler whose effect shows how often it was done."""
    await tx.execute(COUNT, {"kind": f"{news.key} {news.version}"})


async def counted(database: Database, *events: Event) -> list[int]:
    """How often the effect of each of these was done."""
    async with database.reading(TELLER) as tx:
        found = {row["kind"]: row["last"] for row in await tx.rows(text("SELECT kind, last FROM contracts.counter"))}
    return [found.get(f"{one.key} {one.version}", 0) for one in events]


async def deliveries(database: Database, keys: Iterable[UUID]) -> list[tuple[str, int]]:
    """State and attempts of the deliveries about these subjects, in their order."""
    async with database.reading(TELLER) as tx:
        rows = await tx.rows(
            text("SELECT state, attempts FROM news.delivery WHERE key = ANY(:keys) ORDER BY id"), {"keys": list(keys)}
        )
    return [(row["state"], row["attempts"]) for row in rows]
