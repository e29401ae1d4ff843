"""Sources over HTTP."""

from typing import Annotated

from fastapi import Path, Request
from starlette.responses import Response

from services.kernel.database import now_utc
from services.kernel.routing import NOBODY, Db, IfMatchWhereGiven, Now, Router, Who, needs
from services.kernel.wire import answer
from services.sla.sources import queries, service
from services.sla.sources.schemas import SourceIn

router = Router(tags=["sources"])
Code = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}$")]


@router.get("/sources", **needs("source.read", lists=queries.listing(NOBODY, now_utc())))
async def list_sources(request: Request, who: Who, db: Db, now: Now) -> Response:
    """Sources; `silent=true` are those from which nothing came for too long."""
    return await queries.listing(who, now).answer(request, db, who, queries.selected(now))


@router.get("/sources/{code}", **needs("source.read"))
async def read(code: str, who: Who, db: Db, now: Now) -> Response:
    """One source with what came from it."""
    async with db.reading(who) as tx:
        return answer(await queries.one(tx, who, code, now))


@router.put("/sources/{code}", **needs("source.write", makes=True))
async def put(code: Code, given: SourceIn, who: Who, seen: IfMatchWhereGiven, db: Db, now: Now) -> Response:
    """Make a source, or replace what is said of it."""
    record, made = await service.put(db, who, code, given, seen, now)
    return answer(record, 201 if made else 200, record["url"])
