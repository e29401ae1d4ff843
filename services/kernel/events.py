"""News: what a service did, stored with the doing. One log, read by consumers and by the changed-since feed.

The log is ordered after commit: a sealer numbers what has become visible, so that no reader skips a row whose
transaction committed late. Consumers handle each news at least once, in order per subject; the claim is the row
lock, held in the transaction in which the handler writes, so that effect and mark are one.
"""

import asyncio
import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import msgspec
import structlog
from sqlalchemy import TextClause, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from services.kernel.identity import Actor, system
from services.kernel.ids import uuid7
from services.kernel.messages import N_
from services.kernel.refusals import FieldError, Invalid

if TYPE_CHECKING:
    from services.kernel.database import Database, Transaction

log = structlog.get_logger()

BATCH = 50
ATTEMPTS = 12
LONGEST_WAIT = timedelta(seconds=60)
IDLE_SECONDS = 2.0
SEAL_SECONDS = 0.2
SEAL_BATCH = 5000
POSITION = re.compile(r"f[0-9]{1,18}")


@dataclass(frozen=True)
class Event:
    """One thing that happened. key: the subject's id, whose news stay in order. subject: its path on the wire.

    data: the facts, as JSON; a copy elsewhere is made from them, so they are complete.
    """

    type: str
    key: UUID
    subject: str
    version: int
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class News:
    """An event as a consumer gets it."""

    id: UUID
    type: str
    key: UUID
    subject: str
    version: int
    at: datetime
    data: Mapping[str, Any]
    request_id: str = ""


Handler = Callable[["Transaction", News], Awaitable[None]]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def store(
    session: AsyncSession, schema: str, events: Sequence[Event], subscribers: Mapping[str, Sequence[str]], who: Actor
) -> None:
    """Write events to the log and one delivery a subscriber, in the caller's transaction."""
    rows = [
        {
            "id": uuid7(), "type": e.type, "key": e.key, "subject": e.subject, "version": e.version,
            "data": _json(e.data), "request_id": who.request_id,
        }
        for e in events
    ]  # fmt: skip
    await session.execute(_insert_event(schema), rows)
    deliveries = [
        row | {"source": schema, "subscriber": subscriber}
        for row in rows
        for subscriber in subscribers.get(str(row["type"]), ())
    ]
    if deliveries:
        await session.execute(_INSERT_DELIVERY, deliveries)
        for subscriber in {d["subscriber"] for d in deliveries}:
            await session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": f"news_{subscriber}"})


def _insert_event(schema: str) -> TextClause:
    return text(
        f"INSERT INTO {schema}.event (id, type, key, subject, version, data, request_id)"  # noqa: S608  # a name of our own
        " VALUES (:id, :type, :key, :subject, :version, CAST(:data AS jsonb), :request_id)"
    )


_INSERT_DELIVERY = text(
    "INSERT INTO news.delivery (subscriber, source, event_id, type, key, subject, version, payload, request_id)"
    " VALUES (:subscriber, :source, :id, :type, :key, :subject, :version, CAST(:data AS jsonb), :request_id)"
)

_CLAIM = text(
    "SELECT d.id, d.event_id, d.type, d.key, d.subject, d.version, d.at, d.payload, d.request_id, d.attempts"
    " FROM news.delivery d WHERE d.subscriber = :subscriber AND d.state = 'waiting' AND d.next_at <= now()"
    " AND NOT EXISTS (SELECT 1 FROM news.delivery h WHERE h.subscriber = d.subscriber AND h.key = d.key"
    " AND h.state IN ('waiting', 'dead') AND h.id < d.id)"
    " ORDER BY d.id LIMIT :batch FOR UPDATE OF d SKIP LOCKED"
).columns(payload=JSONB)


