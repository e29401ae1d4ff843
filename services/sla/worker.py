"""The sla worker: evaluates tickets that events have touched, and finds what time alone brings about.

Woken by NOTIFY, or by the clock: the next transition lies at a known instant. Several workers share the work; whoever
is killed loses nothing, since a claim is a lock of its transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

import asyncpg
import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from services.kernel.database import Database, Transaction, now_utc
from services.kernel.identity import system
from services.kernel.rendering import database_is_away
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


class _Unjudgeable(Exception):
    """A claim with a ticket in it that cannot be judged."""


def _passes(fault: Exception) -> bool:
    """Whether it is the database's present state, not the ticket: it is away, or others were in the way."""
    state = str(getattr(getattr(fault, "orig", fault), "sqlstate", "") or "")
    return database_is_away(fault) or state.startswith(("40", "55", "57"))


class Worker:
    """One worker.

    A ticket that cannot be judged, by a fault of ours, must not keep the others from being judged: when a claim fails,
    tickets are taken one by one until nothing is left, and one that fails alone is parked until the next start.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._who = system("sla-worker")
        self._woken = asyncio.Event()
        self._most = A_CLAIM
        self._parked: set[claims.Key] = set()

    async def run(self) -> None:
        """For ever."""
        listening = asyncio.create_task(self._listen())
        try:
            while True:
                self._woken.clear()
                try:
                    worked = await self.work()
                except (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
                    log.warning("evaluation_waits_for_database", fault=str(fault)[:300])
                    await asyncio.sleep(AWAY_SECONDS)
                    continue
                if not worked:
                    self._most = A_CLAIM
                    await self._sleep()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def work(self) -> int:
        """One round: what is due, what was touched, a piece of a sweep; how many tickets were judged."""
        judged = 0
        for take in (
            lambda tx: claims.due(tx, now_utc(), self._most, self._parked),
            lambda tx: claims.touched(tx, self._most, self._parked),
            lambda tx: claims.swept(tx, self._most, self._parked),
        ):
            judged += await self._take(take)
        return judged

    async def _take(self, take: Callable[[Transaction], Awaitable[claims.Claim]]) -> int:
        try:
            async with self._database.transaction(self._who, "clock.evaluate") as tx:
                claim = await take(tx)
                if claim.held:
                    await self._evaluate(tx, claim)
        except _Unjudgeable:
            return 1
        # A sweep of no ticket is work done, too: another may wait behind it.
        return max(len(claim.held), 0 if claim.swept_at is None else 1)

    async def _evaluate(self, tx: Transaction, claim: claims.Claim) -> None:
        try:
            await evaluate(self._database, tx, claim, now_utc())
        except Exception as fault:
            if _passes(fault):
                raise
            if len(claim.held) == 1:
                log.error("ticket_parked", ticket=claim.held[0].key, exc_info=fault)
                self._parked.add(claim.held[0].key)
            self._most = 1
            raise _Unjudgeable from fault

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
