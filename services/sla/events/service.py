"""Taking events in: judged line by line, stored in one transaction, answered after its commit."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from services.kernel.database import Database, Transaction, is_uuid
from services.kernel.identity import Actor, Kind
from services.kernel.ids import uuid7
from services.kernel.messages import N_
from services.kernel.refusals import FieldError
from services.kernel.rendering import error_documents
from services.sla.agreements.tables import Agreement
from services.sla.events import storage
from services.sla.events.rules import Decoded, Received, RefusedLine, decode_body, is_future, same_event, unpacked
from services.sla.events.storage import Content, Key
from services.sla.events.tables import Batch
from services.sla.sources.rules import hour_of
from services.sla.sources.tables import Source

WORK = "sla_work"
"""The channel on which workers hear that there is something to do."""


@dataclass(frozen=True)
class Places:
    """What the body's events name. sources: code → agreement id. agreements: id or number as sent → id.
    suppliers: agreement id → its supplier."""

    sources: Mapping[str, UUID | None]
    agreements: Mapping[str, UUID]
    suppliers: Mapping[UUID, UUID]


@dataclass
class Outcome:
    """What becomes of a body. staged: what goes to the database; repeats: later lines with the key of a staged one."""

    refused: list[RefusedLine]
    staged: dict[Key, tuple[Received, UUID | None]] = field(default_factory=dict)
    repeats: list[tuple[Received, UUID | None]] = field(default_factory=list)
    duplicates: list[Received] = field(default_factory=list)

    def refuse(self, event: Received, error: FieldError) -> None:
        self.refused.append(RefusedLine(event.line, error, event.event_id, event.source))


async def receive(
    db: Database, who: Actor, body: bytes, encoding: str, *, ndjson: bool, now: datetime
) -> dict[str, Any]:
    """Take a body of events. Refuses BadRequest and TooLarge whole; anything else is answered line by line."""
    decoded = await asyncio.to_thread(lambda: decode_body(unpacked(body, encoding), ndjson=ndjson))
    batch_id = uuid7()
    async with db.transaction(who, "event.receive") as tx:
        places = await _places(tx, decoded.received)
        outcome = await asyncio.to_thread(_judged, decoded, places, who)
        await _refuse_corrections_of_corrections(tx, outcome)
        seq: int = await tx.scalar(text("SELECT nextval('sla.batch_seq_seq')"))
        met = await storage.insert(tx, seq, list(outcome.staged.values()))
        _compare(outcome, met)
        await _count(tx, batch_id, seq, outcome, now)
    return _answer(batch_id, outcome, now)


async def _places(tx: Transaction, events: Iterable[Received]) -> Places:
    codes = {event.source for event in events}
    idents = {event.agreement for event in events if event.agreement is not None}
    sources = {
        row["code"]: row["agreement_id"]
        for row in await tx.rows(select(Source.code, Source.agreement_id).where(Source.code.in_(codes)))
    }
    ids = {UUID(ident) for ident in idents if is_uuid(ident)} | {found for found in sources.values() if found}
    rows = await tx.rows(
        select(Agreement.id, Agreement.number, Agreement.supplier_id).where(
            Agreement.id.in_(ids) | Agreement.number.in_(idents)
        )
    )
    by_name = {row["number"]: row["id"] for row in rows} | {str(row["id"]): row["id"] for row in rows}
    agreements = {
        ident: by_name[name] for ident in idents if (name := str(UUID(ident)) if is_uuid(ident) else ident) in by_name
    }
    return Places(sources, agreements, {row["id"]: row["supplier_id"] for row in rows})


def _judged(decoded: Decoded, places: Places, who: Actor) -> Outcome:
    outcome = Outcome(refused=list(decoded.refused))
    supplier = who.supplier_id if who.kind is Kind.KEY else None
    for event in decoded.received:
        error, agreement_id = _placed(event, places, who.sources, supplier)
        if error is not None:
            outcome.refuse(event, error)
        elif event.key in outcome.staged:
            outcome.repeats.append((event, agreement_id))
        else:
            outcome.staged[event.key] = event, agreement_id
    return outcome


def _placed(
    event: Received, places: Places, bound_to: frozenset[str], supplier: UUID | None
) -> tuple[FieldError | None, UUID | None]:
    """Why the event has no place here, or else the agreement that it names itself."""
    if bound_to and event.source not in bound_to:
        return _error("not_allowed", "/source", NOT_ITS_SOURCE), None
    if event.source not in places.sources:
        return _error("unknown_source", "/source", NO_SOURCE), None
    named = None
    if event.agreement is not None:
        named = places.agreements.get(event.agreement)
        if named is None:
            return _error("unknown_agreement", "/agreement", NO_SUCH_AGREEMENT), None
    judging = named or places.sources[event.source]
    if judging is None:
        return _error("no_agreement", "/agreement", NO_AGREEMENT), None
    if supplier is not None and places.suppliers.get(judging) != supplier:
        return _error("not_allowed", "/agreement", NOT_ITS_AGREEMENT), None
    return None, named


async def _refuse_corrections_of_corrections(tx: Transaction, outcome: Outcome) -> None:
    """An event that amends one that is itself an amendment. One that is stored already is a duplicate, as any other."""
    amending = {key: amended for key, (event, _) in outcome.staged.items() if (amended := _amended(event)) is not None}
    if not amending:
        return
    known = await storage.known_amendments(tx, sorted({*amending, *amending.values()}))
    for key, amended in amending.items():
        event = outcome.staged[key][0]
        earlier = outcome.staged.get(amended)
        in_this_call = (
            earlier is not None and earlier[0].line <= event.line and _amended(earlier[0]) is not None
            and amended not in known
        )  # fmt: skip
        if key not in known and (known.get(amended, False) or in_this_call):
            at = "/corrects" if event.corrects is not None else "/withdraws"
            outcome.refuse(event, _error("correction_of_correction", at, CORRECTS_A_CORRECTION))
            del outcome.staged[key]


def _amended(event: Received) -> Key | None:
    named = event.corrects if event.corrects is not None else event.withdraws
    return None if named is None else (event.source, event.ticket, named)


def _compare(outcome: Outcome, met: Mapping[int, Content]) -> None:
    """Who was there before, or twice in the call: the same again is a duplicate, anything else is refused."""
    stored: dict[Key, Content] = {}
    for key, (event, agreement_id) in outcome.staged.items():
        stored[key] = met.get(event.line) or storage.content_of(event, agreement_id)
    again = [outcome.staged[key] for key, (event, _) in outcome.staged.items() if event.line in met]
    for event, _ in again:
        del outcome.staged[event.key]
    for event, agreement_id in [*again, *outcome.repeats]:
        kept = stored.get(event.key)
        if kept is None:  # a repeat of one that was refused for what it corrects
            outcome.refuse(event, _error("correction_of_correction", "/corrects", CORRECTS_A_CORRECTION))
        elif same_event(kept, storage.content_of(event, agreement_id)):
            outcome.duplicates.append(event)
        else:
            outcome.refuse(event, _error("id_conflict", "/event_id", OTHER_CONTENT))


async def _count(tx: Transaction, batch_id: UUID, seq: int, outcome: Outcome, now: datetime) -> None:
    tickets = {key[:2] for key in outcome.staged}
    await storage.mark(tx, seq, tickets)
    tx.add(
        Batch(
            id=batch_id, seq=seq, received_at=now, actor_id=tx.who.id, actor=tx.who.name, tickets=len(tickets),
            accepted=len(outcome.staged), duplicates=len(outcome.duplicates), rejected=len(outcome.refused),
        )
    )  # fmt: skip
    await tx.flush()
    accepted = Counter(key[0] for key in outcome.staged)
    refused = Counter(line.source for line in outcome.refused if line.source is not None)
    heard = {*accepted, *(event.source for event in outcome.duplicates)}
    if named := sorted({*heard, *refused}):
        # Last, and in order: these rows are all that two calls with different events would wait for.
        counts = {
            "sources": named, "accepted": [accepted[code] for code in named],
            "rejected": [refused[code] for code in named], "heard": [code in heard for code in named], "seq": seq,
            "now": now, "hour": hour_of(now),
        }  # fmt: skip
        await tx.execute(_COUNTED, counts)
    if tickets:
        await tx.execute(text("SELECT pg_notify(:channel, '')"), {"channel": WORK})


# heard: something of the source was taken or known already; lines refused alone leave it as silent as it was.
_COUNTED = text(
    "WITH n AS MATERIALIZED (SELECT s.code, r.accepted, r.rejected, r.heard"
    " FROM unnest(CAST(:sources AS text[]), CAST(:accepted AS int[]), CAST(:rejected AS int[]), CAST(:heard AS bool[]))"
    " AS r(code, accepted, rejected, heard) JOIN sla.source s ON s.code = r.code ORDER BY s.code),"
    " refused AS (INSERT INTO sla.rejection (source, batch, at, lines)"
    " SELECT code, :seq, :now, rejected FROM n WHERE rejected > 0),"
    " by_hour AS (INSERT INTO sla.source_hour AS h (source, hour, calls, accepted, rejected)"
    " SELECT code, :hour, 1, accepted, rejected FROM n"
    " ON CONFLICT (source, hour) DO UPDATE SET calls = h.calls + 1,"
    " accepted = h.accepted + EXCLUDED.accepted, rejected = h.rejected + EXCLUDED.rejected)"
    " INSERT INTO sla.source_activity AS a (source, events, last_received_at)"
    " SELECT code, accepted, CAST(:now AS timestamptz) FROM n WHERE heard"
    " ON CONFLICT (source) DO UPDATE SET events = a.events + EXCLUDED.events,"
    " last_received_at = GREATEST(a.last_received_at, EXCLUDED.last_received_at)"
)


def _answer(batch_id: UUID, outcome: Outcome, now: datetime) -> dict[str, Any]:
    lines: list[dict[str, Any]] = [
        {"line": event.line, "event_id": event.event_id, "status": "duplicate"} for event in outcome.duplicates
    ]
    documents = error_documents([refused.error for refused in outcome.refused])
    lines += [
        {"line": refused.line, "event_id": refused.event_id, "status": "rejected", **document}
        for refused, document in zip(outcome.refused, documents, strict=True)
    ]
    lines += [
        {"line": event.line, "event_id": event.event_id, "status": "accepted", "flags": ["future"]}
        for event, _ in outcome.staged.values()
        if is_future(event.occurred_at, now)
    ]
    lines.sort(key=lambda line: line["line"])
    return {
        "batch": batch_id, "accepted": len(outcome.staged), "duplicates": len(outcome.duplicates),
        "rejected": len(outcome.refused), "lines": lines,
    }  # fmt: skip


_Texts = tuple[str, str]
NOT_ITS_SOURCE = N_("This key is bound to other sources"), N_("Send it with a key that may speak for this source")
NOT_ITS_AGREEMENT = (
    N_("This key is bound to a supplier, and the agreement is another's"),
    N_("Send it with a key that may speak for this supplier"),
)
NO_SOURCE = N_("There is no such source"), N_("Make the source first, or check its code")
NO_SUCH_AGREEMENT = N_("There is no such agreement"), N_("Give the id or number of one that exists")
NO_AGREEMENT = (
    N_("Neither this event nor its source names an agreement"),
    N_("Name one in the event, or let the source name one"),
)
CORRECTS_A_CORRECTION = (
    N_("What this event names is itself a correction or a withdrawal"),
    N_("Name the original event"),
)
OTHER_CONTENT = (
    N_("Another event has this id in its ticket"),
    N_("Give it an id of its own, or correct the other by an event that says so"),
)


def _error(code: str, at: str, texts: _Texts) -> FieldError:
    return FieldError(code, at, *texts)
