"""Routes that refuse before they read: identity, permission, then the body."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from services.kernel.database import ANY_VERSION, Database, now_utc
from services.kernel.idempotency import once
from services.kernel.identity import Actor, TokenVerifier
from services.kernel.messages import N_
from services.kernel.permissions import Permissions
from services.kernel.refusals import (
    FieldError,
    Invalid,
    PreconditionRequired,
    Unauthenticated,
    UnsupportedMediaType,
)

PERMISSION = "x-permission"
CREATES = "x-idempotent"
JSON_TYPES = ("application/json", "application/problem+json")


def needs(permission: str, *, idempotent: bool = False) -> dict[str, Any]:
    """What a route says of itself: `@router.post("/suppliers", **needs("supplier.write", idempotent=True))`.

    idempotent: it creates, and an Idempotency-Key is honoured. Both show in the service's OpenAPI document.
    """
    return {"openapi_extra": {PERMISSION: permission} | ({CREATES: True} if idempotent else {})}


async def authenticate(request: Request) -> Actor:
    """Who the gateway says is asking. Refuses Unauthenticated."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    verifier: TokenVerifier = request.app.state.verifier
    return verifier.verify(token, now_utc(), request.state.request_id)


class GuardedRoute(APIRoute):
    """A route that names its permission; permission is judged before the body is."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        extra = self.openapi_extra or {}
        permission, creates = extra[PERMISSION], bool(extra.get(CREATES))
        takes_json = self.body_field is not None

        async def guarded(request: Request) -> Response:
            identify: Callable[[Request], Awaitable[Actor]] = request.app.state.identify
            who = await identify(request)
            permissions: Permissions = request.app.state.permissions
            permissions.require(who, permission)
            request.state.who = who
            if takes_json:
                _require_json(request)
            key = request.headers.get("idempotency-key")
            if creates and key:
                return await once(request, who, request.app.state.db, key, handle)
            return await handle(request)

        return guarded


def _require_json(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    empty = request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers
    if not empty and media_type not in JSON_TYPES:
        raise UnsupportedMediaType(detail=N_("Send the body as application/json"))


class Router(APIRouter):
    """The router of one subject; each of its routes is guarded."""

    def __init__(self, prefix: str = "", tags: list[str] | None = None) -> None:
        super().__init__(prefix=prefix, tags=list(tags or ()), route_class=GuardedRoute)


def _who(request: Request) -> Actor:
    who: Actor = request.state.who
    return who


def _database(request: Request) -> Database:
    database: Database = request.app.state.db
    return database


def _if_match(request: Request) -> int:
    given = request.headers.get("if-match")
    if given is None:
        raise PreconditionRequired
    if given.strip() == "*":
        return ANY_VERSION
    plain = given.strip().removeprefix("W/").strip('"')
    if not plain.isascii() or not plain.isdigit() or len(plain) > 9:
        raise Invalid(
            errors=[
                FieldError("bad_value", "header:If-Match", N_("This is no version"), N_('Send it as in ETag: "3"')),
            ]
        )
    return int(plain)


def _if_match_where_given(request: Request) -> int:
    return _if_match(request) if "if-match" in request.headers else ANY_VERSION


Who = Annotated[Actor, Depends(_who)]
Db = Annotated[Database, Depends(_database)]
Now = Annotated[datetime, Depends(now_utc)]
IfMatch = Annotated[int, Depends(_if_match)]
IfMatchWhereGiven = Annotated[int, Depends(_if_match_where_given)]
"""For a PUT that needs no reading before: whoever sends the version is protected, whoever does not replaces."""
