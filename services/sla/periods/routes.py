"""Periods over HTTP."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from services.kernel.routing import NOBODY, Db, Now, Router, Who, needs
from services.kernel.wire import Nothing, answer, encode
from services.sla.periods import cycles, past, queries, service
from services.sla.periods.tables import Period

router = Router(tags=["periods"])
LIST = queries.listing(NOBODY)


@router.get("/periods", **needs("period.read", lists=LIST))
async def list_periods(request: Request, who: Who, db: Db) -> Response:
    """Closed periods over all agreements."""
    return await queries.listing(who).answer(request, db, who, queries.selected(who))


@router.get("/periods-due", **needs("agreement.write"))
async def list_due(who: Who, db: Db, now: Now, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> Response:
    """Months that are over and wait to be closed, one an agreement."""
    async with db.reading(who) as tx:
        found = await queries.due(tx, who, now, limit)
    return Response(encode({"items": found, "next": None}), media_type="application/json")


@router.get("/agreements/{ident}/periods", **needs("period.read", lists=LIST))
async def list_of_agreement(ident: str, request: Request, who: Who, db: Db) -> Response:
    """The closed periods of one agreement."""
    async with db.reading(who) as tx:
        agreement = await queries.agreement_row(tx, who, ident)
    statement = queries.selected(who).where(Period.agreement_id == agreement["id"])
    return await queries.listing(who).answer(request, db, who, statement)


@router.get("/agreements/{ident}/attainment", **needs("period.read"))
async def attainment(ident: str, who: Who, db: Db) -> Response:
    """The average attainment of each target over the last closed months, at most twelve."""
    async with db.reading(who) as tx:
        return Response(encode(await past.attainment(tx, who, ident)), media_type="application/json")


@router.get("/agreements/{ident}/periods/{period}", **needs("period.read"))
async def read(ident: str, period: str, who: Who, db: Db, now: Now) -> Response:
    """A closed period; or, for staff, the estimate of one that has begun."""
    async with db.reading(who) as tx:
        return answer(await queries.one(tx, who, ident, period, now))


@router.get("/agreements/{ident}/periods/{period}/again", **needs("agreement.write"))
async def again(ident: str, period: str, who: Who, db: Db, now: Now) -> Response:
    """What a closed month would be by the facts of today; it stays as it is."""
    async with db.reading(who) as tx:
        return Response(encode(await queries.again(tx, who, ident, period, now)), media_type="application/json")


@router.post("/agreements/{ident}/periods/{period}/close", **needs("period.close"))
async def close(ident: str, period: str, who: Who, db: Db, now: Now, body: Nothing | None = None) -> Response:
    """Close a month for good."""
    return answer(await service.close(db, who, ident, period, now))


@router.get("/agreements/{ident}/periods/{period}/cycles", **needs("period.read", lists=cycles.LIST))
async def list_cycles(ident: str, period: str, request: Request, who: Who, db: Db) -> Response:
    """The cycles of a closed period as they were judged: counted, or left out with why not."""
    async with db.reading(who) as tx:
        closed = await cycles.closed_period(tx, who, ident, period)
    return await cycles.listing(closed).answer(request, db, who, cycles.selected(closed))


@router.get("/agreements/{ident}/periods/{period}/cycles/{cycle}", **needs("period.read"))
async def read_cycle(ident: str, period: str, cycle: str, who: Who, db: Db) -> Response:
    """One of them with its ledger as it was judged, beside what it would be today as of the same end."""
    async with db.reading(who) as tx:
        found = await cycles.one(tx, who, ident, period, cycle)
    return Response(encode(found), media_type="application/json")
