"""Writes what an evaluation has found: arrays into single statements, only where something differs; then the news."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from services.kernel.database import Database, Transaction
from services.kernel.events import Event as News
from services.sla.clocks.changes import BreachWrite, Changes, NewTransition
from services.sla.clocks.claims import Key
from services.sla.clocks.loading import CycleRow, driver

if TYPE_CHECKING:
    from services.sla.clocks.evaluation import Evaluated

BREACH_PREFIX = "BR"

_TICKETS = """
UPDATE sla.ticket t
   SET agreement_id = n.agreement_id, supplier_id = n.supplier_id, fold = n.fold, is_open = n.is_open,
       next_transition = to_timestamp(n.next_transition), evaluated_at = to_timestamp($9),
       events = coalesce(n.events, t.events), first_at = coalesce(to_timestamp(n.first_at), t.first_at),
       last_at = coalesce(to_timestamp(n.last_at), t.last_at)
  FROM unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::bytea[], $6::bool[], $7::bigint[],
              $8::int[], $10::bigint[], $11::bigint[])
       AS n(source, ticket, agreement_id, supplier_id, fold, is_open, next_transition, events, first_at, last_at)
 WHERE t.source = n.source AND t.ticket = n.ticket
"""
_CYCLES = """
INSERT INTO sla.clock_cycle AS c
       (id, source, ticket, target, cycle, agreement_id, supplier_id, version, state, is_open, started_at, ended_at,
        goal_seconds, elapsed_seconds, paused_seconds, due_at, breached_at, provisional, warnings, agreement_version,
        calendar, calendar_version, measured_at)
SELECT uuidv7(), source, ticket, target, cycle, agreement_id, supplier_id, version, state, ended_at IS NULL,
       to_timestamp(started_at), to_timestamp(ended_at), goal_seconds, elapsed_seconds, paused_seconds,
       to_timestamp(due_at), to_timestamp(breached_at), provisional, warnings::jsonb, agreement_version, calendar,
       calendar_version, to_timestamp($21)
  FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::uuid[], $6::uuid[], $7::text[], $8::bigint[],
              $9::bigint[], $10::int[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bool[],
              $16::text[], $17::int[], $18::text[], $19::int[], $20::int[])
       AS n(source, ticket, target, cycle, agreement_id, supplier_id, state, started_at, ended_at, goal_seconds,
            elapsed_seconds, paused_seconds, due_at, breached_at, provisional, warnings, agreement_version, calendar,
            calendar_version, version)
ON CONFLICT (source, ticket, target, cycle) DO UPDATE
   SET agreement_id = EXCLUDED.agreement_id, supplier_id = EXCLUDED.supplier_id, version = EXCLUDED.version,
       state = EXCLUDED.state, is_open = EXCLUDED.is_open, started_at = EXCLUDED.started_at,
       ended_at = EXCLUDED.ended_at, goal_seconds = EXCLUDED.goal_seconds,
       elapsed_seconds = EXCLUDED.elapsed_seconds, paused_seconds = EXCLUDED.paused_seconds,
       due_at = EXCLUDED.due_at, breached_at = EXCLUDED.breached_at, provisional = EXCLUDED.provisional,
       warnings = EXCLUDED.warnings, agreement_version = EXCLUDED.agreement_version, calendar = EXCLUDED.calendar,
       calendar_version = EXCLUDED.calendar_version, measured_at = EXCLUDED.measured_at
"""
_WITHDRAWN = """
UPDATE sla.clock_cycle c SET state = 'withdrawn', is_open = false, version = c.version + 1
  FROM unnest($1::text[], $2::text[], $3::text[], $4::int[]) AS n(source, ticket, target, cycle)
 WHERE c.source = n.source AND c.ticket = n.ticket AND c.target = n.target AND c.cycle = n.cycle
"""
_TRANSITIONS = """
INSERT INTO sla.transition (source, ticket, target, cycle, name, at, sent, recorded_at)
SELECT source, ticket, target, cycle, name, to_timestamp(at), sent, $8
  FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::bigint[], $7::bool[])
       AS n(source, ticket, target, cycle, name, at, sent)
