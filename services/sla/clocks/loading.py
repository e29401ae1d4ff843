"""What an evaluation reads: events, what judges them, and what was known before. One query each for all tickets.

Rows come straight from the driver: thousands of tickets a second pass here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select

from services.kernel.database import Transaction
from services.sla.agreements import queries as agreements
from services.sla.agreements.queries import Judging
from services.sla.calendars import queries as calendars
from services.sla.calendars.queries import StoredCalendar
from services.sla.calendars.tables import Calendar
from services.sla.clocks.claims import Key
from services.sla.clocks.rules import Event
from services.sla.sources.tables import Source

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Arrival(NamedTuple):
    """An event, and the batch that it came in."""

    event: Event
    batch: int


class CycleRow(NamedTuple):
    """A stored cycle. Instants: whole seconds since 1970. warnings: percent and instant."""

    target: str
    cycle: int
    agreement_id: UUID
    supplier_id: UUID
    state: str
    started_at: int
    ended_at: int | None
    goal_seconds: int | None
    elapsed_seconds: int
    paused_seconds: int
    due_at: int | None
    breached_at: int | None
    provisional: bool
    warnings: tuple[tuple[int, int | None], ...]
    agreement_version: int
    calendar: str
    calendar_version: int
    version: int


class BreachRow(NamedTuple):
    """A stored breach."""

    id: UUID
    number: str
    version: int
    state: str
    excluded: bool
    breached_at: int
    sent: bool
    agreement_id: UUID


@dataclass
class Known:
    """What was known of a ticket. Keys: target and number of a cycle, and for transitions their name."""

    cycles: dict[tuple[str, int], CycleRow] = field(default_factory=dict)
    breaches: dict[tuple[str, int], BreachRow] = field(default_factory=dict)
    transitions: set[tuple[str, int, str]] = field(default_factory=set)


async def driver(tx: Transaction) -> Any:
    """asyncpg's own connection of the transaction."""
    return (await (await tx.connection()).get_raw_connection()).driver_connection


_EVENTS = """
SELECT e.source, e.ticket, e.event_id, e.occurred_at, e.sequence, e.attributes::text, e.type, e.agreement_id, e.actor,
       e.corrects, e.withdraws, e.batch
  FROM sla.ticket_event e JOIN unnest($1::text[], $2::text[]) AS k(source, ticket) USING (source, ticket)
"""


async def events(tx: Transaction, keys: Sequence[Key]) -> dict[Key, list[Arrival]]:
    """All events of these tickets, in no order."""
    found: dict[Key, list[Arrival]] = {key: [] for key in keys}
    if not keys:
        return found
    rows = await (await driver(tx)).fetch(_EVENTS, *_arrays(keys))
    received = await _received(tx, {row[11] for row in rows})
    decode = msgspec.json.decode
    names: dict[UUID | None, str | None] = {None: None}
    for row in rows:
        source, ticket, event_id, occurred, sequence, attributes, kind, agreement = row[:8]
        actor, corrects, withdraws, batch = row[8:]
        since = occurred - _EPOCH
        if agreement not in names:
            names[agreement] = str(agreement)
        event = Event(
            event_id, since.days * 86_400 + since.seconds, decode(attributes), since.microseconds, sequence, kind,
            names[agreement], actor, corrects, withdraws, received[batch],
        )  # fmt: skip
        found[source, ticket].append(Arrival(event, batch))
    return found


async def _received(tx: Transaction, batches: Iterable[int]) -> dict[int, int]:
    rows = await (await driver(tx)).fetch(
        "SELECT seq, received_at FROM sla.batch WHERE seq = ANY($1::bigint[])", list(batches)
    )
    return {row["seq"]: int(row["received_at"].timestamp()) for row in rows}


async def sources(tx: Transaction, codes: Iterable[str]) -> dict[str, UUID | None]:
    """The agreement of each source, which stays so until the end of the transaction."""
    wanted = select(Source.code, Source.agreement_id).where(Source.code.in_(set(codes))).order_by(Source.code)
    return {row["code"]: row["agreement_id"] for row in await tx.rows(wanted.with_for_update(read=True))}


async def judged_by(tx: Transaction, ids: Iterable[UUID]) -> tuple[dict[UUID, Judging], dict[str, StoredCalendar]]:
    """Agreements, and all calendars that they name; both stay as they are until the end of the transaction.

    Whoever changes one waits for that, and sees in its sweep what was judged by it.
    """
    judging = await agreements.judging(tx, ids, lock=True)
    codes = {
        code for one in judging.values() for version in one.agreement.versions for target in version.targets
        for code in target.calendars
    }  # fmt: skip
    locked = select(Calendar.id).where(Calendar.code.in_(codes)).order_by(Calendar.code)
    await tx.rows(locked.with_for_update(read=True))
    return judging, await calendars.compiled(tx, codes)


_CYCLES = """
SELECT c.source, c.ticket, c.target, c.cycle, c.agreement_id, c.supplier_id, c.state,
       extract(epoch FROM c.started_at)::bigint, extract(epoch FROM c.ended_at)::bigint, c.goal_seconds,
       c.elapsed_seconds, c.paused_seconds, extract(epoch FROM c.due_at)::bigint,
       extract(epoch FROM c.breached_at)::bigint, c.provisional, c.warnings::text, c.agreement_version, c.calendar,
       c.calendar_version, c.version
  FROM sla.clock_cycle c JOIN unnest($1::text[], $2::text[]) AS k(source, ticket) USING (source, ticket)
"""
_BREACHES = """
SELECT b.source, b.ticket, b.target, b.cycle, b.id, b.number, b.version, b.state, b.excluded,
       extract(epoch FROM b.breached_at)::bigint, b.sent, b.agreement_id
  FROM sla.breach b JOIN unnest($1::text[], $2::text[]) AS k(source, ticket) USING (source, ticket) FOR UPDATE OF b
"""
_TRANSITIONS = """
SELECT t.source, t.ticket, t.target, t.cycle, t.name
  FROM sla.transition t JOIN unnest($1::text[], $2::text[]) AS k(source, ticket) USING (source, ticket)
"""


async def known(tx: Transaction, keys: Sequence[Key]) -> Mapping[Key, Known]:
    """What earlier evaluations left of these tickets."""
    found: dict[Key, Known] = {key: Known() for key in keys}
    if not keys:
        return found
    connection, arrays = await driver(tx), _arrays(keys)
    for row in await connection.fetch(_CYCLES, *arrays):
        source, ticket, *values = row
        values[13] = tuple((one["percent"], _seconds(one["at"])) for one in msgspec.json.decode(values[13]))
        cycle = CycleRow(*values)
        found[source, ticket].cycles[cycle.target, cycle.cycle] = cycle
    for source, ticket, target, number, *values in await connection.fetch(_BREACHES, *arrays):
        found[source, ticket].breaches[target, number] = BreachRow(*values)
    for source, ticket, target, number, name in await connection.fetch(_TRANSITIONS, *arrays):
        found[source, ticket].transitions.add((target, number, name))
    return found


def _seconds(written: str | None) -> int | None:
    return None if written is None else int(datetime.fromisoformat(written).timestamp())


def _arrays(keys: Sequence[Key]) -> tuple[list[str], list[str]]:
    return [key[0] for key in keys], [key[1] for key in keys]
