"""Breaches over HTTP."""

from fastapi import Request
from starlette.responses import Response

from services.kernel.routing import NOBODY, Db, IfMatch, Now, Router, Who, needs
from services.kernel.wire import Nothing, Reason, answer, encode
from services.sla.breaches import queries, service
from services.sla.breaches.schemas import Note, OptionalReason

router = Router(tags=["breaches"])


@router.get("/breaches", **needs("breach.read", lists=queries.listing(NOBODY)))
async def list_breaches(request: Request, who: Who, db: Db) -> Response:
    """Breaches, the latest first."""
    return await queries.listing(who).answer(request, db, who, queries.selected(who))


@router.get("/breaches/{ident}", **needs("breach.read"))
async def read(ident: str, who: Who, db: Db) -> Response:
    """One breach with its versions."""
    async with db.reading(who) as tx:
        return answer(await queries.one(tx, who, ident))


@router.get("/breaches/{ident}/effect", **needs("breach.decide"))
async def effect(ident: str, who: Who, db: Db, now: Now) -> Response:
    """What excluding it (or counting it again) would change in its month."""
    async with db.reading(who) as tx:
        return Response(encode(await queries.effect(tx, who, ident, now)), media_type="application/json")


@router.post("/breaches/{ident}/acknowledge", **needs("breach.decide"))
async def acknowledge(ident: str, body: Note, who: Who, seen: IfMatch, db: Db, now: Now) -> Response:
    """Seen, with a note."""
    return answer(await service.decide(db, who, ident, "acknowledge", seen, body.note, now))


@router.post("/breaches/{ident}/exclude", **needs("breach.decide"))
async def exclude(ident: str, body: Reason, who: Who, seen: IfMatch, db: Db, now: Now) -> Response:
    """Ask that it does not count."""
    return answer(await service.decide(db, who, ident, "exclude", seen, body.reason, now))


@router.post("/breaches/{ident}/confirm", **needs("breach.decide"))
async def confirm(ident: str, who: Who, seen: IfMatch, db: Db, now: Now, body: Nothing | None = None) -> Response:
    """It does not count; not by whoever asked."""
    return answer(await service.decide(db, who, ident, "confirm", seen, None, now))


@router.post("/breaches/{ident}/refuse", **needs("breach.decide"))
async def refuse(ident: str, body: Reason, who: Who, seen: IfMatch, db: Db, now: Now) -> Response:
    """It counts; not by whoever asked."""
    return answer(await service.decide(db, who, ident, "refuse", seen, body.reason, now))


@router.post("/breaches/{ident}/reinstate", **needs("breach.decide"))
async def reinstate(
    ident: str, who: Who, seen: IfMatch, db: Db, now: Now, body: OptionalReason | None = None
) -> Response:
    """It counts again."""
    return answer(await service.decide(db, who, ident, "reinstate", seen, body.reason if body else None, now))
