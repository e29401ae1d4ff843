"""Clocks over HTTP."""

from fastapi import Request
from starlette.responses import Response

from services.kernel.database import now_utc
from services.kernel.routing import Db, Now, Router, Who, needs
from services.sla.clocks import queries

router = Router(tags=["clocks"])


@router.get("/clocks", **needs("clock.read", lists=queries.listing({}, now_utc())))
async def list_clocks(request: Request, who: Who, db: Db, now: Now) -> Response:
    """Cycles of all tickets, flat; `open=true&sort=due_at` are the open clocks by time left."""
    async with db.reading(who) as tx:
        present = await queries.open_calendars(tx)
    return await queries.listing(present, now).answer(request, db, who, queries.selected(who))
