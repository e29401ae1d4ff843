"""Events into the table: COPY into a temporary one, then a single statement that passes over what is there already."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.kernel.database import Transaction, rows_touched
from services.sla.events.rules import Received

Key = tuple[str, str, str]
Content = tuple[Any, ...]
"""What makes an event: type, instant, sequence, agreement id, actor, url, corrects, withdraws, attributes' JSON."""

_STAGE = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS stage (line int, source text COLLATE \"C\", ticket text COLLATE \"C\","
    " event_id text COLLATE \"C\", type text, occurred_at timestamptz, sequence bigint, agreement_id uuid, actor text,"
    " url text, corrects text, withdraws text, attributes json) ON COMMIT DELETE ROWS"
)  # fmt: skip
_COLUMNS = (
    "line", "source", "ticket", "event_id", "type", "occurred_at", "sequence", "agreement_id", "actor", "url",
    "corrects", "withdraws", "attributes",
)  # fmt: skip
_EVENT = ", ".join(_COLUMNS[1:])
_INSERT = text(
    f"INSERT INTO sla.ticket_event ({_EVENT}, batch) SELECT {_EVENT}, :seq FROM stage ON CONFLICT DO NOTHING"  # noqa: S608  # names of our own
)
# What was there before came in another batch.
_MET = text(
    "SELECT s.line, e.type, e.occurred_at, e.sequence, e.agreement_id, e.actor, e.url, e.corrects, e.withdraws,"
    " CAST(e.attributes AS text) AS attributes"
    " FROM stage s JOIN sla.ticket_event e ON e.source = s.source AND e.ticket = s.ticket AND e.event_id = s.event_id"
    " WHERE e.batch <> :seq"
)
_MARK = text(
    "INSERT INTO sla.dirty (seq, source, ticket) SELECT :seq, source, ticket"
    " FROM unnest(CAST(:sources AS text[]), CAST(:tickets AS text[])) AS k(source, ticket)"
)
_AMENDS = text(
    "SELECT e.source, e.ticket, e.event_id, e.corrects IS NOT NULL OR e.withdraws IS NOT NULL AS amends"
    " FROM sla.ticket_event e JOIN unnest(CAST(:sources AS text[]), CAST(:tickets AS text[]), CAST(:ids AS text[]))"
    " AS k(source, ticket, event_id) USING (source, ticket, event_id)"
)


def content_of(event: Received, agreement_id: UUID | None) -> Content:
    """What is compared with an event that is there already."""
    return (
        event.type, event.occurred_at, event.sequence, agreement_id, event.actor, event.url, event.corrects,
        event.withdraws, event.attributes,
    )  # fmt: skip


async def insert(tx: Transaction, seq: int, events: Sequence[tuple[Received, UUID | None]]) -> dict[int, Content]:
    """Store the events under the batch's number. No two of them have the same key.

    Gives, by line, the content that is stored under the key of those that were there before.
    """
    # In the order of the key: of two calls with the same events one waits for the other, never both.
    records = sorted(
        ((event.line, *event.key, *content_of(event, agreement_id)) for event, agreement_id in events),
        key=lambda record: record[1:4],
    )
    await tx.execute(text(_STAGE))
    raw: Any = (await (await tx.connection()).get_raw_connection()).driver_connection
    await raw.copy_records_to_table("stage", columns=_COLUMNS, records=records)
    stored = rows_touched(await tx.execute(_INSERT, {"seq": seq}))
    if stored == len(records):
        return {}
    return {row["line"]: tuple(row.values())[1:] for row in await tx.rows(_MET, {"seq": seq})}


async def mark(tx: Transaction, seq: int, tickets: Iterable[tuple[str, str]]) -> None:
    """These tickets wait for evaluation since this batch."""
    pairs = sorted(tickets)
    if pairs:
        sources, numbers = zip(*pairs, strict=True)
        await tx.execute(_MARK, {"seq": seq, "sources": list(sources), "tickets": list(numbers)})


async def known_amendments(tx: Transaction, keys: Sequence[Key]) -> Mapping[Key, bool]:
    """Of these events those that are stored, and whether each is a correction or a withdrawal."""
    if not keys:
        return {}
    sources, tickets, ids = zip(*keys, strict=True)
    rows = await tx.rows(_AMENDS, {"sources": list(sources), "tickets": list(tickets), "ids": list(ids)})
    return {(row["source"], row["ticket"], row["event_id"]): row["amends"] for row in rows}
