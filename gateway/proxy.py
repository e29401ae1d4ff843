"""The API's way through: identity in, signed token on, answer back as it came."""

from collections.abc import AsyncIterator
from urllib.parse import unquote_to_bytes

import httpx
from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from gateway.clients import SERVICES, Pools
from gateway.identifying import identify
from services.kernel.database import now_utc
from services.kernel.messages import N_, current_language
from services.kernel.refusals import FieldError, Invalid, NotFound, TooLarge
from services.kernel.routing import OVERSIZED

PASSED_ON = (
    "accept", "content-type", "content-encoding", "if-match", "if-none-match", "idempotency-key",
)  # fmt: skip
PASSED_BACK = (
    "content-type", "etag", "location", "retry-after", "www-authenticate", "idempotency-replayed", "vary",
    "content-disposition", "cache-control",
)  # fmt: skip
STREAMED = ("application/x-ndjson", "text/csv")
router = APIRouter(include_in_schema=False)


@router.api_route("/api/{service}/v1/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
async def pass_on(service: str, path: str, request: Request) -> Response:
    """Any request to a service. Refuses Unauthenticated, NotFound, TooLarge, Unavailable."""
    if service not in SERVICES or _leads_out(request):
        raise NotFound
    who = await identify(request)
    pools: Pools = request.app.state.pools
    headers = {name: _plain(name, request.headers[name]) for name in PASSED_ON if name in request.headers}
    headers |= {
        "authorization": f"Bearer {pools.signer.sign(who, now_utc())}",
        "x-request-id": request.state.request_id,
        "accept-language": current_language(),
    }
    try:
        body = await request.body()
    except TooLarge:
        # Who may not do this at all is told so first; the service judges that, and sees no part of the body.
        body, headers[OVERSIZED] = b"", "yes"
    answer = await pools.send(
        service, httpx.Request(request.method, _url(pools.urls[service], request), headers=headers, content=body),
        stream=True,
    )  # fmt: skip
    kept = {name: answer.headers[name] for name in PASSED_BACK if name in answer.headers}
    if answer.headers.get("content-type", "").startswith(STREAMED):
        return StreamingResponse(_pieces(answer), answer.status_code, kept, background=BackgroundTask(answer.aclose))
    content = await answer.aread()
    await answer.aclose()
    return Response(content, answer.status_code, kept)


def _leads_out(request: Request) -> bool:
    """Whether a segment is a dot segment: that would be taken out on the way. `a%2F..%2Fb` is one segment, an id."""
    raw: bytes = request.scope["raw_path"]
    return any(unquote_to_bytes(part) in (b".", b"..") for part in raw.split(b"/"))


def _plain(name: str, value: str) -> str:
    """A header's value, of ASCII alone. Refuses Invalid."""
    if not value.isascii():
        raise Invalid(
            errors=[FieldError("bad_value", f"header:{name.title()}", N_("This header holds more than plain ASCII"),
                               N_("Send letters, digits and signs of ASCII"))]
        )  # fmt: skip
    return value


def _url(base: httpx.URL, request: Request) -> httpx.URL:
    """The same path as it was written: `%2F` in a ticket's id stays what it is."""
    raw: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return base.copy_with(raw_path=raw + (b"?" + query if query else b""))


async def _pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    async for piece in answer.aiter_bytes():
        yield piece
