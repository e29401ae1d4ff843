"""Calendars: the list, the year on one page, and the form that shows what a change would move before it is saved."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from gateway.clients import ServiceRefused
from gateway.pages.asking import MOST, names
from gateway.pages.calendar_form import CalendarForm, Faults, WeekRow
from gateway.pages.calendar_words import changed_days, changes, week_words
from gateway.pages.context import OnPage, Page, refusal
from gateway.pages.formats import local
from gateway.pages.forms import Problem
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Column, Listing, ListQuery
from gateway.pages.once import create
from gateway.pages.rendering import Flash
from gateway.pages.signing_in import ZONES
from services.kernel.database import now_utc
from services.kernel.identity import Role
from services.kernel.messages import _
from services.kernel.refusals import Forbidden, Refused
from web.charts.year import calendar_year, week_of

router = APIRouter(include_in_schema=False)
Json = Mapping[str, Any]

WRITERS = (Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
FIRST_YEAR, LAST_YEAR = 1970, 2199
SHOWN_MOVERS = 10
SHOWN_VERSIONS = 12


@router.get("/calendars")
async def calendars(page: OnPage) -> Response:
    """The list."""
    query = ListQuery.of(page.request)
    rows: Sequence[Json] = ()
    next_cursor, problem = None, None
    try:
        found = await page.services.get("sla", "/calendars", query.api_params())
        rows, next_cursor = found["items"], found["next"]
    except (ServiceRefused, Refused) as fault:
        _status, problem = refusal(fault, page.request)
    new = Link(href="/calendars/new", title=_("New calendar"), icon="plus", primary=True)
    may_write = page.has(*WRITERS)
    listing = Listing(
        title=_("Calendars"), query=query, rows=rows, next_cursor=next_cursor, problem=problem, default_sort="code",
        columns=(
            Column(key="name", title=_("Calendar"), sort="name", kind="title"),
            Column(key="zone", title=_("Time zone"), optional=True),
            Column(key="known_until", title=_("Public holidays known until"), kind="when"),
            Column(key="version", title=_("Version"), kind="num"),
            Column(key="updated_at", title=_("Changed"), sort="updated_at", kind="when", optional=True),
        ),
        search=_("Code or name"), links=(new,) if may_write else (),
        empty=Empty(
            title=_("No calendars yet"), link=new if may_write else None,
            text=_("A calendar says when clocks run: weeks, holidays, make-up workdays."),
        ),
    )  # fmt: skip
    context = {"nav": "calendars", "listing": listing, "today": local(now_utc()).date()}
    return page.render("calendars/list.html", context, block="list")


@router.get("/calendars/new")
async def new_calendar(page: OnPage) -> Response:
    """An empty form. Refuses Forbidden."""
    _require_writer(page)
    year = local(now_utc()).year
    week = WeekRow("", ("09:00–18:00",) * 5 + ("", ""))
    form = CalendarForm(year, "", "", page.person.zone, "", (week,), ())
    return _form_page(page, _Edit(form=form, url="/calendars/new", stored=None))


@router.post("/calendars/new")
async def create_calendar(page: OnPage) -> Response:
    """A row more or less, or the new calendar. Refuses Forbidden."""
    _require_writer(page)
    posted = await page.form()
    form = CalendarForm.of_form(posted, local(now_utc()).year)
    edit = _Edit(form=form, url="/calendars/new", stored=None)
    button = str(posted.get("do", "save"))
    if button != "save":
        return _form_page(page, edit.with_form(form.after(button)))
    if twice := form.twice(None):
        return _form_page(page, edit.refused(422, _own_problem(page, twice)))
    body = {"code": form.code, "name": form.name, **form.text(None)}
    try:
        record = await create(page, "sla", "/calendars", body)
    except (ServiceRefused, Refused) as fault:
        return _form_page(page, edit.refused(*refusal(fault, page.request)))
    words = _("The calendar %(code)s was created") % {"code": record["code"]}
    return page.redirect(f"/calendars/{record['code']}", Flash(text=words))


def _require_writer(page: Page) -> None:
    if not page.has(*WRITERS):
        raise Forbidden


@router.get("/calendars/{code}")
async def calendar_page(page: OnPage, code: str, year: int | None = None, version: int | None = None) -> Response:
    """The year on one page; an earlier version where one is named."""
    path = f"/calendars/{quote(code, safe='')}"
    record, texts = await page.services.all(
        page.services.get("sla", path), page.services.get("sla", f"{path}/versions", MOST)
    )
    if isinstance(record, BaseException):
        raise record
    now = now_utc()
    today = local(now, record["zone"]).date()
    versions = [] if isinstance(texts, BaseException) else texts["items"]
    shown = next((text for text in versions if text["version"] == version), None)
    chosen = _year(record, year)
    text = record | shown if shown else record
    extra = f"&version={version}" if shown else ""
    links = [
        Link(href=f"{path}?year={chosen - 1}{extra}", title=f"‹ {chosen - 1}"),
        Link(href=f"{path}?year={chosen + 1}{extra}", title=f"{chosen + 1} ›"),
    ]
    if "replace" in record["changes"] and not (shown and shown["version"] != record["version"]):
        links.append(Link(href=f"{path}/edit?year={chosen}", title=_("Edit"), icon="pencil"))
    context = {
        "nav": "calendars", "calendar": text, "record": record, "links": links, "year": chosen, "path": path,
        "shown": calendar_year(text, chosen, today), "week": week_of(text, today), "words": week_words(text, today),
        "people": await names(page, (one["made_by"] for one in versions)),
        "versions": version_rows(versions), "is_present": text["version"] == record["version"],
        "versions_problem": _problem_of(texts, page),
    }  # fmt: skip
    return page.render("calendars/year.html", context)


def _year(calendar: Json, asked: int | None) -> int:
    """The year to show: the present one of the calendar's zone where none is asked for."""
    return min(max(asked or local(now_utc(), calendar["zone"]).year, FIRST_YEAR), LAST_YEAR)


