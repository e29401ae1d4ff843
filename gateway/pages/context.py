"""What every page has at hand: who looks, the services as that person may use them, and how to answer."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from gateway.accounts.queries import SignedIn
from gateway.accounts.rules import csrf_token
from gateway.clients import ServiceRefused, Services
from gateway.identifying import SAFE_METHODS, as_actor, comes_from, cookie_options, session_secret, signed_in
from gateway.pages.forms import Problem
from gateway.pages.lists import Listing
from gateway.pages.navigation import navigation_for
from gateway.pages.rendering import Flash, Viewer, anonymous, render
from services.kernel.identity import Actor, Kind, Role
from services.kernel.messages import N_, set_language
from services.kernel.refusals import Forbidden, Refused
from services.kernel.rendering import problem

FLASH_COOKIE = "heyue_flash"
LANGUAGE_COOKIE = "heyue_language"


class SignInFirst(Exception):
    """A page for people who are signed in."""


class Page:
    """One request for a page by somebody who is signed in."""

    def __init__(self, request: Request, person: SignedIn, who: Actor) -> None:
        self.request, self.person, self.who = request, person, who
        self.services = Services.of(request, who)

    def has(self, *roles: Role) -> bool:
        """Whether the person holds one of these roles."""
        return bool(self.who.roles & set(roles))

    def render(
        self, template: str, context: Mapping[str, Any], block: str | Sequence[str] | None = None,
        status_code: int = 200,
    ) -> Response:  # fmt: skip
        """The page, or its block where htmx asks for one. A message left by a redirect is shown once.

        A page whose list was refused carries the refusal's status. Where only its service is down it stays 200: the
        panel says so, and the rest of the page works.
        """
        listing = context.get("listing")
        if isinstance(listing, Listing) and listing.problem is not None and listing.problem.status < 500:
            status_code = listing.problem.status
        answer = render(self.request, template, context, block, status_code)
        if FLASH_COOKIE in self.request.cookies:
            answer.delete_cookie(FLASH_COOKIE, path="/")
        return answer

    def redirect(self, url: str, flash: Flash | None = None) -> Response:
        """Go there: 303, or for htmx 204 with HX-Redirect. flash: said on the next page."""
        if self.request.headers.get("hx-request"):
            answer = Response(status_code=204, headers={"HX-Redirect": as_header(url)})
        else:
            answer = RedirectResponse(url, 303)
        if flash is not None:
            answer.set_cookie(FLASH_COOKIE, seal_flash(flash, session_secret(self.request)), 60,
                              **cookie_options(self.request))  # fmt: skip
        return answer

    async def form(self) -> FormData:
        """What was posted."""
        return await self.request.form(max_files=2, max_fields=2000)


def as_header(url: str) -> str:
    """A path of ours as a header carries it: what is no ASCII in it, escaped."""
    return quote(url, safe=":/%#?=@[]!$&'()*+,;")


def seal_flash(flash: Flash, secret: str) -> str:
    """The message as a cookie that nobody else can make."""
    plain = base64.urlsafe_b64encode(msgspec.json.encode(flash)).decode().rstrip("=")
    return f"{plain}.{_seal(plain, secret)}"


def open_flash(cookie: str, secret: str) -> Flash | None:
    """The message of a cookie that we made, else None."""
    plain, _, seal = cookie.partition(".")
    if not hmac.compare_digest(_seal(plain, secret).encode(), seal.encode()):
        return None
    return msgspec.json.decode(base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4)), type=Flash)


def _seal(plain: str, secret: str) -> str:
    return hmac.new(secret.encode(), b"flash" + plain.encode(), hashlib.sha256).hexdigest()


def viewer_of(request: Request, person: SignedIn | None) -> Viewer:
    """Who looks, and how."""
    plain = anonymous(request)
    if person is None:
        chosen = request.cookies.get(LANGUAGE_COOKIE, plain.language)
        return Viewer(language=chosen if chosen in ("zh-CN", "en") else plain.language, theme=plain.theme,
                      density=plain.density)  # fmt: skip
    secret = session_secret(request)
    flash = request.cookies.get(FLASH_COOKIE)
    return Viewer(
        name=person.shown_name, language=person.language or request.cookies.get(LANGUAGE_COOKIE) or plain.language,
        zone=person.zone, theme=person.theme, density=person.density, shortcuts=plain.shortcuts,
        csrf=csrf_token(secret), navigation=navigation_for(person.roles), supplier=person.supplier_name or "",
        flash=open_flash(flash, secret) if flash else None,
    )  # fmt: skip


async def look(request: Request) -> SignedIn | None:
    """Find out who looks, and speak their language from here on."""
    person = await signed_in(request)
    request.state.viewer = viewer_of(request, person)
    set_language(request.state.viewer.language)
    return person


async def require_own_form(request: Request) -> None:
    """An unsafe request must come from a page of ours: the browser says so, or the form carries the session's token.

    Refuses Forbidden.
    """
    if request.method in SAFE_METHODS:
        return
    own = comes_from(request)
    if own is None:
        given = request.headers.get("x-csrf-token") or str((await request.form()).get("csrf", ""))
        own = hmac.compare_digest(given.encode(), csrf_token(session_secret(request)).encode())
    if not own:
        raise Forbidden(detail=N_("This form was not sent from one of our pages; open the page again"))


async def page(request: Request) -> Page:
    """The dependency of every page behind the sign-in. Refuses SignInFirst, Forbidden."""
    person = await look(request)
    if person is None:
        raise SignInFirst
    await require_own_form(request)
    return Page(request, person, as_actor(person, request, Kind.PERSON))


OnPage = Annotated[Page, Depends(page)]


def refusal(fault: BaseException, request: Request) -> tuple[int, Problem]:
    """Status and problem of a refusal, of the gateway's own or of a service. Other exceptions are raised."""
    if isinstance(fault, ServiceRefused):
        return fault.status, Problem.of(fault.problem)
    if isinstance(fault, Refused):
        return fault.status, Problem.of(problem(fault, request.state.request_id))
    raise fault