ON CONFLICT DO NOTHING
"""
_BREACHES = """
INSERT INTO sla.breach AS b (id, number, version, source, ticket, target, cycle, agreement_id, supplier_id, state,
                             breached_at, period, sent, created_at, updated_at)
SELECT id, number, version, source, ticket, target, cycle, agreement_id, supplier_id, state,
       to_timestamp(breached_at), period, sent, $14, $14
  FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::int[], $8::uuid[],
              $9::uuid[], $10::text[], $11::bigint[], $12::text[], $13::bool[])
       AS n(id, number, version, source, ticket, target, cycle, agreement_id, supplier_id, state, breached_at,
            period, sent)
ON CONFLICT (id) DO UPDATE
   SET version = EXCLUDED.version, agreement_id = EXCLUDED.agreement_id, supplier_id = EXCLUDED.supplier_id,
       state = EXCLUDED.state, breached_at = EXCLUDED.breached_at, period = EXCLUDED.period, sent = EXCLUDED.sent,
       updated_at = EXCLUDED.updated_at
"""
_BREACHES_WITHDRAWN = """
UPDATE sla.breach b SET version = n.version, state = 'withdrawn', updated_at = $3
  FROM unnest($1::uuid[], $2::int[]) AS n(id, version) WHERE b.id = n.id
"""
_BREACH_VERSIONS = """
INSERT INTO sla.breach_version (breach_id, version, state, breached_at, event_id, at)
SELECT id, version, state, to_timestamp(breached_at), event_id, $6
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::bigint[], $5::text[])
       AS n(id, version, state, breached_at, event_id)
"""
_RECHECK = """
INSERT INTO sla.period_recheck AS p (agreement_id, from_period, asked_at)
SELECT agreement_id, from_period, $3 FROM unnest($1::uuid[], $2::text[]) AS n(agreement_id, from_period)
 WHERE EXISTS (SELECT 1 FROM sla.period c WHERE c.agreement_id = n.agreement_id AND c.period >= n.from_period)
 ORDER BY agreement_id
ON CONFLICT (agreement_id) DO UPDATE
   SET from_period = LEAST(p.from_period, EXCLUDED.from_period), asked_at = EXCLUDED.asked_at
