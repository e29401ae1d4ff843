"""Routes that refuse before they read: identity, permission, then the body."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Set
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from services.kernel import describing
from services.kernel.database import ANY_VERSION, Database, now_utc
from services.kernel.describing import CREATES, PERMISSION
from services.kernel.idempotency import once
from services.kernel.identity import Actor, TokenVerifier, system
from services.kernel.messages import N_
from services.kernel.paging import Listing
from services.kernel.permissions import Permissions
from services.kernel.refusals import (
    FieldError,
    Invalid,
    PreconditionRequired,
    TooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)

JSON_TYPES = ("application/json", "application/problem+json")
OVERSIZED = "x-body-oversized"
"""Said by the gateway of a body that it did not take whole, and sends no part of."""


NOBODY = system("nobody")
"""Whom a list is described for."""


def needs(
    permission: str,
    *,
    idempotent: bool = False,
    lists: Listing | None = None,
    narrows: Listing | None = None,
    makes: bool = False,
    takes: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a route says of itself: `@router.post("/suppliers", **needs("supplier.write", idempotent=True))`.

    idempotent: it creates, and an Idempotency-Key is honoured. lists: it answers with this list. narrows: with what is
    made of all that this list's filters find. makes: a PUT that is answered with 201 where there was nothing. takes:
    the body, where the route reads it itself. All of it shows in the service's OpenAPI document.
    """
    said: dict[str, Any] = {PERMISSION: permission, "parameters": []}
    if idempotent:
        said |= {CREATES: True, "parameters": [describing.idempotency_key()]}
    if lists is not None:
        said |= {"parameters": list(describing.list_parameters(lists)), "responses": describing.list_answers()}
    if narrows is not None:
        said["parameters"] = list(describing.filter_parameters(narrows))
    if makes:
        said["responses"] = {"201": {"description": "Made: there was none"}}
    if takes is not None:
        said["requestBody"] = takes
    return {"openapi_extra": said}


async def authenticate(request: Request) -> Actor:
    """Who the gateway says is asking. Refuses Unauthenticated."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    verifier: TokenVerifier = request.app.state.verifier
    return verifier.verify(token, now_utc(), request.state.request_id)


class GuardedRoute(APIRoute):
    """A route that names its permission; permission is judged before the body is."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        said = dict(self.openapi_extra or {})
        asked_for = {dependency.call for dependency in self.dependant.dependencies}
        headers = [
            describing.if_match(required=call is _if_match)
            for call in (_if_match, _if_match_where_given)
            if call in asked_for
        ]
        own = [parameter.alias for parameter in self.dependant.query_params]
        said["parameters"] = describing.without(said["parameters"], own) + headers
        self.openapi_extra = said
        self.query_names = {*own, *(one["name"] for one in said["parameters"] if one["in"] == "query")}

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
            if OVERSIZED in request.headers:
                raise TooLarge
            _refuse_unknown(request, self.query_names)
            if takes_json:
                _require_json(request)
            key = request.headers.get("idempotency-key")
            if creates and key:
                return await once(request, who, request.app.state.db, key, handle)
            return await handle(request)

        return guarded


def _refuse_unknown(request: Request, known: Set[str]) -> None:
    for name in request.query_params:
        if name not in known:
            what, how = N_("There is no such parameter here"), N_("Choose one of: %(known)s")
            facts = {"known": ", ".join(sorted(known)) or "—"}
            raise Invalid(errors=[FieldError("unknown_filter", f"?{name}", what, how, facts)])


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
