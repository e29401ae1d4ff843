"""Calendars and working time over HTTP."""

from fastapi import Request
from starlette.responses import Response

from services.kernel.routing import NOBODY, Db, IfMatch, Now, Router, Who, needs
from services.kernel.wire import answer, encode
from services.sla.calendars import queries, service
from services.sla.calendars.schemas import CalendarChange, CalendarIn, CalendarText, WorkingTimeIn

router = Router(tags=["calendars"])


@router.get("/calendars", **needs("calendar.read", lists=queries.listing(NOBODY)[0]))
async def list_calendars(request: Request, who: Who, db: Db) -> Response:
    """Calendars by code, without their weeks and days; `q` looks in codes and names."""
    listing, statement = queries.listing(who)
    return await listing.answer(request, db, who, statement)


@router.post("/calendars", status_code=201, **needs("calendar.write", idempotent=True))
async def create(given: CalendarIn, who: Who, db: Db, now: Now) -> Response:
    """A new calendar."""
    record = await service.create(db, who, given, now)
    return answer(record, 201, record["url"])


@router.get("/calendars/{ident}", **needs("calendar.read"))
async def read(ident: str, who: Who, db: Db) -> Response:
    """One calendar with its present text, by code or id."""
    async with db.reading(who) as tx:
        return answer(await queries.one(tx, who, ident))


@router.put("/calendars/{ident}", **needs("calendar.write"))
async def replace(ident: str, given: CalendarChange, who: Who, seen: IfMatch, db: Db, now: Now) -> Response:
    """The next version: the whole text, which corrects all that is not frozen."""
    return answer(await service.replace(db, who, ident, seen, given, now))


@router.post("/calendars/{ident}/preview", **needs("calendar.read"))
async def preview(ident: str, given: CalendarText, who: Who, db: Db, now: Now) -> Response:
    """What saving this text would move: due times, breaches, closed periods. Nothing is stored."""
    return Response(encode(await service.preview(db, who, ident, given, now)), media_type="application/json")


@router.get("/calendars/{ident}/versions", **needs("calendar.read", lists=queries.versions_listing({})))
async def versions(ident: str, request: Request, who: Who, db: Db) -> Response:
    """All versions with their texts, the latest first."""
    async with db.reading(who) as tx:
        listing, statement = await queries.versions_of(tx, ident)
    return await listing.answer(request, db, who, statement)


@router.post("/working-time", **needs("working_time.ask"))
async def working_time(given: WorkingTimeIn, who: Who, db: Db) -> Response:
    """Up to 10,000 questions to calendars, stored ones or those of the request."""
    return Response(encode(await service.working_time(db, who, given)), media_type="application/json")
