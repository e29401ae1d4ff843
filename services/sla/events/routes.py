"""Events and their batches over HTTP."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from services.kernel.messages import N_
from services.kernel.refusals import UnsupportedMediaType
from services.kernel.routing import Db, Now, Router, Who, needs
from services.kernel.wire import encode
from services.sla.events import queries, service
from services.sla.events.schemas import EVENTS

router = Router(tags=["events"])

LONGEST_WAIT = 60.0
LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
ARRAYS = frozenset({"application/json"})


@router.post("/events", **needs("event.send", idempotent=True, takes=EVENTS))
async def send(request: Request, who: Who, db: Db, now: Now) -> Response:
    """Take up to 10,000 events, a JSON array or NDJSON, plain or gzipped. The answer comes after the commit."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if media_type not in LINES | ARRAYS or encoding not in ("", "identity", "gzip"):
        raise UnsupportedMediaType(detail=N_("Send a JSON array or application/x-ndjson, plain or gzipped"))
    body = await request.body()
    answer = await service.receive(db, who, body, encoding, ndjson=media_type in LINES, now=now)
    return Response(encode(answer), media_type="application/json")


@router.get("/batches/{batch}", **needs("batch.read"))
async def batch(batch: str, who: Who, db: Db, wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 0) -> Response:
    """What became of a batch, once all its clocks are computed, or after `wait` seconds."""
    return Response(encode(await queries.batch(db, who, batch, wait)), media_type="application/json")