def _problem_of(fault: object, page: Page) -> Problem | None:
    return refusal(fault, page.request)[1] if isinstance(fault, ServiceRefused | Refused) else None


@dataclass(frozen=True)
class VersionRow:
    """A version and what it says otherwise than the one before. frozen: closed periods that it judged for good."""

    version: int
    made_by: str
    made_at: str
    frozen: int
    changes: Sequence[Any]


def version_rows(versions: Sequence[Json]) -> list[VersionRow]:
    """The latest first, as the service gives them."""
    before = {text["version"]: text for text in versions}
    return [
        VersionRow(
            text["version"], text["made_by"], text["made_at"], text["frozen_periods"],
            changes(before[text["version"] - 1], text) if text["version"] - 1 in before else (),
        )
        for text in versions[:SHOWN_VERSIONS]
    ]  # fmt: skip


@dataclass(frozen=True)
class _Edit:
    """The state of the form's page. stored: the text that is changed, none for a new calendar."""

    form: CalendarForm
    url: str
    stored: Json | None
    status: int = 200
    problem: Problem | None = None
    preview: Json | None = None
    again: bool = False

    def with_form(self, form: CalendarForm) -> "_Edit":
        return _Edit(form=form, url=self.url, stored=self.stored)

    def refused(self, status: int, problem: Problem) -> "_Edit":
        return _Edit(form=self.form, url=self.url, stored=self.stored, status=status, problem=problem)

    def seen(self, preview: Json, again: bool) -> "_Edit":
        return _Edit(form=self.form.sorted(), url=self.url, stored=self.stored, preview=preview, again=again)


@router.get("/calendars/{code}/edit")
async def edit_calendar(page: OnPage, code: str, year: int | None = None) -> Response:
    """The form with the stored text. Refuses Forbidden."""
    _require_writer(page)
    record = await page.services.get("sla", f"/calendars/{quote(code, safe='')}")
    chosen = _year(record, year)
    form = CalendarForm.of_text(record, chosen)
    return _form_page(page, _Edit(form=form, url=_edit_url(record["code"], chosen), stored=record))


