"""What is of no more use goes, a small batch at a time: kept answers after their day, handled news after a week.

News that waits stays, and so do dead letters: the database itself lets a service take away only what is done.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import structlog
from sqlalchemy import TextClause, text
from sqlalchemy.exc import SQLAlchemyError

from services.kernel.database import Database, rows_touched
from services.kernel.idempotency import KEPT_FOR

log = structlog.get_logger()
SWEEP_SECONDS = 300.0
BATCH = 500
NEWS_KEPT_FOR = timedelta(days=7)
"""For whoever looks into what a service has heard lately; nothing reads it."""


class Sweeper:
    """Sweeps the namespace of one service. Several may: a row that another one holds is left to it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._answers = text(
            f"DELETE FROM {database.schema}.idempotency WHERE ctid = ANY (ARRAY("  # noqa: S608  # a name of our own
            f"SELECT ctid FROM {database.schema}.idempotency WHERE at < now() - CAST(:answers AS interval)"
            " ORDER BY at LIMIT :batch FOR UPDATE SKIP LOCKED))"
        )
        self._news = text(
            "DELETE FROM news.delivery WHERE id = ANY (ARRAY(SELECT id FROM news.delivery"
            " WHERE subscriber = :subscriber AND state = 'done' AND done_at < now() - CAST(:news AS interval)"
            " ORDER BY done_at LIMIT :batch FOR UPDATE SKIP LOCKED))"
        )

    def statements(self) -> Sequence[tuple[TextClause, Mapping[str, Any]]]:
        """What a sweep executes: each reads an index of its own, oldest first."""
        return (
            (self._answers, {"answers": KEPT_FOR, "batch": BATCH}),
            (self._news, {"news": NEWS_KEPT_FOR, "subscriber": self._database.schema, "batch": BATCH}),
        )

    async def sweep(self) -> int:
        """One batch of each, in a short transaction of its own; how many rows went."""
        gone = 0
        for statement, names in self.statements():
            async with self._database.engine.begin() as connection:
                gone += rows_touched(await connection.execute(statement, names))
        return gone

    async def run(self) -> None:
        """For ever; a database that is away is waited for."""
        while True:
            try:
                while gone := await self.sweep():
                    log.info("swept", rows=gone)
            except (SQLAlchemyError, OSError, asyncpg.PostgresError) as fault:
                log.warning("sweeper_waits_for_database", fault=str(fault)[:200])
            await asyncio.sleep(SWEEP_SECONDS)
