"""The database of one service: transactions that say who acts, and sessions that cannot write."""

from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, DateTime, MetaData, select, text
from sqlalchemy.engine import CursorResult, Result
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from services.kernel.events import Event, store
from services.kernel.identity import Actor
from services.kernel.refusals import NotFound, Stale

NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s_ix",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s",
    "fk": "%(table_name)s_%(column_0_N_name)s_fk",
    "pk": "%(table_name)s_pkey",
}

T = TypeVar("T", bound="Base")


class Base(DeclarativeBase):
    """The root of all mapped classes. Instants are timestamptz."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012  # SQLAlchemy's own declaration


def refers_to(target: str, **options: Any) -> Mapped[UUID]:
    """A column with another service's id in it, `suppliers.supplier.id`.

    Only a name here, since SQLAlchemy cannot flush a ForeignKey to a table that this process does not import.
    The migrations make it a real one.
    """
    return mapped_column(info={"refers_to": target}, **options)


def now_utc() -> datetime:
    """The present instant; rules get it as an argument."""
    return datetime.now(UTC)


def is_uuid(ident: str) -> bool:
    """Whether an identifier of the wire is a UUID, not a human number."""
    try:
        UUID(ident)
    except ValueError:
        return False
    return True


def identified_by(table: Any, ident: str | UUID) -> ColumnElement[bool]:
    """Where the row is named by its id or its human number (`HT-2026-000123`)."""
    if isinstance(ident, UUID) or is_uuid(ident):
        condition: ColumnElement[bool] = table.id == UUID(str(ident))
    else:
        condition = table.number == ident
    return condition


class Transaction:
    """One unit of work. `emit` tells others; the news is stored with the change, or not at all."""

    def __init__(self, session: AsyncSession, who: Actor, database: "Database") -> None:
        self.session, self.who, self._database = session, who, database
        self._events: list[Event] = []

    async def load(self, table: type[T], ident: str | UUID, seen: int | None = None, *where: ColumnElement[bool]) -> T:
        """The row, locked until the end. `seen`: the version that the caller read. Refuses NotFound, Stale."""
        found = await self.session.scalar(
            select(table).where(identified_by(table, ident), *where).with_for_update(of=table)
        )
        if found is None:
            raise NotFound
        version: int = getattr(found, "version", 0)
        if seen is not None and seen not in (version, ANY_VERSION):
            raise Stale(version=version)
        return found

    def add(self, row: Base) -> None:
        """Insert at the next flush."""
        self.session.add(row)

    async def flush(self) -> None:
        """Send what is pending, so that versions and defaults are known. Refuses Stale."""
        try:
            await self.session.flush()
        except StaleDataError as fault:
            raise Stale from fault

    async def queue_for(self, *names: str) -> None:
        """Wait until no other transaction of this service queues for the same: for what has no row to lock yet."""
        await self.session.execute(_QUEUE, {"names": msgspec.json.encode((self._database.schema, *names)).decode()})

    async def execute(self, statement: Any, parameters: Any = None) -> Result[Any]:
        """Any Core or ORM statement."""
        result: Result[Any] = await self.session.execute(statement, parameters)
        return result

    async def scalar(self, statement: Any, parameters: Any = None) -> Any:
        """The first column of the first row, or None."""
        return await self.session.scalar(statement, parameters)

    async def rows(self, statement: Any, parameters: Any = None) -> Sequence[Mapping[str, Any]]:
        """All rows as mappings."""
        found: Sequence[Any] = (await self.session.execute(statement, parameters)).mappings().all()
        return found

    async def connection(self) -> AsyncConnection:
        """The connection below, for COPY and the like."""
        return await self.session.connection()

    def emit(self, event: Event) -> None:
        """Tell it to the log, and to those who subscribed to its type."""
        self._events.append(event)

    def unsay(self) -> None:
        """Forget the events that are not stored yet: the change that they tell of was undone."""
        self._events = []

    async def finish(self) -> None:
        """Write the pending rows, then their news."""
        await self.flush()
        if self._events:
            await store(self.session, self._database.schema, self._events, self._database.subscribers, self.who)
            self._events = []


ANY_VERSION = -1
MOST_ABANDONED = 1000


@dataclass
class Unanswered:
    """A request under an Idempotency-Key: its one change stays open until its answer is stored in it.

    opened: what closes the session. session: of the change; None before there is one.
    """

    opened: AsyncExitStack
    session: AsyncSession | None = None


unanswered: ContextVar[Unanswered | None] = ContextVar("unanswered", default=None)
_QUEUE = text("SELECT pg_advisory_xact_lock(hashtextextended(:names, 0))")
_SPEAK = text(
    "SELECT set_config('heyue.actor', :actor, true), set_config('heyue.action', :action, true),"
    " set_config('heyue.request_id', :request_id, true), set_config('heyue.client', :client, true),"
    " set_config('heyue.supplier_id', :supplier_id, true), set_config('role', :role, true),"
    " set_config('transaction_read_only', :read_only, true)"
)


class Database:
    """One service's engine. schema: its namespace. subscribers: event type → services that want to hear of it.

    walled: a supplier's own user acts as a role whose row policies show nothing of others. Accounts have no such role:
    there everybody has an own row, which the use case names.
    """

    def __init__(
        self, url: str, schema: str, *, pool_size: int = 10, subscribers: Mapping[str, Sequence[str]] | None = None,
        walled: bool = True,
    ) -> None:  # fmt: skip
        self.url, self.schema, self.walled = url, schema, walled
        self.subscribers = subscribers or {}
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=5,
            connect_args={
                "timeout": 5,
                "command_timeout": 60,
                "server_settings": {"application_name": f"heyue {schema}"},
            },
        )
        self.abandoned: deque[UUID] = deque(maxlen=MOST_ABANDONED)
        """Claims on keys that could not be given free, since the database was away."""
        self._role = ""

    @asynccontextmanager
    async def transaction(self, who: Actor, action: str) -> AsyncIterator[Transaction]:
        """Committed when the block ends, before the caller has an answer; rolled back by any exception.

        Under an Idempotency-Key it is committed with the answer (`idempotency.py`), which is then stored in it.
        """
        request = _unfinished()
        async with AsyncExitStack() as opened:
            session = await opened.enter_async_context(AsyncSession(self.engine, expire_on_commit=False))
            await self._speak(session, who, action, read_only=False)
            tx = Transaction(session, who, self)
            yield tx
            await tx.finish()
            if request is None:
                await session.commit()
            else:
                request.session = session
                request.opened.push_async_exit(opened.pop_all())

    @asynccontextmanager
    async def reading(self, who: Actor) -> AsyncIterator[Transaction]:
        """A transaction that cannot write."""
        _unfinished()
        async with AsyncSession(self.engine, expire_on_commit=False, autoflush=False) as session:
            await self._speak(session, who, "read", read_only=True)
            yield Transaction(session, who, self)

    async def _speak(self, session: AsyncSession, who: Actor, action: str, *, read_only: bool) -> None:
        outside = who.is_supplier and self.walled
        role = f"{self.schema}_supplier" if outside else await self._own_role(session)
        await session.execute(
            _SPEAK,
            {
                "actor": who.name, "action": action, "request_id": who.request_id, "client": who.client,
                "supplier_id": str(who.supplier_id or ""), "role": role, "read_only": "on" if read_only else "off",
            },
        )  # fmt: skip

    async def _own_role(self, session: AsyncSession) -> str:
        if not self._role:
            self._role = str(await session.scalar(text("SELECT session_user")))
        return self._role

    async def next_number(self, prefix: str, now: datetime) -> str:
        """The next human number of the year, `HT-2026-000123`."""
        return (await self.next_numbers(prefix, now, 1))[0]

    async def next_numbers(self, prefix: str, now: datetime, count: int) -> list[str]:
        """The next so many human numbers of the year.

        Taken in a transaction of its own, so that nobody waits for whoever took the last one; a rolled back
        change leaves a gap.
        """
        async with self.engine.begin() as connection:
            last: int = (
                await connection.execute(
                    text(
                        f"INSERT INTO {self.schema}.counter (kind, year, last) VALUES (:kind, :year, :count)"  # noqa: S608  # a name of our own
                        " ON CONFLICT (kind, year) DO UPDATE SET last = counter.last + :count RETURNING last"
                    ),
                    {"kind": prefix, "year": now.year, "count": count},
                )
            ).scalar_one()
        return [f"{prefix}-{now.year}-{number:06d}" for number in range(last - count + 1, last + 1)]

    async def schema_revision(self) -> str | None:
        """The migration that the database stands at, None where it does not answer."""
        async with self.engine.connect() as connection:
            found = await connection.scalar(text("SELECT version_num FROM public.alembic_version"))
            return str(found) if found else None

    async def dispose(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _unfinished() -> Unanswered | None:
    """The request under a key that has changed nothing yet. Refuses RuntimeError: it makes one change, and no more."""
    request = unanswered.get()
    if request is not None and request.session is not None:
        raise RuntimeError("A request under an Idempotency-Key is one transaction; this is asked for after it")
    return request


def rows_touched(result: Result[Any]) -> int:
    """How many rows an INSERT, UPDATE or DELETE touched."""
    return result.rowcount if isinstance(result, CursorResult) else 0
