"""The sla worker: evaluates tickets that events have touched, and finds what time alone brings about.

Woken by NOTIFY, or by the clock: the next transition lies at a known instant. Several workers share the work; whoever
is killed loses nothing, since a claim is a lock of its transaction.
"""

import asyncio
from contextlib import suppress
from datetime import datetime

import asyncpg
import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from services.kernel.database import Database, now_utc
from services.kernel.identity import system
from services.kernel.settings import Settings
from services.kernel.telemetry import configure_logging
from services.sla.clocks import claims
from services.sla.clocks.evaluation import evaluate
from services.sla.clocks.tables import Ticket
from services.sla.events.service import WORK

log = structlog.get_logger()

A_CLAIM = 2_000
"""Tickets in one transaction: enough to measure many at once, few enough that nobody waits long for a lock."""
LONGEST_SLEEP = 1.0
"""Seconds. A transition is found at most this late where a wake-up was missed."""
SHORTEST_SLEEP = 0.05
AWAY_SECONDS = 1.0


async def run(settings: Settings) -> None:
    """For ever; a database that is away is waited for."""
    configure_logging(settings.process, settings.log_level)
    # It is the sla service at other work: the same namespace, the same role.
    database = Database(settings.database_url, "sla", pool_size=4)
    worker = Worker(database)
    try:
        await worker.run()
    finally:
        await database.dispose()


class Worker:
    """One worker."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._who = system("sla-worker")
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """For ever."""
        listening = asyncio.create_task(self._listen())
        try:
            while True:
                try:
                    self._woken.clear()
                    if not await self.work():
                        await self._sleep()
                except (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
                    log.warning("evaluation_waits_for_database", fault=str(fault)[:300])
                    await asyncio.sleep(AWAY_SECONDS)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def work(self) -> int:
        """One round: what is due, what was touched, a piece of a sweep; how many tickets were judged."""
        return await self._due() + await self._touched() + await self._swept()

    async def _due(self) -> int:
        now = now_utc()
        async with self._database.transaction(self._who, "clock.evaluate") as tx:
            claim = await claims.due(tx, now, A_CLAIM)
            return await evaluate(self._database, tx, claim, now) if claim.held else 0

    async def _touched(self) -> int:
        async with self._database.transaction(self._who, "clock.evaluate") as tx:
            claim = await claims.touched(tx, A_CLAIM)
            return await evaluate(self._database, tx, claim, now_utc()) if claim.held else 0

    async def _swept(self) -> int:
        async with self._database.transaction(self._who, "clock.evaluate") as tx:
            claim = await claims.swept(tx, A_CLAIM)
            if claim is None:
                return 0
            # A sweep of no ticket is work done, too: another may wait behind it.
            return max(1, await evaluate(self._database, tx, claim, now_utc()) if claim.held else 1)

    async def _sleep(self) -> None:
        seconds = await self._until_next(now_utc())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)

    async def _until_next(self, now: datetime) -> float:
        async with self._database.reading(self._who) as tx:
            following = await tx.scalar(select(func.min(Ticket.next_transition)))
        if following is None:
            return LONGEST_SLEEP
        ahead: float = (following - now).total_seconds()
        return min(LONGEST_SLEEP, max(SHORTEST_SLEEP, ahead))

    async def _listen(self) -> None:
        while True:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                connection = await asyncpg.connect(self._database.url.replace("+asyncpg", ""), timeout=5)
                ended = asyncio.Event()
                connection.add_termination_listener(lambda _connection, ended=ended: ended.set())
                try:
                    await connection.add_listener(WORK, lambda *_: self._woken.set())
                    await ended.wait()
                finally:
                    connection.terminate()
            await asyncio.sleep(AWAY_SECONDS)
