"""Trying an agreement on a ticket before it is saved: the same engine, nothing stored."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from services.kernel.database import Database, Transaction, identified_by
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.refusals import FieldError, Invalid, NotFound
from services.sla.agreements import queries as agreements
from services.sla.agreements.rules import Agreement as Rules
from services.sla.agreements.rules import Version, parse_agreement, parse_targets
from services.sla.agreements.schemas import MOST_EVENTS_TRIED, TryIn
from services.sla.agreements.service import named_calendars
from services.sla.agreements.tables import Agreement
from services.sla.calendars import queries as calendars
from services.sla.clocks.rules import Event, attributes_after, effective_events, seen_at
from services.sla.events.rules import Received, decode_body
from services.sla.tickets import queries
from services.sla.tickets.documents import Judged, Wanted, clocks

# What an event that is only tried need not say.
UNSAID = {"source": "trial", "ticket": "trial", "type": "updated"}


async def on_stored(db: Database, who: Actor, ident: str, given: TryIn, now: datetime) -> dict[str, Any]:
    """What a stored agreement, or it with other targets in its latest version, makes of a ticket.

    Refuses NotFound (agreement, ticket), Invalid.
    """
    if given.agreement is not None:
        what, how = N_("There is no such field"), N_("Leave it out, or check its spelling")
        raise Invalid(errors=[FieldError("unknown_field", "/agreement", what, how)])
    _refuse_both(given)
    async with db.reading(who) as tx:
        row = await tx.scalar(select(Agreement.id).where(identified_by(Agreement, ident), agreements.visible_to(who)))
        if row is None:
            raise NotFound(detail=agreements.UNKNOWN)
        judged = await queries.judged_by(tx, UUID(str(row)), drafts=True)
        if judged is None:
            raise NotFound(detail=agreements.UNKNOWN)
        if given.targets is not None:
            judged = await _with_targets(tx, judged.agreement, given.targets)
        return await _tried(tx, who, judged, given, now)


async def on_sent(db: Database, who: Actor, given: TryIn, now: datetime) -> dict[str, Any]:
    """What an agreement that is not stored makes of a ticket. Refuses Invalid, NotFound."""
    if given.agreement is None:
        raise Invalid(errors=[FieldError("missing_field", "/agreement", N_("This field is missing"), N_("Send it"))])
    _refuse_both(given)
    async with db.reading(who) as tx:
        known = await calendars.existing(tx, named_calendars(given.agreement))
        text = parse_agreement(given.agreement, known, at="/agreement")
        rules = Rules(text.zone, (Version(1, text.first.since, text.first.until, text.first.targets),))
        if given.targets is not None:
            judged = await _with_targets(tx, rules, given.targets)
        else:
            judged = Judged(rules, await calendars.compiled(tx, known))
        return await _tried(tx, who, judged, given, now)


def _refuse_both(given: TryIn) -> None:
    if (given.ticket is None) == (given.events is None):
        raise Invalid(
            errors=[FieldError("missing_field", "/ticket", N_("Try it on a stored ticket or on events"),
                               N_("Send either ticket or events"))]
        )  # fmt: skip


async def _with_targets(tx: Transaction, rules: Rules, targets: list[Any]) -> Judged:
    known = await calendars.existing(tx, named_calendars({"targets": targets}))
    latest = rules.versions[-1]
    changed = Version(latest.number, latest.since, latest.until, parse_targets(targets, known))
    whole = Rules(rules.zone, (*rules.versions[:-1], changed))
    codes = {code for version in whole.versions for target in version.targets for code in target.calendars}
    return Judged(whole, await calendars.compiled(tx, codes))


async def _tried(tx: Transaction, who: Actor, judged: Judged, given: TryIn, now: datetime) -> dict[str, Any]:
    if given.ticket is not None:
        await queries.refuse_invisible(tx, who, given.ticket.source, given.ticket.ticket)
        rows = await queries.stored_events(tx, given.ticket.source, given.ticket.ticket)
        if not rows:
            raise NotFound(detail=N_("No event of this ticket has been received"))
        events = [queries.as_event(row) for row in rows]
    else:
        events = _sent_events(given.events or [])
    effective = effective_events(events)
    seconds, fraction = int(now.timestamp()), now.microsecond
    wanted = Wanted(ledger=True, why=True)
    return {
        "as_of": now, "attributes": attributes_after(seen_at(effective, seconds, fraction)),
        "clocks": clocks(effective, judged, seconds, fraction, wanted),
        "events": [
            {"event_id": event.event_id, "type": event.type, "occurred_at": _occurred_at(event),
             "attributes": dict(event.attributes), "actor": event.actor}
            for event in effective
        ],
    }  # fmt: skip


def _occurred_at(event: Event) -> datetime:
    return datetime.fromtimestamp(event.at, UTC).replace(microsecond=event.fraction)


def _sent_events(sent: list[Any]) -> list[Event]:
    """Events as the intake would read them; all faults at once. Refuses Invalid."""
    if len(sent) > MOST_EVENTS_TRIED:
        facts = {"max_length": MOST_EVENTS_TRIED}
        what, how = N_("These are too many"), N_("Send at most %(max_length)s")
        raise Invalid(errors=[FieldError("too_long", "/events", what, how, facts)])
    whole = [UNSAID | event if isinstance(event, dict) else event for event in sent]
    read = decode_body(msgspec.json.encode(whole), ndjson=False)
    faults: list[FieldError] = [
        FieldError(fault.error.code, f"/events/{fault.line - 1}{fault.error.at}", fault.error.what, fault.error.how,
                   fault.error.facts)
        for fault in read.refused
    ]  # fmt: skip
    if faults:
        raise Invalid(errors=faults)
    return [_as_event(event) for event in read.received]


def _as_event(event: Received) -> Event:
    return Event(
        event_id=event.event_id, at=int(event.occurred_at.timestamp()), fraction=event.occurred_at.microsecond,
        attributes=msgspec.json.decode(event.attributes), sequence=event.sequence, type=event.type, actor=event.actor,
        corrects=event.corrects, withdraws=event.withdraws,
    )  # fmt: skip