"""


async def save(db: Database, tx: Transaction, tickets: Sequence["Evaluated"], changes: Changes, now: datetime) -> None:
    """Everything of one claim, and what others are told of it."""
    connection = await driver(tx)
    await _save_tickets(connection, tickets, changes.as_of)
    await _save_cycles(connection, changes)
    if changes.transitions:
        await connection.execute(_TRANSITIONS, *_columns(changes.transitions, _transition_values), now)
    if changes.breaches:
        await _save_breaches(db, connection, changes.breaches, now)
    if changes.recheck:
        await connection.execute(_RECHECK, list(changes.recheck), list(changes.recheck.values()), now)
    for transition in changes.transitions:
        if transition.sent:
            tx.emit(_at_risk(transition))
    for breach in changes.breaches:
        if breach.told:
            tx.emit(_breach_news(breach))


async def _save_tickets(connection: Any, tickets: Sequence["Evaluated"], as_of: int) -> None:
    rows = sorted((_ticket_values(one) for one in tickets), key=lambda row: (row[0], row[1]))
    columns = [list(column) for column in zip(*rows, strict=True)]
    if columns:
        await connection.execute(_TICKETS, *columns[:8], as_of, *columns[8:])


def _ticket_values(one: "Evaluated") -> tuple[Any, ...]:
    judging = one.judging
    is_open = any(cycle.ended_at is None for cycles in one.cycles.values() for cycle in cycles)
    instants = [arrival.event.at for arrival in one.arrivals or ()]
    # Nothing of a draft is shown to its supplier.
    supplier_id = judging.supplier_id if judging is not None and judging.agreement.versions else None
    return (
        *one.held.key, one.agreement_id, supplier_id, one.fold, is_open, one.next_transition,
        len(instants) or None, min(instants, default=None), max(instants, default=None),
    )  # fmt: skip


async def _save_cycles(connection: Any, changes: Changes) -> None:
    if changes.cycles:
        changes.cycles.sort(key=lambda pair: (pair[0], pair[1].target, pair[1].cycle))
        await connection.execute(_CYCLES, *_columns(changes.cycles, _cycle_values), changes.as_of)
    if changes.withdrawn:
        await connection.execute(
            _WITHDRAWN, *_columns(changes.withdrawn, lambda one: (*one[0], one[1], one[2]))
        )  # fmt: skip


def _cycle_values(pair: tuple[Key, CycleRow]) -> tuple[Any, ...]:
    key, row = pair
    warnings = [{"percent": percent, "at": _instant(at)} for percent, at in row.warnings]
    written = msgspec.json.encode(warnings).decode() if warnings else "[]"
    return (*key, *row[:13], written, *row[14:])


def _transition_values(one: NewTransition) -> tuple[Any, ...]:
    return (*one.key, one.target, one.cycle, one.name, one.at, one.sent)


async def _save_breaches(db: Database, connection: Any, breaches: list[BreachWrite], now: datetime) -> None:
    new = [place for place, breach in enumerate(breaches) if breach.number is None]
    numbers = await db.next_numbers(BREACH_PREFIX, now, len(new)) if new else []
    for place, number in zip(new, numbers, strict=True):
        breaches[place] = _numbered(breaches[place], number)
    standing = [breach for breach in breaches if breach.judging is not None]
    gone = [breach for breach in breaches if breach.judging is None]
    if standing:
        await connection.execute(_BREACHES, *_columns(standing, _breach_values), now)
    if gone:
        await connection.execute(_BREACHES_WITHDRAWN, *_columns(gone, lambda one: (one.id, one.version)), now)
    await connection.execute(
        _BREACH_VERSIONS,
        *_columns(breaches, lambda one: (one.id, one.version, str(one.state), one.breached_at, one.event_id)),
        now,
    )


def _numbered(breach: BreachWrite, number: str) -> BreachWrite:
    values = {name: getattr(breach, name) for name in BreachWrite.__slots__}
    return BreachWrite(**(values | {"number": number}))


def _breach_values(one: BreachWrite) -> tuple[Any, ...]:
    agreement_id, supplier_id = (None, None) if one.judging is None else (one.judging.id, one.judging.supplier_id)
    return (
        one.id, one.number, one.version, *one.key, one.target, one.cycle, agreement_id, supplier_id, str(one.state),
        one.breached_at, one.period, one.sent,
    )  # fmt: skip


def _at_risk(one: NewTransition) -> News:
    return News(
        "clock.at_risk", one.ticket_id, _ticket_path(one.key), 1,
        _place(one.key, one.target, one.cycle, one.at) | {"agreement": one.judging.number, "percent": one.percent},
    )  # fmt: skip


def _breach_news(one: BreachWrite) -> News:
    more = {"id": str(one.id), "number": one.number, "state": str(one.state), "event_id": one.event_id}
    if one.judging is not None:
        more["agreement"] = one.judging.number
    return News(
        f"breach.{one.state}", one.id, f"/api/sla/v1/breaches/{one.id}", one.version,
        _place(one.key, one.target, one.cycle, one.breached_at) | more,
    )  # fmt: skip


def _place(key: Key, target: str, cycle: int, at: int) -> dict[str, Any]:
    return {"source": key[0], "ticket": key[1], "target": target, "cycle": cycle, "transition_at": _instant(at)}


def _ticket_path(key: Key) -> str:
    return f"/api/sla/v1/tickets/{key[0]}/{quote(key[1], safe='')}"


def _instant(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


def _columns(rows: Sequence[Any], values: Any) -> list[list[Any]]:
    """Rows as one array a column, as unnest takes them."""
    return [list(column) for column in zip(*map(values, rows), strict=True)]
