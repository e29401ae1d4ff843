"""Who makes a request: a key, or a person's session; and whether a browser was made to send it by another site."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request

from gateway.accounts import queries
from gateway.accounts.queries import SignedIn
from gateway.accounts.rules import parse_key
from services.kernel.database import Database, now_utc
from services.kernel.identity import Actor, Kind, system
from services.kernel.messages import N_, set_language
from services.kernel.refusals import Forbidden, Unauthenticated

COOKIE = "heyue_session"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
SAME_SITE = ("same-origin", "none")


def session_secret(request: Request) -> str:
    """The cookie's content, empty where there is none."""
    return request.cookies.get(COOKIE, "")


def client_address(request: Request) -> str:
    """Where the request comes from."""
    return request.client.host if request.client else ""


def somebody(request: Request) -> Actor:
    """Whoever asks to be let in, before it is known who it is."""
    return replace(system("sign-in", request.state.request_id), client=client_address(request))


def as_actor(found: SignedIn, request: Request, kind: Kind) -> Actor:
    """As services know them."""
    return Actor(
        id=found.id, name=found.name, kind=kind, roles=found.roles, scopes=found.scopes,
        supplier_id=found.supplier_id, supplier_number=found.supplier_number,
        request_id=request.state.request_id, client=client_address(request),
    )  # fmt: skip


async def signed_in(request: Request) -> SignedIn | None:
    """The person of the request's session, or None; read once a request."""
    if not hasattr(request.state, "signed_in"):
        database: Database = request.app.state.db
        secret = session_secret(request)
        request.state.signed_in = await queries.by_session(database.engine, secret, now_utc()) if secret else None
    found: SignedIn | None = request.state.signed_in
    return found


async def identify(request: Request) -> Actor:
    """Who asks the API. Refuses Unauthenticated, and Forbidden where another site made the browser ask."""
    scheme, _sep, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme:
        return await _by_key(request, scheme, credentials.strip())
    found = await signed_in(request)
    if found is None:
        raise Unauthenticated
    refuse_other_sites(request)
    if found.language:
        set_language(found.language)
    return as_actor(found, request, Kind.PERSON)


async def _by_key(request: Request, scheme: str, credentials: str) -> Actor:
    parsed = parse_key(credentials) if scheme.lower() == "bearer" else None
    if parsed is None:
        raise Unauthenticated(detail=N_("Send the key as Authorization: Bearer hy_…"))
    database: Database = request.app.state.db
    found = await queries.by_key(database.engine, *parsed)
    if found is None:
        raise Unauthenticated(detail=N_("This key is not known, or has been revoked"))
    return as_actor(found, request, Kind.KEY)


def refuse_other_sites(request: Request) -> None:
    """An unsafe request by cookie is refused where the browser says that another site sent it."""
    if request.method not in SAFE_METHODS and comes_from(request) is False:
        raise Forbidden(detail=N_("This request was sent by another site"))


def comes_from(request: Request) -> bool | None:
    """True: this site sent it; False: another one; None: the request does not say."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in SAME_SITE
    origin = request.headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.headers.get("host", "")
    return None


def cookie_options(request: Request) -> dict[str, Any]:
    """How every cookie of ours is set."""
    secure: bool = request.app.state.settings.secure_cookies
    return {"httponly": True, "samesite": "lax", "path": "/", "secure": secure}