@router.post("/calendars/{code}/edit")
async def save_calendar(page: OnPage, code: str, year: int | None = None) -> Response:
    """A row more or less; what would move; or the next version, once its preview has been seen. Refuses Forbidden."""
    _require_writer(page)
    path = f"/calendars/{quote(code, safe='')}"
    stored = await page.services.get("sla", path)
    posted = await page.form()
    chosen = _year(stored, year)
    form = CalendarForm.of_form(posted, chosen)
    edit = _Edit(form=form, url=_edit_url(code, chosen), stored=stored)
    button = str(posted.get("do", "preview"))
    if button not in ("preview", "save"):
        return _form_page(page, edit.with_form(form.after(button)))
    seen = str(posted.get("version", ""))
    if seen != str(stored["version"]):
        return _form_page(page, edit.refused(412, _stale(page, stored)))
    if twice := form.twice(stored):
        return _form_page(page, edit.refused(422, _own_problem(page, twice)))
    text = form.text(stored)
    try:
        if button == "save" and posted.get("previewed") == _print(text, form.name):
            body = text | {"name": form.name or None}
            saved = await page.services.put("sla", path, body, stored["version"])
            words = _("Version %(version)s was saved; it judges everything that is not frozen")
            words %= {"version": saved["version"]}
            return page.redirect(f"{path}?year={chosen}", Flash(text=words))
        preview = await page.services.post("sla", f"{path}/preview", text)
    except (ServiceRefused, Refused) as fault:
        return _form_page(page, edit.refused(*refusal(fault, page.request)))
    return _form_page(page, edit.seen(preview, button == "save"))


def _edit_url(code: str, year: int) -> str:
    return f"/calendars/{quote(code, safe='')}/edit?year={year}"


def _print(text: Json, name: str) -> str:
    """A fingerprint of what was previewed, so that nothing else is saved by the same button."""
    return hashlib.sha256(msgspec.json.encode([text, name], order="deterministic")).hexdigest()


def _own_problem(page: Page, errors: Sequence[Any]) -> Problem:
    title, request_id = _("The request is not valid"), page.request.state.request_id
    return Problem(status=422, type="validation", title=title, errors=errors, request_id=request_id)


def _stale(page: Page, stored: Json) -> Problem:
    return Problem(
        status=412, type="stale", title=_("The calendar was changed meanwhile"), version=stored["version"],
        detail=_("It is at version %(version)s now. Open the form again and repeat your change.")
        % {"version": stored["version"]},
        request_id=page.request.state.request_id,
    )  # fmt: skip


def _form_page(page: Page, edit: _Edit) -> Response:
    form, stored = edit.form, edit.stored
    today = local(now_utc(), stored["zone"] if stored else None).date()
    context: dict[str, Any] = {
        "nav": "calendars", "form": form, "url": edit.url, "stored": stored, "problem": edit.problem,
        "faults": Faults(edit.problem, form), "zones": ZONES, "preview": None, "shown": None, "again": edit.again,
        "version": stored["version"] if stored else None,
    }  # fmt: skip
    if edit.preview is not None and stored is not None:
        context |= _preview_context(form, stored, edit.preview, today)
    return page.render("calendars/edit.html", context, block="edit", status_code=edit.status)


def _preview_context(form: CalendarForm, stored: Json, preview: Json, today: date) -> dict[str, Any]:
    text = form.text(stored)
    after = dict(stored) | text | {"name": form.name or stored["name"]}
    return {
        "preview": preview, "changes": changes(stored, after), "previewed": _print(text, form.name),
        "shown": calendar_year(after, form.year, today, set(changed_days(stored, after))),
        "week": week_of(after, today),
        "movers": [Mover.of(one) for one in preview["first"][:SHOWN_MOVERS]],
        "rest": max(0, sum(preview["clocks"].values()) + sum(preview["breaches"].values()) - SHOWN_MOVERS),
    }  # fmt: skip


@dataclass(frozen=True)
class Mover:
    """A cycle that would be otherwise. before, after: the instant that decides, none where there is none."""

    href: str
    ticket: str
    target: str
    move: str
    before: datetime | None
    after: datetime | None

    @classmethod
    def of(cls, found: Json) -> "Mover":
        """From the preview's JSON: breaches by their instant, other cycles by their due time."""
        key = "breached_at" if found["move"].startswith("breach") else "due_at"
        source, ticket = quote(found["source"], safe=""), quote(found["ticket"], safe="")
        before, after = found["before"][key], found["after"][key]
        return cls(
            f"/tickets/{source}/{ticket}", found["ticket"], found["target"], found["move"],
            datetime.fromisoformat(before) if before else None, datetime.fromisoformat(after) if after else None,
        )  # fmt: skip
