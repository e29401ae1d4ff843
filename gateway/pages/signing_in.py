"""Signing in and out, the first password, one's own profile and preferences."""

from typing import Annotated, Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from gateway.accounts import service
from gateway.identifying import COOKIE, as_actor, comes_from, cookie_options, session_secret, somebody
from gateway.pages.context import LANGUAGE_COOKIE, OnPage, Page, as_header, look, refusal, require_own_form
from gateway.pages.forms import Field, Option, Problem, typed
from gateway.pages.forms import Form as PageForm
from gateway.pages.rendering import (
    DENSITIES,
    DENSITY_COOKIE,
    SHORTCUTS,
    SHORTCUTS_COOKIE,
    THEME_COOKIE,
    THEMES,
    Flash,
    render,
)
from services.kernel.database import now_utc
from services.kernel.identity import Kind
from services.kernel.messages import LANGUAGES, N_, _
from services.kernel.refusals import FieldError, Forbidden, Invalid, Refused

router = APIRouter(include_in_schema=False)
YEAR_SECONDS = 365 * 24 * 3600
ZONES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/"))
)


def way_back(given: str) -> str:
    """A path of ours to go on to; anything else leads home."""
    own = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable()
    return given if own else "/"


def go_on(request: Request, url: str) -> Response:
    """On to another page: 303, or for htmx, which would put that page into the form, 204 with HX-Redirect."""
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": as_header(url)})
    return RedirectResponse(url, 303)


def _sign_in_form(values: Any = None, problem: Problem | None = None) -> PageForm:
    return PageForm(
        url="/login", submit=_("Sign in"), values=values or {}, problem=problem,
        fields=(
            Field(name="login", label=_("Login"), required=True, autocomplete="username", first=problem is None),
            Field(name="password", label=_("Password"), kind="password", required=True,
                  autocomplete="current-password"),
            Field(name="next", kind="hidden"),
        ),
    )  # fmt: skip


@router.get("/login")
async def sign_in_page(request: Request, next: str = "/") -> Response:
    """The sign-in page; whoever is signed in goes on."""
    if await look(request) is not None:
        return RedirectResponse(way_back(next), 303)
    form = _sign_in_form({"next": way_back(next)})
    return render(request, "signing_in/sign_in.html", {"form": form})


