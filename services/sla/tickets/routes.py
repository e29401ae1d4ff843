"""Tickets over HTTP, and trying agreements on them."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from services.kernel.database import now_utc
from services.kernel.messages import N_
from services.kernel.refusals import FieldError, Invalid
from services.kernel.routing import NOBODY, Db, Now, Router, Who, needs
from services.kernel.wire import Instant, encode
from services.sla.agreements.schemas import TryIn
from services.sla.events.rules import EARLIEST, LATEST
from services.sla.tickets import queries, trying
from services.sla.tickets.documents import Wanted

router = Router(tags=["tickets"])
PARTS = ("ledger", "events", "why")


def _wanted(include: str) -> Wanted:
    asked = {part for part in include.split(",") if part}
    if asked - set(PARTS):
        raise Invalid(errors=[FieldError("bad_value", "?include", N_("There is no such part"),
                                         N_("Choose one of: %(known)s"), {"known": ", ".join(PARTS)})])  # fmt: skip
    return Wanted(ledger="ledger" in asked, events="events" in asked, why="why" in asked)


@router.get("/tickets", **needs("ticket.read", lists=queries.listing(NOBODY)[0]))
async def list_tickets(request: Request, who: Who, db: Db) -> Response:
    """Tickets whose clocks are computed."""
    listing, statement = queries.listing(who)
    return await listing.answer(request, db, who, statement)


@router.get("/tickets/{source}/{ticket:path}", **needs("ticket.read"))
async def read(
    source: str, ticket: str, who: Who, db: Db, as_of: Annotated[Instant | None, Query()] = None, include: str = ""
) -> Response:
    """A ticket and its clocks, as of now or of any instant."""
    wanted, now = _wanted(include), now_utc()
    if as_of is not None and not EARLIEST <= as_of < LATEST:
        raise Invalid(errors=[FieldError("time_out_of_range", "?as_of", N_("This instant is out of range"),
                                         N_("Send one from 1970 on and before 2200"))])  # fmt: skip
    async with db.reading(who) as tx:
        found = await queries.one(tx, who, source, ticket, as_of or now, wanted, now=now)
    return Response(encode(found), media_type="application/json")


@router.post("/agreements/try", **needs("agreement.try"))
async def try_sent(given: TryIn, who: Who, db: Db, now: Now) -> Response:
    """An agreement that is not stored, on a ticket or on events; nothing is stored."""
    return Response(encode(await trying.on_sent(db, who, given, now)), media_type="application/json")


@router.post("/agreements/{ident}/try", **needs("agreement.try"))
async def try_stored(ident: str, given: TryIn, who: Who, db: Db, now: Now) -> Response:
    """A stored agreement, or it with other targets, on a ticket or on events; nothing is stored."""
    return Response(encode(await trying.on_stored(db, who, ident, given, now)), media_type="application/json")
