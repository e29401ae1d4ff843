"""Reading batches: whether all that a call has touched is evaluated."""

import asyncio
import time
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from services.kernel.database import Database, is_uuid
from services.kernel.identity import Actor, Kind
from services.kernel.refusals import Forbidden, NotFound
from services.sla.events.tables import Batch, Dirty

POLL_SECONDS = 0.1


async def batch(db: Database, who: Actor, ident: str, wait: float) -> dict[str, Any]:
    """The batch, once all its clocks are computed, or after `wait` seconds.

    A key that may only send reads its own. Refuses NotFound, Forbidden.
    """
    if not is_uuid(ident):
        raise NotFound
    until = time.monotonic() + wait
    while True:
        found = await _batch(db, who, UUID(ident))
        if found["state"] == "evaluated" or time.monotonic() >= until:
            return found
        await asyncio.sleep(min(POLL_SECONDS, max(0.0, until - time.monotonic())))


async def _batch(db: Database, who: Actor, batch_id: UUID) -> dict[str, Any]:
    pending = exists().where(Dirty.seq == Batch.seq)
    async with db.reading(who) as tx:
        rows = await tx.rows(
            select(Batch.id, Batch.accepted, Batch.duplicates, Batch.rejected, Batch.tickets, Batch.received_at,
                   Batch.actor_id, pending.label("pending")).where(Batch.id == batch_id)
        )  # fmt: skip
    if who.kind is Kind.KEY and "sla:read" not in who.scopes:
        if "sla:intake" not in who.scopes:
            raise Forbidden(scope="sla:intake")
        rows = [row for row in rows if row["actor_id"] == who.id]
    if not rows:
        raise NotFound
    row = rows[0]
    names = ("accepted", "duplicates", "rejected", "tickets", "received_at")
    return {
        "batch": row["id"], **{name: row[name] for name in names},
        "state": "pending" if row["pending"] else "evaluated",
    }  # fmt: skip
