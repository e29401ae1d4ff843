"""Sources of events: how lively each is, which are silent too long, and the form that makes or changes one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from gateway.clients import ServiceRefused
from gateway.pages.asking import Found, Json, ask, segment, together
from gateway.pages.context import OnPage, Page, refusal
from gateway.pages.formats import at, capped, duration, number, since
from gateway.pages.forms import Field, FieldProblem, Form, Option, Problem, seen_version, typed
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Column, Listing, ListQuery, View
from gateway.pages.records import Chip, Fact, Record
from gateway.pages.rendering import Flash
from services.kernel.database import now_utc
from services.kernel.identity import Role
from services.kernel.messages import _, ngettext
from services.kernel.refusals import Forbidden, Refused
from web.charts.hours import beat, day
from web.charts.words import Local

router = APIRouter(include_in_schema=False)

WRITERS = (Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
CODE = re.compile(r"[a-z0-9-]{1,60}")
TAKEN_BY_PAGES = ("new", "import")
HOUR = 3600
MOST_OFFERED = "200"
OPEN = {"open": "true", "sort": "due_at", "limit": "1", "count": "true"}


def liveliness(source: Json) -> str:
    """`heard`, `silent` (longer than it says it would be) or `new` (never anything)."""
    if source["silent"]:
        return "silent"
    return "heard" if source["last_received_at"] else "new"


@router.get("/sources")
async def sources(page: OnPage) -> Response:
    """The list."""
    query = ListQuery.of(page.request)
    rows = await ask(page, "sla", "/sources", query.api_params())
    context = {
        "nav": "sources", "listing": listing_of(page, query, rows), "liveliness": liveliness, "now": now_utc(),
        "beat": beat,
    }  # fmt: skip
    return page.render("sources/list.html", context, block="list")


def listing_of(page: Page, query: ListQuery, rows: Found) -> Listing:
    """The list; what may be made stands beside the title."""
    new = Link(href="/sources/new", title=_("New source"), icon="plus", primary=True)
    load = Link(href="/sources/import", title=_("Import a log"), icon="upload")
    may = page.has(*WRITERS)
    return Listing(
        title=_("Sources"), query=query, rows=rows.rows, next_cursor=rows.next, problem=rows.problem,
        default_sort="code",
        columns=(
            Column(key="name", title=_("Source"), sort="name", kind="title"),
            Column(key="state", title=_("State"), kind="chip"),
            Column(key="last", title=_("Last heard from"), sort="last_received_at", kind="when"),
            Column(key="hours", title=_("Last 24 hours"), optional=True),
            Column(key="silence", title=_("Silent after"), kind="num", optional=True),
            Column(key="agreement", title=_("Agreement"), optional=True),
            Column(key="events", title=_("Events"), kind="num", optional=True),
            Column(key="rejected", title=_("Rejected in 24 h"), kind="num", optional=True),
        ),
        views=(View(title=_("All")), View(title=_("Silent"), filters=(("silent", "true"),))),
        search=_("Code or name"), links=(load, new) if may else (),
        empty=Empty(title=_("No sources yet"), link=new if may else None,
                    text=_("A source is a system that sends events; it names the agreement that judges its tickets.")),
        subtitle=_("Silence is not success: a source that sends nothing leaves clocks running on old facts."),
    )  # fmt: skip


@router.get("/sources/new")
async def new(page: OnPage) -> Response:
    """The form for a new one."""
    _require_writer(page)
    return await _form_page(page, {})


@router.post("/sources/new")
async def make(page: OnPage) -> Response:
    """Make it."""
    _require_writer(page)
    values = typed(await page.form())
    problem = _wrong_code(str(values.get("code") or "")) or _wrong_hours(values)
    if problem is not None:
        return await _form_page(page, values, problem, 422)
    code = str(values["code"])
    try:
        # A version that no source has: where the code exists already it is refused, never replaced.
        await page.services.put("sla", f"/sources/{segment(code)}", _body(values), 0)
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        if status == 412:
            status, problem = 422, _exists(code)
        return await _form_page(page, values, problem.for_people(), status)
    return page.redirect(f"/sources/{code}", Flash(text=_("The source %(name)s was made", name=values["name"])))


@router.get("/sources/{code}/edit")
async def edit(page: OnPage, code: str) -> Response:
    """The form for an existing one."""
    _require_writer(page)
    stored = await page.services.get("sla", f"/sources/{segment(code)}")
    return await _form_page(page, _values(stored), stored=stored)


@router.post("/sources/{code}/edit")
async def change(page: OnPage, code: str) -> Response:
    """Change it."""
    _require_writer(page)
    data = await page.form()
    values = typed(data)
    problem, status = _wrong_hours(values), 422
    if problem is None:
        try:
            await page.services.put("sla", f"/sources/{segment(code)}", _body(values), seen_version(data))
        except (ServiceRefused, Refused) as fault:
            status, problem = refusal(fault, page.request)
        else:
            return page.redirect(f"/sources/{code}", Flash(text=_("Saved")))
    stored = await page.services.get("sla", f"/sources/{segment(code)}")
    return await _form_page(page, values, problem.for_people(), status, stored)


@router.get("/sources/{code}")
async def source(page: OnPage, code: str) -> Response:
    """The record."""
    stored = await page.services.get("sla", f"/sources/{segment(code)}")
    old = await on_old_facts(page, [stored])
    return page.render("sources/source.html", record_context(page, stored, old.get(code)))


def record_context(page: Page, stored: Json, old: Found | None) -> dict[str, Any]:
    """What the record's template names. old: the open clocks, where the source is silent."""
    hours = day(stored["hours"], Local.of(page.person.zone, now_utc()))
    words = clocks_in_words(old) if old else ""
    return {"nav": "sources", "record": record_of(page, stored), "source": stored, "day": hours, "old_clocks": words}


