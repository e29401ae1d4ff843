"""Reading tickets: their events as received, and their clocks as of any instant."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, Text, cast, select, true

from services.kernel.database import Transaction
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.paging import Listing, Sort, flag, one_of
from services.kernel.refusals import NotFound
from services.kernel.search import begins
from services.sla.agreements import queries as agreements
from services.sla.agreements.tables import Agreement, ContractTerms
from services.sla.breaches.tables import Breach
from services.sla.calendars import queries as calendars
from services.sla.clocks.rules import Event, attributes_after, effective_events, named_agreement, seen_at
from services.sla.clocks.tables import ClockCycle, Ticket
from services.sla.events.tables import Batch, TicketEvent
from services.sla.sources.tables import Source
from services.sla.tickets.documents import NO_LEDGER, Judged, Stored, Wanted, clocks

PATH = "/api/sla/v1/tickets"
EVENT_COLUMNS: tuple[Any, ...] = (
    TicketEvent.event_id, TicketEvent.occurred_at, TicketEvent.sequence, TicketEvent.type,
    cast(TicketEvent.attributes, Text).label("attributes"), TicketEvent.actor, TicketEvent.url,
    TicketEvent.corrects, TicketEvent.withdraws, TicketEvent.agreement_id, Batch.received_at,
    Batch.id.label("batch_id"),
)  # fmt: skip


def as_event(row: Mapping[str, Any]) -> Event:
    """A stored event as the rules know it."""
    whole = int(row["occurred_at"].timestamp())
    return Event(
        event_id=row["event_id"], at=whole, fraction=row["occurred_at"].microsecond,
        attributes=msgspec.json.decode(row["attributes"]), sequence=row["sequence"], type=row["type"],
        agreement=str(row["agreement_id"]) if row["agreement_id"] else None, actor=row["actor"],
        corrects=row["corrects"], withdraws=row["withdraws"], received_at=int(row["received_at"].timestamp()),
    )  # fmt: skip


async def stored_events(tx: Transaction, source: str, ticket: str) -> Sequence[Mapping[str, Any]]:
    """All events of a ticket as received."""
    return await tx.rows(
        select(*EVENT_COLUMNS)
        .join(Batch, Batch.seq == TicketEvent.batch)
        .where(TicketEvent.source == source, TicketEvent.ticket == ticket)
        .order_by(TicketEvent.occurred_at, TicketEvent.event_id)
    )


async def one(
    tx: Transaction, who: Actor, source: str, ticket: str, as_of: datetime, wanted: Wanted, *, now: datetime
) -> dict[str, Any]:
    """The ticket and its clocks as of an instant. Refuses NotFound: no events, or not this supplier's."""
    await refuse_invisible(tx, who, source, ticket)
    rows = await stored_events(tx, source, ticket)
    if not rows:
        raise NotFound(detail=N_("No event of this ticket has been received"))
    effective = effective_events(as_event(row) for row in rows)
    seconds, fraction = int(as_of.timestamp()), as_of.microsecond
    seen = seen_at(effective, seconds, fraction)
    agreement_id = await agreement_of(tx, source, seen)
    record: dict[str, Any] = {
        "source": source, "ticket": ticket, "agreement": None, "attributes": attributes_after(seen), "as_of": as_of,
        "url": next((row["url"] for row in rows if row["url"]), None), "clocks": [],
    }  # fmt: skip
    judged = await judged_by(tx, agreement_id) if agreement_id else None
    if judged is not None:
        record |= await _context(tx, agreement_id)
        stored = await _stored(tx, source, ticket)
        asked = Wanted(wanted.ledger, wanted.events, wanted.why, stored)
        record["clocks"] = clocks(effective, judged, seconds, fraction, asked)
        if as_of >= now:
            _add_withdrawn(record["clocks"], await _withdrawn(tx, source, ticket), ledger=wanted.ledger)
    if wanted.events:
        record["events"] = event_documents(rows, effective)
    return record


async def agreement_of(tx: Transaction, source: str, seen: Sequence[Event]) -> UUID | None:
    """The one that the events name first, else their source's (rule 10)."""
    name = named_agreement(seen)
    if name is not None:
        return UUID(name)
    found: UUID | None = await tx.scalar(select(Source.agreement_id).where(Source.code == source))
    return found


async def judged_by(tx: Transaction, agreement_id: UUID, *, drafts: bool = False) -> Judged | None:
    """The agreement with its calendars; None for a draft, which judges nothing yet, unless `drafts`."""
    in_force = await tx.scalar(select(Agreement.in_force_at).where(Agreement.id == agreement_id))
    if in_force is None and not drafts:
        return None
    rules = (await agreements.rules_of(tx, [agreement_id]))[agreement_id]
    codes = {code for version in rules.versions for target in version.targets for code in target.calendars}
    return Judged(rules, await calendars.compiled(tx, codes))


async def _context(tx: Transaction, agreement_id: UUID | None) -> dict[str, Any]:
    row = (
        await tx.rows(
            select(Agreement.number, Agreement.title, Agreement.contract_number, Agreement.zone,
                   ContractTerms.supplier_id, ContractTerms.supplier_number,
                   ContractTerms.supplier_name)
            .join(ContractTerms, ContractTerms.contract_id == Agreement.contract_id)
            .where(Agreement.id == agreement_id)
        )
    )[0]  # fmt: skip
    return {
        "agreement": row["number"], "agreement_title": row["title"], "contract": row["contract_number"],
        "agreement_zone": row["zone"],
        "supplier": {"id": row["supplier_id"], "number": row["supplier_number"], "short_name": row["supplier_name"]},
    }  # fmt: skip


