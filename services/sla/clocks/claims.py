"""Which tickets a worker takes: those that events have touched, those whose clocks are due, those of a sweep.

A ticket's row is the lock: whoever holds it evaluates the ticket, others pass it by. A mark in `dirty` is taken away
only by the holder, before it reads the events: what arrives later leaves a mark of its own.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal, select, text, true, tuple_

from services.kernel.database import Transaction
from services.sla.clocks.tables import Sweep, Ticket

Key = tuple[str, str]
"""Source and ticket."""


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket that this worker holds, as it was evaluated last. fold: None where it never was."""

    key: Key
    id: UUID
    agreement_id: UUID | None
    fold: bytes | None
    evaluated_at: int | None


@dataclass
class Claim:
    """What one transaction evaluates. arrived: the batches whose events have come to a ticket since.

    refold: from the events, whatever the folds are. swept_at: when the new version that judges them was made.
    """

    held: list[Held] = field(default_factory=list)
    arrived: Mapping[Key, frozenset[int]] = field(default_factory=dict)
    refold: bool = False
    swept_at: int | None = None


_KEYS = "unnest(CAST(:sources AS text[]), CAST(:tickets AS text[])) AS k(source, ticket)"
_TOUCHED = text(
    "WITH heads AS (SELECT d.source, d.ticket FROM sla.dirty d"  # noqa: S608  # names of our own
    f" WHERE (d.source, d.ticket) NOT IN (SELECT k.source, k.ticket FROM {_KEYS})"
    " ORDER BY d.seq, d.source, d.ticket LIMIT :most FOR UPDATE SKIP LOCKED)"
    " SELECT DISTINCT source, ticket FROM heads ORDER BY source, ticket"
)
_MAKE = text(
    f"INSERT INTO sla.ticket (source, ticket, id) SELECT k.source, k.ticket, uuidv7() FROM {_KEYS}"  # noqa: S608  # names of our own
    " WHERE NOT EXISTS (SELECT 1 FROM sla.ticket t WHERE t.source = k.source AND t.ticket = k.ticket)"
    " ORDER BY k.source, k.ticket ON CONFLICT DO NOTHING"
)
_HOLD = text(
    "SELECT t.source, t.ticket, t.id, t.agreement_id, t.fold, t.evaluated_at"  # noqa: S608  # names of our own
    f" FROM sla.ticket t JOIN {_KEYS} USING (source, ticket) FOR UPDATE OF t SKIP LOCKED"
)
_TAKE_MARKS = text(
    "WITH marks AS (SELECT d.seq, d.source, d.ticket FROM sla.dirty d"  # noqa: S608  # names of our own
    f" JOIN {_KEYS} USING (source, ticket) FOR UPDATE OF d SKIP LOCKED)"
    " DELETE FROM sla.dirty d USING marks m WHERE d.seq = m.seq AND d.source = m.source AND d.ticket = m.ticket"
    " RETURNING d.seq, d.source, d.ticket"
)


async def touched(tx: Transaction, most: int, parked: Set[Key] = frozenset()) -> Claim:
    """Tickets to which events have come, those that have waited longest first. parked: those that are left alone."""
    keys = [(row["source"], row["ticket"]) for row in await tx.rows(_TOUCHED, _arrays(parked) | {"most": most})]
    if not keys:
        return Claim()
    await tx.execute(_MAKE, _arrays(keys))
    return await _with_marks(tx, [_held(row) for row in await tx.rows(_HOLD, _arrays(keys))])


async def due(tx: Transaction, now: datetime, most: int, parked: Set[Key] = frozenset()) -> Claim:
    """Tickets whose next transition has come. One to which an event has come meanwhile is judged with it."""
    rows = await tx.rows(
        select(*_COLUMNS)
        .where(Ticket.next_transition <= now, _but(parked))
        .order_by(Ticket.next_transition)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return await _with_marks(tx, [_held(row) for row in rows]) if rows else Claim()


async def swept(tx: Transaction, most: int, parked: Set[Key] = frozenset()) -> Claim:
    """The next tickets of a sweep, in the order of their keys; `swept_at` is None where there is no sweep to be had.

    Here a ticket that another worker holds is waited for: it may be judging by what was before.
    """
    sweep = await tx.session.scalar(
        select(Sweep).order_by(Sweep.made_at, Sweep.id).limit(1).with_for_update(skip_locked=True)
    )
    if sweep is None:
        return Claim()
    condition = Ticket.agreement_id == sweep.agreement_id if sweep.source is None else Ticket.source == sweep.source
    rows = await tx.rows(
        select(*_COLUMNS)
        .where(condition, _key > tuple_(literal(sweep.after_source), literal(sweep.after_ticket)), _but(parked))
        .order_by(Ticket.source, Ticket.ticket)
        .limit(most)
        .with_for_update()
    )
    if len(rows) < most:
        await tx.session.delete(sweep)
    else:
        sweep.after_source, sweep.after_ticket = rows[-1]["source"], rows[-1]["ticket"]
    claim = await _with_marks(tx, [_held(row) for row in rows])
    await tx.flush()
    claim.refold, claim.swept_at = sweep.refold, int(sweep.made_at.timestamp())
    return claim


_key = tuple_(Ticket.source, Ticket.ticket)


def _but(parked: Set[Key]) -> ColumnElement[bool]:
    return _key.not_in(sorted(parked)) if parked else true()


_COLUMNS: tuple[Any, ...] = (
    Ticket.source, Ticket.ticket, Ticket.id, Ticket.agreement_id, Ticket.fold, Ticket.evaluated_at,
)  # fmt: skip


async def _with_marks(tx: Transaction, held: Sequence[Held]) -> Claim:
    arrived: dict[Key, set[int]] = {}
    for row in await tx.rows(_TAKE_MARKS, _arrays([one.key for one in held])):
        arrived.setdefault((row["source"], row["ticket"]), set()).add(row["seq"])
    return Claim(list(held), {key: frozenset(batches) for key, batches in arrived.items()})


def _arrays(keys: Iterable[Key]) -> dict[str, Any]:
    pairs = list(keys)
    return {"sources": [key[0] for key in pairs], "tickets": [key[1] for key in pairs]}


def _held(row: Mapping[str, Any]) -> Held:
    evaluated = row["evaluated_at"]
    return Held(
        (row["source"], row["ticket"]), row["id"], row["agreement_id"], row["fold"],
        None if evaluated is None else int(evaluated.timestamp()),
    )  # fmt: skip