async def on_old_facts(page: Page, rows: Sequence[Json]) -> dict[str, Found]:
    """Of each silent one among these sources the open clocks, counted: they run on what was true when it last spoke."""
    asked = {
        row["code"]: page.services.get("sla", "/clocks", OPEN | {"source": row["code"]})
        for row in rows if row["silent"]
    }  # fmt: skip
    return await together(page, **asked)


def clocks_in_words(old: Found) -> str:
    """How many clocks run on old facts; nothing where none does, or nobody knows."""
    if not old.count:
        return ""
    told = ngettext("%(num)s clock runs on old facts", "%(num)s clocks run on old facts", old.count)
    return told % {"num": capped(old.count)}


def pace_in_words(source: Json) -> str:
    """`平时每 7 分一批`; nothing where there is no habit yet."""
    pace = source["pace_seconds"]
    return _("usually a call every %(time)s", time=duration(pace, units=1, days=True)) if pace else ""


def _require_writer(page: Page) -> None:
    if not page.has(*WRITERS):
        raise Forbidden


def record_of(page: Page, stored: Json) -> Record:
    """The record's head and facts."""
    code, last = stored["code"], stored["last_received_at"]
    allowed = stored["silent_after_seconds"]
    links = (
        Link(href=f"/sources/import?source={code}", title=_("Import a log"), icon="upload"),
        Link(href=f"/sources/{code}/edit", title=_("Edit"), icon="pencil"),
    )  # fmt: skip
    rejected = stored["rejected_24h"]
    return Record(
        title=stored["name"], url=f"/sources/{code}", version=stored["version"], number=code, subtitle=code,
        crumbs=(Link(href="/sources", title=_("Sources")), Link(href="", title=code)),
        chips=(Chip(subject="source", state=liveliness(stored)),), links=links if page.has(*WRITERS) else (),
        facts=(
            Fact(title=_("Agreement"), value=stored["agreement"] or _("named by its events"),
                 href=f"/agreements/{stored['agreement']}" if stored["agreement"] else ""),
            Fact(title=_("Last heard from"), value=at(last) if last else _("never"),
                 note=since(last, now_utc()) if last else "", tone="soon" if stored["silent"] else ""),
            Fact(title=_("Silent after"), value=duration(allowed, days=True) if allowed else _("not watched"),
                 note=pace_in_words(stored)),
            Fact(title=_("Events"), value=number(stored["events"]), href=f"/tickets?source={code}"),
            Fact(title=_("Rejected in 24 h"), value=number(rejected), tone="soon" if rejected else ""),
        ),
    )  # fmt: skip