@router.post("/login")
async def sign_in(
    request: Request, login: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:  # fmt: skip
    """A new session. A wrong login and a wrong password are answered alike, in the same time."""
    await look(request)
    if comes_from(request) is False:
        raise Forbidden(detail=N_("This form was sent by another site"))
    settings = request.app.state.settings
    secret = await service.sign_in(
        request.app.state.db, somebody(request), login[:200], password[:1000], settings.session_hours, now_utc()
    )
    if secret is None:
        wrong = Invalid(
            errors=[FieldError("wrong_password", "/login",
                               N_("Login and password do not match, or the account is locked"),
                               N_("Try again, after five failures in a quarter of an hour; an administrator can help"))]
        )  # fmt: skip
        _status, problem = refusal(wrong, request)
        values = {"login": login, "next": way_back(next)}
        return render(request, "signing_in/sign_in.html", {"form": _sign_in_form(values, problem)}, block="form",
                      status_code=401)  # fmt: skip
    answer = go_on(request, way_back(next))
    answer.set_cookie(COOKIE, secret, settings.session_hours * 3600, **cookie_options(request))
    return answer


@router.post("/logout")
async def sign_out(page: OnPage) -> Response:
    """End this session."""
    await service.sign_out(page.request.app.state.db, page.who, session_secret(page.request))
    return _out(page)


@router.post("/profile/sign-out-everywhere")
async def sign_out_everywhere(page: OnPage) -> Response:
    """End all sessions of this person."""
    await service.sign_out_everywhere(page.request.app.state.db, page.who)
    return _out(page)


def _out(page: Page) -> Response:
    answer = page.redirect("/login")
    answer.delete_cookie(COOKIE, path="/")
    return answer


def _welcome_form(secret: str, problem: Problem | None = None) -> PageForm:
    return PageForm(
        url=f"/welcome/{secret}", submit=_("Set the password and sign in"), problem=problem,
        fields=(
            Field(name="password", label=_("New password"), kind="password", required=True,
                  hint=_("At least 12 characters; a sentence is good"), autocomplete="new-password"),
        ),
    )  # fmt: skip


@router.get("/welcome/{secret}")
async def welcome_page(request: Request, secret: str) -> Response:
    """Where a new person chooses the first password."""
    await look(request)
    login = await service.welcomed(request.app.state.db, secret, now_utc())
    return render(request, "signing_in/welcome.html", {"form": _welcome_form(secret), "login": login})


@router.post("/welcome/{secret}")
async def welcome(request: Request, secret: str, password: Annotated[str, Form()] = "") -> Response:
    """Set it, once, and sign in."""
    await look(request)
    if comes_from(request) is False:
        raise Forbidden(detail=N_("This form was sent by another site"))
    db, now = request.app.state.db, now_utc()
    login = await service.welcomed(db, secret, now)
    try:
        await service.welcome(db, somebody(request), secret, password, now)
    except Invalid as fault:
        _status, problem = refusal(fault, request)
        return render(request, "signing_in/welcome.html", {"form": _welcome_form(secret, problem), "login": login},
                      block="form", status_code=422)  # fmt: skip
    hours = request.app.state.settings.session_hours
    session = await service.sign_in(db, somebody(request), login, password, hours, now)
    answer = go_on(request, "/")
    if session:
        answer.set_cookie(COOKIE, session, hours * 3600, **cookie_options(request))
    return answer


@router.post("/preferences")
async def preferences(request: Request) -> Response:
    """Language, theme and density, for whoever looks; kept with the account of whoever is signed in."""
    person = await look(request)
    form = await request.form()
    if person is not None:
        await require_own_form(request)
    known = {"language": LANGUAGES, "theme": THEMES, "density": DENSITIES}
    chosen = {name: str(form[name]) for name, values in known.items() if form.get(name) in values}
    if person is not None and chosen:
        who = as_actor(person, request, Kind.PERSON)
        await service.prefer(request.app.state.db, who, **chosen)
    answer = RedirectResponse(way_back(str(form.get("back", "/"))), 303)
    for name, cookie in (("language", LANGUAGE_COOKIE), ("theme", THEME_COOKIE), ("density", DENSITY_COOKIE)):
        if name in chosen:
            answer.set_cookie(cookie, chosen[name], YEAR_SECONDS, **cookie_options(request))
    return answer


def _profile_form(page: Page) -> PageForm:
    values = {
        "language": page.request.state.viewer.language, "zone": page.person.zone, "theme": page.person.theme,
        "density": page.person.density, "shortcuts": page.request.state.viewer.shortcuts,
    }  # fmt: skip
    return PageForm(
        url="/profile", submit=_("Save"), values=values,
        fields=(
            Field(name="language", label=_("Language"), kind="select",
                  options=(Option(value="zh-CN", title="中文"), Option(value="en", title="English"))),
            Field(name="zone", label=_("Time zone"), kind="select", hint=_("All times are shown in this zone"),
                  options=[Option(value=zone, title=zone) for zone in ZONES]),
            Field(name="theme", label=_("Theme"), kind="select",
                  options=(Option(value="auto", title=_("As the system")), Option(value="light", title=_("Light")),
                           Option(value="dark", title=_("Dark")))),
            Field(name="density", label=_("Rows"), kind="select",
                  options=(Option(value="default", title=_("Roomy")), Option(value="compact", title=_("Compact")))),
            Field(name="shortcuts", label=_("Keyboard"), kind="select",
                  hint=_("/ goes to a list's search, j and k to its next and former row; kept in this browser"),
                  options=(Option(value="on", title=_("On")), Option(value="off", title=_("Off")))),
        ),
    )  # fmt: skip


def _password_form(problem: Problem | None = None) -> PageForm:
    return PageForm(
        url="/profile/password", submit=_("Change the password"), problem=problem, id="password-form",
        fields=(
            Field(name="present", label=_("Current password"), kind="password", required=True,
                  autocomplete="current-password"),
            Field(name="password", label=_("New password"), kind="password", required=True,
                  hint=_("At least 12 characters; a sentence is good"), autocomplete="new-password"),
        ),
    )  # fmt: skip


def _profile(page: Page, problem: Problem | None = None, status: int = 200) -> Response:
    context = {"nav": "", "form": _profile_form(page), "password_form": _password_form(problem), "person": page.person}
    return page.render("signing_in/profile.html", context, block="password", status_code=status)


@router.get("/profile")
async def profile(page: OnPage) -> Response:
    """One's own settings."""
    return _profile(page)


@router.post("/profile")
async def save_profile(page: OnPage) -> Response:
    """Keep language, zone, theme, density with the account, whether letters are keys with the browser."""
    form = typed(await page.form())
    known = {"language": LANGUAGES, "theme": THEMES, "density": DENSITIES, "zone": ZONES}
    chosen = {name: str(form[name]) for name, values in known.items() if form.get(name) in values}
    await service.prefer(page.request.app.state.db, page.who, **chosen)
    answer = page.redirect("/profile", Flash(text=_("Saved")))
    if form.get("shortcuts") in SHORTCUTS:
        answer.set_cookie(SHORTCUTS_COOKIE, str(form["shortcuts"]), YEAR_SECONDS, **cookie_options(page.request))
    return answer


@router.post("/profile/password")
async def change_password(page: OnPage) -> Response:
    """A new password; all sessions end, and this one is opened anew."""
    form = await page.form()
    present, wanted = str(form.get("present", ""))[:1000], str(form.get("password", ""))[:1000]
    db, now = page.request.app.state.db, now_utc()
    try:
        await service.change_password(db, page.who, present, wanted, now)
    except Refused as fault:
        status, problem = refusal(fault, page.request)
        return _profile(page, problem, status)
    hours = page.request.app.state.settings.session_hours
    secret = await service.open_session(db, page.who, page.who.id, hours, now)
    answer = page.redirect("/profile", Flash(text=_("The password was changed; your other sessions have ended")))
    if secret:
        answer.set_cookie(COOKIE, secret, hours * 3600, **cookie_options(page.request))
    return answer