async def refuse_invisible(tx: Transaction, who: Actor, source: str, ticket: str) -> None:
    """A supplier's own user sees tickets that are judged under its firm's agreements."""
    if not who.is_supplier:
        return
    owner = await tx.scalar(select(Ticket.supplier_id).where(Ticket.source == source, Ticket.ticket == ticket))
    if owner is None or owner != who.supplier_id:
        raise NotFound


async def _stored(tx: Transaction, source: str, ticket: str) -> dict[tuple[str, int], Stored]:
    rows = await tx.rows(
        select(ClockCycle.target, ClockCycle.cycle, ClockCycle.version, Breach.excluded, Breach.number)
        .outerjoin(
            Breach,
            (Breach.source == ClockCycle.source) & (Breach.ticket == ClockCycle.ticket)
            & (Breach.target == ClockCycle.target) & (Breach.cycle == ClockCycle.cycle),
        )
        .where(ClockCycle.source == source, ClockCycle.ticket == ticket)
    )  # fmt: skip
    return {(row["target"], row["cycle"]): Stored(row["version"], bool(row["excluded"]), row["number"]) for row in rows}


async def _withdrawn(tx: Transaction, source: str, ticket: str) -> Sequence[Mapping[str, Any]]:
    """Cycles that a late event made vanish: history."""
    return await tx.rows(
        select(ClockCycle.__table__).where(
            ClockCycle.source == source, ClockCycle.ticket == ticket, ClockCycle.state == "withdrawn"
        )
    )


def _add_withdrawn(found: list[dict[str, Any]], rows: Sequence[Mapping[str, Any]], *, ledger: bool) -> None:
    """ledger: with one, of no rows: the events that made these seconds no longer count."""
    for row in rows:
        clock = next((clock for clock in found if clock["target"] == row["target"]), None)
        if clock is None:
            clock = {"target": row["target"], "cycles": []}
            found.append(clock)
        clock["cycles"].append(stored_cycle(row) | ({"ledger": NO_LEDGER} if ledger else {}))


def stored_cycle(row: Mapping[str, Any]) -> dict[str, Any]:
    """A stored cycle as it travels, as of when it was measured."""
    names = (
        "cycle", "version", "state", "started_at", "ended_at", "goal_seconds", "elapsed_seconds", "paused_seconds",
        "due_at", "breached_at", "provisional", "warnings",
    )  # fmt: skip
    goal = row["goal_seconds"]
    return {name: row[name] for name in names} | {
        "remaining_seconds": None if goal is None else goal - row["elapsed_seconds"], "excluded": False,
        "judged_by": {
            "agreement_version": row["agreement_version"], "calendar": row["calendar"],
            "calendar_version": row["calendar_version"],
        },
    }  # fmt: skip


def event_documents(rows: Sequence[Mapping[str, Any]], effective: Sequence[Event]) -> list[dict[str, Any]]:
    """The events as received: those that count in their order, each followed by what it replaced."""
    by_id = {row["event_id"]: row for row in rows}
    place = {event.event_id: number for number, event in enumerate(effective)}
    documents = []
    for row in rows:
        counted = row["event_id"] in place
        documents.append(
            {
                "event_id": row["event_id"], "type": row["type"], "occurred_at": row["occurred_at"],
                "sequence": row["sequence"], "attributes": msgspec.json.decode(row["attributes"]),
                "actor": row["actor"], "url": row["url"], "corrects": row["corrects"], "withdraws": row["withdraws"],
                "received_at": row["received_at"], "batch": row["batch_id"], "effective": counted,
                "replaced_by": None if counted else _replaced_by(row, by_id),
            }
        )  # fmt: skip
    return sorted(documents, key=lambda d: (d["occurred_at"], place.get(d["event_id"], len(place)), d["event_id"]))


def _replaced_by(row: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The event by which this one no longer counts: a withdrawal before a correction."""
    amending = [other for other in by_id.values() if row["event_id"] in (other["withdraws"], other["corrects"])]
    amending.sort(key=lambda other: (other["withdraws"] is None, other["event_id"]))
    return str(amending[0]["event_id"]) if amending else None


def visible_to(who: Actor) -> ColumnElement[bool]:
    """Rows of a supplier's own user."""
    return Ticket.supplier_id == who.supplier_id if who.is_supplier else true()


def listing(who: Actor) -> tuple[Listing, Select[Any]]:
    """Tickets that have been evaluated; their clocks are in the record and in /clocks."""
    columns: tuple[Any, ...] = (
        Ticket.id, Ticket.source, Ticket.ticket, Ticket.is_open, Ticket.events, Ticket.first_at, Ticket.last_at,
        Agreement.number.label("agreement"), Agreement.title.label("agreement_title"),
    )  # fmt: skip
    statement: Select[Any] = select(*columns)
    return (
        Listing(
            key=Ticket.id,
            item=lambda row: {
                "source": row["source"], "ticket": row["ticket"], "agreement": row["agreement"],
                "agreement_title": row["agreement_title"], "open": row["is_open"], "events": row["events"],
                "first_at": row["first_at"], "last_at": row["last_at"],
            },
            sorts={"last_at": Sort(Ticket.last_at), "ticket": Sort(Ticket.ticket)},
            default="-last_at",
            filters={
                "source": one_of(Ticket.source), "agreement": agreements.under(Ticket.agreement_id),
                "open": flag(Ticket.is_open.is_(True)),
            },
            ranges={"last_at": Ticket.last_at},
            search=lambda word: begins(Ticket.ticket, word),
        ),
        statement.outerjoin(Agreement, Agreement.id == Ticket.agreement_id).where(visible_to(who)),
    )  # fmt: skip