class Consumer:
    """Handles the news addressed to one service."""

    def __init__(self, database: "Database", handlers: Mapping[str, Handler]) -> None:
        self._database, self._handlers = database, handlers
        self._subscriber = database.schema
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """For ever; a database that is away is waited for."""
        listening = asyncio.create_task(self._listen())
        try:
            while True:
                try:
                    handled = await self.handle_some()
                except (SQLAlchemyError, OSError, asyncpg.PostgresError) as fault:
                    log.warning("news_waits_for_database", fault=str(fault)[:200])
                    handled = 0
                if not handled:
                    await self._sleep()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _sleep(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), IDLE_SECONDS)
        except TimeoutError:
            return
        self._woken.clear()

    async def _listen(self) -> None:
        """Be woken by the teller's commit. Polling goes on without it, so that no fault here loses any news."""
        while True:
            try:
                connection = await asyncpg.connect(self._database.url.replace("+asyncpg", ""), timeout=5)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(IDLE_SECONDS)
                continue
            try:
                ended = asyncio.Event()
                connection.add_termination_listener(lambda _connection, ended=ended: ended.set())
                await connection.add_listener(f"news_{self._subscriber}", lambda *_: self._woken.set())
                self._woken.set()  # for what was told while nobody listened
                await ended.wait()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(IDLE_SECONDS)
            finally:
                connection.terminate()

    async def handle_some(self) -> int:
        """Handle up to one batch; how many were taken."""
        async with self._database.transaction(system(f"{self._subscriber}-news"), "news") as tx:
            rows = await tx.rows(_CLAIM, {"subscriber": self._subscriber, "batch": BATCH})
            for row in rows:
                await self._handle(tx, row)
            return len(rows)

    async def _handle(self, tx: "Transaction", row: Mapping[str, Any]) -> None:
        news = News(
            id=row["event_id"], type=row["type"], key=row["key"], subject=row["subject"], version=row["version"],
            at=row["at"], data=row["payload"], request_id=row["request_id"],
        )  # fmt: skip
        handler = self._handlers.get(news.type)
        fault = ""
        try:
            async with tx.session.begin_nested():
                await tx.execute(
                    text("SELECT set_config('heyue.request_id', :r, true), set_config('heyue.action', :a, true)"),
                    {"r": news.request_id, "a": f"news.{news.type}"},
                )
                if handler is not None:
                    await handler(tx, news)
                await tx.finish()
        except Exception as raised:
            # Whatever a handler stumbles over is kept with the delivery: it retries, then waits for a person.
            fault = f"{type(raised).__name__}: {raised}"[:1000]
            tx.unsay()
        # Where the connection was lost, the mark fails too, and with it the batch: the news keeps its attempts.
        await tx.execute(_MARK_FAILED if fault else _MARK_DONE, self._mark(row, fault))
        if fault:
            log.error("news_failed", type=news.type, news=str(news.id), attempts=row["attempts"] + 1, fault=fault)

    @staticmethod
    def _mark(row: Mapping[str, Any], fault: str) -> dict[str, Any]:
        if not fault:
            return {"id": row["id"]}
        attempts = row["attempts"] + 1
        wait = min(LONGEST_WAIT, timedelta(seconds=0.2 * 2**attempts))
        state = "dead" if attempts >= ATTEMPTS else "waiting"
        return {"id": row["id"], "attempts": attempts, "fault": fault, "wait": wait, "state": state}


_MARK_DONE = text("UPDATE news.delivery SET state = 'done', done_at = clock_timestamp() WHERE id = :id")
_MARK_FAILED = text(
    "UPDATE news.delivery SET state = :state, attempts = :attempts, fault = :fault,"
    " next_at = clock_timestamp() + CAST(:wait AS interval) WHERE id = :id"
)


class Sealer:
    """Gives positions to what has become visible, a batch at a time; one at once, by the lock on its row."""

    def __init__(self, database: "Database") -> None:
        self._database = database
        schema = database.schema
        self._seal = text(
            f"WITH s AS (SELECT pos FROM {schema}.sealer FOR UPDATE SKIP LOCKED),"  # noqa: S608  # a name of our own
            f" n AS (SELECT id, row_number() OVER (ORDER BY id) AS r FROM {schema}.event"
            f" WHERE pos IS NULL ORDER BY id LIMIT {SEAL_BATCH}),"
            # Another sealer may have numbered a row since this statement's snapshot: asked again under the lock.
            f" u AS (UPDATE {schema}.event e SET pos = s.pos + n.r FROM n, s WHERE e.id = n.id AND e.pos IS NULL"
            " RETURNING e.pos)"
            f" UPDATE {schema}.sealer SET pos = GREATEST(pos, (SELECT max(pos) FROM u))"
            " WHERE EXISTS (SELECT 1 FROM u)"
        )

    async def seal(self) -> None:
        """Number one batch."""
        async with self._database.engine.begin() as connection:
            await connection.execute(self._seal)

    async def run(self) -> None:
        """For ever; a database that is away is waited for."""
        while True:
            try:
                await self.seal()
            except (SQLAlchemyError, OSError, asyncpg.PostgresError) as fault:
                log.warning("sealer_waits_for_database", fault=str(fault)[:200])
            await asyncio.sleep(SEAL_SECONDS)


def _cursor(pos: int) -> str:
    return base64.urlsafe_b64encode(f"f{pos}".encode()).decode().rstrip("=")


def _position(cursor: str) -> int:
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        if not POSITION.fullmatch(plain):
            raise ValueError(cursor)
        return int(plain[1:])
    except (ValueError, binascii.Error, UnicodeDecodeError) as fault:
        raise Invalid(
            errors=[
                FieldError(
                    "bad_cursor", "?after", N_("This cursor is not one of this feed"),
                    N_("Use the next of an earlier page, or leave it out to start at the beginning"),
                )
            ]
        ) from fault  # fmt: skip


async def feed_page(tx: "Transaction", schema: str, after: str | None, limit: int) -> dict[str, Any]:
    """One page of the changed-since feed: every committed change once, none skipped. Refuses Invalid."""
    start = _position(after) if after is not None else 0
    rows = await tx.rows(
        text(
            f"SELECT pos, id, type, subject, version, at, data FROM {schema}.event"  # noqa: S608  # a name of our own
            " WHERE pos > :start ORDER BY pos LIMIT :limit"
        ).columns(data=JSONB),
        {"start": start, "limit": limit},
    )
    items = [
        {
            "cursor": _cursor(row["pos"]), "id": row["id"], "type": row["type"], "subject": row["subject"],
            "version": row["version"], "at": row["at"], "data": row["data"],
        }
        for row in rows
    ]  # fmt: skip
    return {"items": items, "next": items[-1]["cursor"] if items else after}
