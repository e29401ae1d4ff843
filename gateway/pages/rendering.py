"""Pages out of templates: the environment, the viewer, whole pages and fragments, assets with their content's hash.

A fragment is sent if and only if htmx asks for one (`HX-Request-Type: partial`); a boosted link, a restored history
entry and a browser without script get the whole page of the same template.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2_fragments import render_block
from markupsafe import Markup
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gateway.pages import formats
from gateway.pages.endings import ending
from gateway.pages.navigation import Group
from gateway.pages.regions import region_name
from gateway.pages.results import lowest, period_href
from gateway.pages.roles import role_name, role_options
from gateway.pages.status import Status, status_of
from services.kernel.messages import current_language, gettext, language_of, ngettext, pgettext, use_locale
from services.kernel.refusals import Unavailable

WEB = Path(__file__).resolve().parents[2] / "web"
TEMPLATES, STATIC = WEB / "templates", WEB / "static"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
VARY = "HX-Request, HX-Request-Type, Cookie, Accept-Language"
THEMES = ("auto", "light", "dark")
DENSITIES = ("default", "compact")
SHORTCUTS = ("on", "off")
THEME_COOKIE, DENSITY_COOKIE, SHORTCUTS_COOKIE = "heyue_theme", "heyue_density", "heyue_shortcuts"

# In the order in which they use each other: a macro sees the globals that stood when its file was loaded.
COMPONENTS = (
    "basics", "form", "list", "record", "chain",
    "clock/panel", "clock/ledger", "clock/small", "clock/drill", "clock/year", "clock/held",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Flash:
    """One message after a redirect. tone: `ok` or `danger`."""

    text: str
    tone: str = "ok"
    href: str = ""
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Who looks at the page, and how: set by the session's middleware as `request.state.viewer`.

    name: empty when nobody is signed in. navigation: the entries this person may use. csrf: the session's token.
    shortcuts: whether single letters are keys, chosen for this browser.
    """

    name: str = ""
    language: str = "zh-CN"
    zone: str = formats.DEFAULT_ZONE
    theme: str = "auto"
    density: str = "default"
    shortcuts: str = "on"
    csrf: str = ""
    navigation: tuple[Group, ...] = ()
    supplier: str = ""
    flash: Flash | None = None


NOBODY = Viewer()
_viewer: ContextVar[Viewer] = ContextVar("viewer", default=NOBODY)


def current_viewer() -> Viewer:
    """Who looks at the page being rendered."""
    return _viewer.get()


def anonymous(request: Request) -> Viewer:
    """Nobody signed in: the language that the browser asks for; theme, density and shortcuts as once chosen."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    density = request.cookies.get(DENSITY_COOKIE, "default")
    shortcuts = request.cookies.get(SHORTCUTS_COOKIE, "on")
    return Viewer(
        language=language_of(request.headers.get("Accept-Language")),
        theme=theme if theme in THEMES else "auto",
        density=density if density in DENSITIES else "default",
        shortcuts=shortcuts if shortcuts in SHORTCUTS else "on",
    )


@lru_cache(maxsize=256)
def asset(name: str) -> str:
    """The URL of a static file with its content's hash, so that it may be cached for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"


@lru_cache(maxsize=512)
def icon(name: str, size: int = 16) -> Markup:
    """An icon of the sprite, decoration only: the words stand beside it."""
    return Markup(
        '<svg class="icon" width="{0}" height="{0}" aria-hidden="true" focusable="false"><use href="{1}#{2}"/></svg>'
    ).format(size, asset("vendor/icons.svg"), name)


def csrf_field() -> Markup:
    """What a form without script needs hidden: the session's token, and a word of its own (`once`)."""
    field = Markup('<input type="hidden" name="{}" value="{}">')
    return field.format("csrf", current_viewer().csrf) + field.format("once", uuid4().hex)


def status(subject: str, state: str) -> Status:
    """The look and name of a state, for the chip."""
    return status_of(subject, state)


def build_environment(*folders: Path) -> Environment:
    """The environment of all pages: everything escaped, nothing undefined let through, components as globals.

    folders: where further templates lie (the tests' own).
    """
    environment = Environment(
        loader=FileSystemLoader([TEMPLATES, *folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]  # added by the i18n extension
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals.update(
        asset=asset, icon=icon, csrf_field=csrf_field, status=status, viewer=current_viewer, language=current_language,
        zone=formats.current_zone, local=formats.local, ending=ending, region_name=region_name,
        period_href=period_href, lowest=lowest, role_options=role_options,
    )  # fmt: skip
    for helper in (
        formats.at, formats.at_text, formats.short_at, formats.day, formats.day_text, formats.weekday,
        formats.month_text, formats.days_left, formats.since, formats.duration, formats.money, formats.money_short,
        formats.share, formats.rate, formats.number, formats.capped,
    ):  # fmt: skip
        environment.filters[helper.__name__] = helper
    environment.filters["role_name"] = role_name
    for name in COMPONENTS:
        module = environment.get_template(f"components/{name}.html").module
        environment.globals.update({key: value for key, value in vars(module).items() if not key.startswith("_")})
    return environment


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The one environment of this process."""
    return build_environment()


def wants_fragment(request: Request) -> bool:
    """True where htmx will swap a part of the page, and only then."""
    return request.headers.get("HX-Request-Type") == "partial"


def render_text(
    template: str,
    context: Mapping[str, Any],
    viewer: Viewer,
    blocks: Sequence[str] = (),
    templates: Environment | None = None,
) -> str:
    """The page as text, or only its `blocks`, one after the other. templates: others than this process's own."""
    pages = templates or environment()
    token = _viewer.set(viewer)
    try:
        with use_locale(viewer.language), formats.use_zone(viewer.zone):
            if blocks:
                return "".join(render_block(pages, template, block, **context) for block in blocks)
            return pages.get_template(template).render(**context)
    finally:
        _viewer.reset(token)


def render(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    block: str | Sequence[str] | None = None,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The page, or its `block` (several: main part and others out of band) where htmx asks for a fragment.

    context: what the template names; `nav` in it says which entry of the shell is current. The answer varies by the
    headers that decide what is sent: otherwise a browser's Back would show a bare fragment.
    """
    viewer: Viewer = getattr(request.state, "viewer", None) or anonymous(request)
    blocks = (block,) if isinstance(block, str) else tuple(block or ())
    shell = {"nav": "", "request_id": getattr(request.state, "request_id", ""), "here": here(request.url)}
    text = render_text(template, shell | dict(context), viewer, blocks if wants_fragment(request) else ())
    sent = {"Vary": VARY, "Cache-Control": "no-store", "Content-Language": viewer.language} | SECURITY_HEADERS
    if status_code == Unavailable.status:
        sent |= Unavailable().headers  # when to ask again, as the API says it
    return HTMLResponse(text, status_code, sent | dict(headers or {}))


def here(url: URL) -> str:
    """This page's path and query, for the way back from the preferences."""
    return f"{url.path}?{url.query}" if url.query else url.path


class HashedFiles(StaticFiles):
    """Static files: those asked for with their content's hash may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        hashed = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def mount_static(app: FastAPI) -> None:
    """Serve `web/static` under /static."""
    app.mount("/static", HashedFiles(directory=STATIC), name="static")
