"""The trail over HTTP."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from services.kernel.routing import Db, Router, Who, needs
from services.security.audit import queries

router = Router(tags=["audit"])
# Commas alone would be no filter at all.
Asked = Annotated[str, Query(pattern="[^,]", max_length=200)]


@router.get("/audit", **needs("audit.read", lists=queries.trail()))
async def search(request: Request, who: Who, db: Db) -> Response:
    """Who changed what, newest first; as NDJSON it is the export."""
    return await queries.trail().answer(request, db, who, queries.selected())


@router.get("/history", **needs("history.read", lists=queries.trail()))
async def history(request: Request, who: Who, db: Db, service: Asked, record: Asked) -> Response:
    """One record's history; `table=contract,term` narrows it to some of its tables."""
    return await queries.history(who).answer(request, db, who, queries.selected())
