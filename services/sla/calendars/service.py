"""What is done with calendars; each use case is one transaction, committed before the answer."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from services.kernel.database import Database, Transaction
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.refusals import Conflict, FieldError, Invalid, Refused
from services.kernel.rendering import problem
from services.sla.calendars import queries
from services.sla.calendars.rules import FIVE_YEARS, CompiledCalendar, parse_calendar
from services.sla.calendars.rules.compiled import Interval
from services.sla.calendars.rules.moves import MovedCycle, TicketFold, changed_span, moved, restatable
from services.sla.calendars.rules.questions import Answer, Asked, answer, parse_question
from services.sla.calendars.rules.text import escaped
from services.sla.calendars.schemas import (
    MOST_CALENDARS,
    CalendarChange,
    CalendarIn,
    CalendarText,
    WorkingTimeIn,
    preview_document,
)
from services.sla.calendars.tables import Calendar, CalendarVersion
from services.sla.clocks.rules import Calendars
from services.sla.clocks.sweeps import calendar_changed
from services.sla.periods.rules import Period

MOST_TICKETS = 20_000
"""Measured for a preview; about three seconds. A change that touches more says so."""


class DuplicateCode(Conflict):
    """A calendar with this code is stored already; the link leads to it."""


async def create(db: Database, who: Actor, given: CalendarIn, now: datetime) -> dict[str, Any]:
    """A new calendar, version 1. Refuses Invalid with every fault of the text, DuplicateCode."""
    parse_calendar(given.text())
    try:
        async with db.transaction(who, "calendar.create") as tx:
            calendar = Calendar(code=given.code, name=given.name, created_at=now, updated_at=now)
            tx.add(calendar)
            await _add_version(tx, calendar, given.text(), now)
            return await queries.one(tx, who, calendar.id)
    except IntegrityError as fault:
        raise _duplicate(given.code) from fault


async def replace(
    db: Database, who: Actor, ident: str, seen: int, given: CalendarChange, now: datetime
) -> dict[str, Any]:
    """The next version, whole. It corrects: all that is not frozen is judged by it (rule 5).

    Refuses Invalid, NotFound, Stale.
    """
    parse_calendar(given.text())
    async with db.transaction(who, "calendar.replace") as tx:
        calendar = await tx.load(Calendar, ident, seen)
        if given.code not in (None, calendar.code):
            raise Invalid(errors=[_other_code()])
        calendar.name = given.name or calendar.name
        calendar.updated_at = now
        await _add_version(tx, calendar, given.text(), now)
        await calendar_changed(tx, calendar.code, now)
        return await queries.one(tx, who, calendar.id)


async def preview(db: Database, who: Actor, ident: str, given: CalendarText, now: datetime) -> dict[str, Any]:
    """What saving this text as the next version would move. Nothing is stored. Refuses Invalid, NotFound."""
    proposed = CompiledCalendar(parse_calendar(given.text()))
    at = int(now.timestamp())
    async with db.reading(who) as tx:
        record = await queries.one(tx, who, ident)
        code = record["code"]
        agreements = await queries.judged_agreements(tx, code)
        stored = await queries.calendars_of(tx, agreements)
        present = stored[code].calendar if code in stored else proposed
        first = await queries.first_start(tx, agreements)
        span = changed_span(present, proposed, int(first.timestamp()), at + FIVE_YEARS) if first else None
        tickets = [] if span is None else await queries.ticket_folds(tx, agreements, *_instants(span), MOST_TICKETS + 1)
        closed = [] if span is None else await queries.closed_months(tx, agreements, _instants(span)[0])
        frozen = await queries.frozen_periods(tx, agreements, code)
    before = {name: one.calendar for name, one in stored.items()}
    after = before | {code: proposed}
    cycles, months = await asyncio.to_thread(_moves, tickets[:MOST_TICKETS], before, after, at, closed)
    return preview_document(code, record["version"] + 1, span, cycles) | {
        "periods": {"restatable": len(months), "frozen": frozen.get(record["version"], 0)},
        "tickets": min(len(tickets), MOST_TICKETS), "complete": len(tickets) <= MOST_TICKETS, "as_of": now,
    }  # fmt: skip


def _moves(
    tickets: list[TicketFold], before: Calendars, after: Calendars, at: int, closed: list[tuple[str, Period]]
) -> tuple[list[MovedCycle], list[tuple[str, Period]]]:
    return moved(tickets, before, after, at), restatable(tickets, before, after, closed)


def _instants(span: Interval) -> tuple[datetime, datetime]:
    start, end = span
    return datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)


async def _add_version(tx: Transaction, calendar: Calendar, text: dict[str, Any], now: datetime) -> None:
    await tx.flush()  # gives the calendar its next version
    tx.add(
        CalendarVersion(
            calendar_id=calendar.id, version=calendar.version, text=text, made_by=tx.who.name, made_at=now
        )
    )  # fmt: skip
    await tx.flush()


def _duplicate(code: str) -> Conflict:
    what, how = N_("A calendar with this code is stored already"), N_("Change that one, or choose another code")
    return DuplicateCode(errors=[FieldError("duplicate", "/code", what, how, link=f"{queries.PATH}/{code}")])


def _other_code() -> FieldError:
    what, how = N_("A calendar keeps its code"), N_("Leave the code out, or send that of the address")
    return FieldError("bad_value", "/code", what, how)


async def working_time(db: Database, who: Actor, given: WorkingTimeIn) -> dict[str, Any]:
    """The answers, in the order of the questions; one that cannot be answered has its problem in its place.

    Refuses Invalid where a calendar of the request is not right, or where they are too many with the stored ones.
    """
    calendars = _calendars_of(given)
    named = {q["calendar"] for q in given.questions if isinstance(q, Mapping) and isinstance(q.get("calendar"), str)}
    stored = {code for code in named if code not in calendars and _is_code(code)}
    async with db.reading(who) as tx:
        found = await queries.existing(tx, stored)
        if len(calendars) + len(found) > MOST_CALENDARS:
            how = N_("Send at most %(max_length)s")
            facts = {"max_length": MOST_CALENDARS}
            raise Invalid(errors=[FieldError("too_long", "/calendars", N_("These are too many"), how, facts)])
        compiled = await queries.compiled(tx, found)
    calendars |= {code: one.calendar for code, one in compiled.items()}
    # Seconds of arithmetic where calendars reach over two centuries: not on the loop that serves the others.
    return {"answers": await asyncio.to_thread(_answers, given.questions, calendars, who.request_id)}


def _is_code(text: str) -> bool:
    return len(text) <= 60 and text.isascii() and text.isprintable()


def _calendars_of(given: WorkingTimeIn) -> dict[str, CompiledCalendar]:
    """The request's own calendars. Refuses Invalid with the faults of all of them."""
    calendars: dict[str, CompiledCalendar] = {}
    faults: list[FieldError] = []
    for name, text in given.calendars.items():
        try:
            calendars[name] = CompiledCalendar(parse_calendar(text, f"/calendars/{escaped(name)}"))
        except Invalid as refused:
            faults.extend(refused.errors)
    if faults:
        raise Invalid(errors=faults)
    return calendars


def _answers(questions: list[Any], calendars: Mapping[str, CompiledCalendar], request_id: str) -> list[dict[str, Any]]:
    return [
        _answered(question, f"/questions/{place}", calendars, request_id) for place, question in enumerate(questions)
    ]


def _answered(data: object, at: str, calendars: Mapping[str, CompiledCalendar], request_id: str) -> dict[str, Any]:
    try:
        question = parse_question(data, at)
        if question.calendar not in calendars:
            what, how = N_("There is no such calendar"), N_("Name one of the request, or the code of a stored one")
            raise Invalid(errors=[FieldError("unknown_calendar", f"{at}/calendar", what, how)])
        return _wire(answer(calendars[question.calendar], question))
    except Refused as refused:
        return {"problem": problem(refused, request_id)}


def _wire(answered: Answer) -> dict[str, Any]:
    if answered.asked is Asked.WORKED:
        return {answered.asked.value: answered.value}
    instant = datetime.fromtimestamp(answered.value, UTC)
    return {answered.asked.value: instant, "provisional": answered.provisional}