async def _form_page(
    page: Page, values: Mapping[str, Any], problem: Problem | None = None, status: int = 200,
    stored: Json | None = None,
) -> Response:  # fmt: skip
    agreements = await ask(page, "sla", "/agreements", {"limit": MOST_OFFERED})
    form = Form(
        url=f"/sources/{stored['code']}/edit" if stored else "/sources/new", fields=fields_of(agreements, stored),
        submit=_("Save") if stored else _("Make the source"), values=values, problem=problem,
        version=stored["version"] if stored else None,
        cancel=Link(href=f"/sources/{stored['code']}" if stored else "/sources", title=_("Cancel")),
    )  # fmt: skip
    context = {"nav": "sources", "form": form, "stored": stored}
    return page.render("sources/form.html", context, block="form", status_code=status)


def fields_of(agreements: Found, stored: Json | None) -> list[Field]:
    """The form's fields. stored: the source that is changed, None for a new one."""
    options = [Option(value=row["number"], title=f"{row['title']} · {row['number']}") for row in agreements.rows]
    present = stored["agreement"] if stored else None
    if present and all(option.value != present for option in options):
        options.append(Option(value=present, title=present))
    code = Field(name="code", label=_("Code"), required=True, placeholder="servicedesk",
                 hint=_("Small letters, digits and hyphens; every event names it"))  # fmt: skip
    return [
        *([] if stored else [code]),
        Field(name="name", label=_("Name"), required=True),
        Field(name="agreement", label=_("Agreement"), kind="select", options=options,
              hint=_("Judges tickets whose events name none. Another one judges all of them again.") if stored
              else _("Judges tickets whose events name none")),
        Field(name="silent_after_hours", label=_("Silent after"), kind="decimal", suffix=_("hours"),
              at="/silent_after_seconds", hint=_("Without a word for that long it is shown as silent; empty: never")),
    ]  # fmt: skip


def _values(stored: Json) -> dict[str, Any]:
    allowed = stored["silent_after_seconds"]
    hours = f"{(Decimal(allowed) / HOUR).quantize(Decimal('0.0001')).normalize():f}" if allowed else ""
    return {"name": stored["name"], "agreement": stored["agreement"] or "", "silent_after_hours": hours}


def _hours(values: Mapping[str, Any]) -> Decimal | None:
    """What was typed, in hours. Raises InvalidOperation where it is no number."""
    text = str(values.get("silent_after_hours") or "").replace(",", "")
    return Decimal(text) if text else None


def _wrong_hours(values: Mapping[str, Any]) -> Problem | None:
    try:
        hours = _hours(values)
    except InvalidOperation:
        hours = Decimal(0)
    if hours is None or (hours.is_finite() and 0 < hours <= 366 * 24):
        return None
    return _refused("/silent_after_seconds", _("This is no number of hours"), _("Give one from 0.001 to 8784"))


def _wrong_code(code: str) -> Problem | None:
    if CODE.fullmatch(code) and code not in TAKEN_BY_PAGES:
        return None
    what = _("Fill this in") if not code else _("This is no code of a source")
    return _refused("/code", what, _("Use small letters, digits and hyphens, at most 60"))


def _exists(code: str) -> Problem:
    known = _refused("/code", _("There is a source with this code already"), _("Choose another code, or change it"))
    return replace(known, errors=tuple(replace(error, link=f"/sources/{code}/edit") for error in known.errors))


def _refused(pointer: str, what: str, how: str) -> Problem:
    wrong = FieldProblem(code="bad_value", at=pointer, what=what, how=how)
    return Problem(status=422, type="validation", title=what, errors=(wrong,))


def _body(values: Mapping[str, Any]) -> dict[str, Any]:
    hours = _hours(values)
    return {
        "name": str(values.get("name") or ""), "agreement": str(values.get("agreement") or "") or None,
        "silent_after_seconds": max(1, int(hours * HOUR)) if hours is not None else None,
    }  # fmt: skip
