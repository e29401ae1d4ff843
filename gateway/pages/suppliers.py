"""Suppliers: the list, the record with what hangs on it, the form."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.responses import Response

from gateway.clients import ServiceRefused
from gateway.pages.asking import Found, Json, ask, found, names, segment, today
from gateway.pages.context import OnPage, Page, refusal
from gateway.pages.formats import at_text
from gateway.pages.forms import Field, Form, Option, Problem, seen_version, typed
from gateway.pages.history import History, history, told
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Choice, Column, Listing, ListQuery, View
from gateway.pages.once import create
from gateway.pages.records import Action, Chip, Fact, Record
from gateway.pages.regions import REGIONS, region_name, region_options
from gateway.pages.rendering import Flash, icon
from gateway.pages.rows import after, cells
from gateway.pages.stale import with_stored
from gateway.pages.status import states_of, status_of
from services.kernel.identity import Role
from services.kernel.messages import _
from services.kernel.refusals import Forbidden, NotFound, Refused

router = APIRouter(include_in_schema=False)

SCOPES = ("ITO", "BPO", "KPO")
CONTACT = ("name", "role", "phone", "email")
WRITERS = (Role.PROCUREMENT_OFFICER, Role.PROCUREMENT_MANAGER, Role.ADMINISTRATOR)
PANEL_ROWS = "8"
ACTS = ("screen", "approve", "suspend", "reinstate", "blacklist", "retire")


def _new_link() -> Link:
    return Link(href="/suppliers/new", title=_("Register a supplier"), icon="plus", primary=True)


@router.get("/suppliers")
async def suppliers(page: OnPage) -> Response:
    """The list."""
    query = ListQuery.of(page.request)
    rows = await ask(page, "suppliers", "/suppliers", query.api_params() | {"count": "true"})
    context = {"nav": "suppliers", "listing": _listing(page, query, rows)}
    return page.render("suppliers/list.html", context, block="list")


def _listing(page: Page, query: ListQuery, rows: Found) -> Listing:
    new = _new_link() if page.has(*WRITERS) else None
    return Listing(
        title=_("Suppliers"), query=query, rows=rows.rows, next_cursor=rows.next, count=rows.count,
        problem=rows.problem, default_sort="-created_at",
        columns=(
            Column(key="name", title=_("Supplier"), sort="name", kind="title"),
            Column(key="credit_code", title=_("Unified social credit code"), optional=True),
            Column(key="scope", title=_("Scope"), optional=True),
            Column(key="region", title=_("Region"), optional=True),
            Column(key="state", title=_("State"), sort="state", kind="chip"),
            Column(key="contact", title=_("Contact"), optional=True),
            Column(key="created_at", title=_("Registered"), sort="created_at", kind="when", optional=True),
        ),
        views=(
            View(title=_("All")),
            View(title=_("Awaiting approval"), filters=(("state", "candidate,screened"),)),
            View(title=_("Approved"), filters=(("state", "approved"),)),
            View(title=_("Suspended or blacklisted"), filters=(("state", "suspended,blacklisted"),)),
        ),
        filters=(
            Choice(name="state", title=_("State"), options=states_of("supplier")),
            Choice(name="scope", title=_("Scope"), options=[(scope, scope) for scope in SCOPES]),
            Choice(name="region", title=_("Region"), options=[(code, region_name(code)) for code in REGIONS]),
        ),
        search=_("Name, pinyin initials, code or number"), links=(new,) if new else (),
        empty=Empty(title=_("No suppliers yet"), link=new,
                    text=_("A supplier is registered, screened and approved before contracts with it become active.")),
    )  # fmt: skip


@router.get("/suppliers/new")
async def new_supplier(page: OnPage) -> Response:
    """An empty form with one contact. Refuses Forbidden."""
    if not page.has(*WRITERS):
        raise Forbidden
    return _form_page(page, _form("/suppliers/new", {"contacts.0.name": ""}), None)


@router.post("/suppliers/new")
async def register(page: OnPage) -> Response:
    """A row more or less, or the registration."""
    data = await page.form()
    form = _form("/suppliers/new", typed(data))
    if (again := after(data, form.values, "contacts", CONTACT)) is not None:
        return _form_page(page, _form("/suppliers/new", again), None)
    try:
        record = await create(page, "suppliers", "/suppliers", _body(data))
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        return _form_page(page, replace(form, problem=problem.for_people()), None, status)
    number = record["number"]
    return page.redirect(f"/suppliers/{number}", _saved(record, _("Registered as %(number)s", number=number)))


def _saved(record: Json, text: str) -> Flash:
    """What is said after saving: with a link to a supplier that is called much the same."""
    warnings: Sequence[Json] = record.get("warnings") or ()
    if not warnings:
        return Flash(text=text)
    other = warnings[0]
    return Flash(
        text=_("%(done)s. The name is much like %(name)s", done=text, name=other["legal_name"]), tone="warn",
        href=f"/suppliers/{other['number']}", link=_("Compare"),
    )  # fmt: skip


@router.get("/suppliers/{ident}")
async def supplier(page: OnPage, ident: str) -> Response:
    """The record."""
    return await _record_page(page, ident)


@router.get("/suppliers/{ident}/edit")
async def edit_supplier(page: OnPage, ident: str) -> Response:
    """The form with what is stored. Refuses Forbidden."""
    if not page.has(*WRITERS):
        raise Forbidden
    record = await page.services.get("suppliers", f"/suppliers/{segment(ident)}")
    if "edit" not in record["changes"]:
        words = _("A supplier that is blacklisted or retired is not edited")
        return page.redirect(f"/suppliers/{record['number']}", Flash(text=words, tone="danger"))
    return _form_page(page, _form(_edit_url(record), _values(record), record["version"]), record)


@router.post("/suppliers/{ident}/edit")
async def save_supplier(page: OnPage, ident: str) -> Response:
    """A row more or less, or the change; what somebody else changed meanwhile is shown beside what was typed."""
    path = f"/suppliers/{segment(ident)}"
    data = await page.form()
    record = await page.services.get("suppliers", path)
    form = _form(_edit_url(record), typed(data), seen_version(data))
    if (again := after(data, form.values, "contacts", CONTACT)) is not None:
        return _form_page(page, _form(_edit_url(record), again, seen_version(data)), record)
    try:
        saved = await page.services.patch("suppliers", path, _body(data), seen_version(data))
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        form = replace(form, problem=problem.for_people())
        return _form_page(page, with_stored(form, _values(record), record["version"]), record, status)
    return page.redirect(f"/suppliers/{saved['number']}", _saved(saved, _("Saved")))


@router.post("/suppliers/{ident}/{action}")
async def act(page: OnPage, ident: str, action: str) -> Response:
    """A step of the supplier's life, with its reason."""
    if action not in ACTS:
        raise NotFound
    data = await page.form()
    path = f"/suppliers/{segment(ident)}/{action}"
    reason = str(data.get("reason", "")).strip()
    try:
        record = await page.services.post("suppliers", path, {"reason": reason}, seen_version(data))
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        doing = action if status == 422 else ""
        return await _record_page(page, ident, doing, typed(data), problem.for_people(), status)
    words = _("%(name)s: %(state)s", name=record["short_name"], state=status_of("supplier", record["state"]).label)
    return page.redirect(f"/suppliers/{record['number']}", Flash(text=words))


def _edit_url(record: Json) -> str:
    return f"/suppliers/{record['number']}/edit"


def _values(record: Json) -> dict[str, Any]:
    """What stands in the form's controls."""
    own = {name: record[name] for name in ("legal_name", "short_name", "credit_code", "scope", "region")}
    return own | {
        f"contacts.{place}.{name}": contact.get(name) or ""
        for place, contact in enumerate(record["contacts"])
        for name in CONTACT
    }


def _body(data: FormData) -> dict[str, Any]:
    """The form as the service takes it. An empty name is left out, so that the service asks for it."""
    given = {name: str(data.get(name, "")).strip() for name in ("legal_name", "short_name", "credit_code", "region")}
    body: dict[str, Any] = {name: value for name, value in given.items() if value or name == "credit_code"}
    body["credit_code"] = "".join(body["credit_code"].split())
    body["region"] = given["region"] or None
    body["scope"] = [str(scope) for scope in data.getlist("scope")]
    body["contacts"] = [
        {name: value for name, value in row.items() if value} for row in cells(typed(data), "contacts", CONTACT)
    ]
    return body | ({} if given["legal_name"] else {"legal_name": ""})


def _form(url: str, values: Mapping[str, Any], version: int | None = None) -> Form:
    fields = [
        Field(name="legal_name", label=_("Legal name"), required=True, hint=_("As on the business licence")),
        Field(name="short_name", label=_("Short name"), half=True, hint=_("What people call it; lists show it")),
        Field(name="region", label=_("Region"), kind="select", half=True,
              options=region_options(str(values.get("region") or "")), hint=_("Where it is registered")),
        Field(name="credit_code", label=_("Unified social credit code"), required=True, autocomplete="off",
              hint=_("18 characters; the last is a check digit")),
        Field(name="scope", label=_("Scope"), kind="checkboxes", options=(
            Option(value="ITO", title="ITO", note=_("Information technology outsourcing")),
            Option(value="BPO", title="BPO", note=_("Business process outsourcing")),
            Option(value="KPO", title="KPO", note=_("Knowledge process outsourcing")),
        )),
    ]  # fmt: skip
    titles = {"name": _("Full name"), "role": _("Role"), "phone": _("Phone"), "email": _("E-mail")}
    for place, _row in enumerate(cells(values, "contacts", CONTACT, keep_empty=True)):
        fields += [
            Field(name=f"contacts.{place}.{name}", label=title, line=place, autocomplete="off",
                  kind="email" if name == "email" else "text")
            for name, title in titles.items()
        ]  # fmt: skip
    back = url.removesuffix("/edit") if version is not None else "/suppliers"
    return Form(
        url=url, fields=fields, values=values, version=version, cancel=Link(href=back, title=_("Cancel")),
        submit=_("Save") if version is not None else _("Register"),
    )  # fmt: skip


def _form_page(page: Page, form: Form, record: Json | None, status: int = 200) -> Response:
    context = {"nav": "suppliers", "form": form, "record": record}
    return page.render("suppliers/form.html", context, block="form", status_code=status)


async def _record_page(
    page: Page, ident: str, doing: str = "", values: Any = None, problem: Problem | None = None, status: int = 200
) -> Response:  # fmt: skip
    own = {"supplier": ident, "limit": PANEL_ROWS}
    record, contracts, agreements = await page.services.all(
        page.services.get("suppliers", f"/suppliers/{segment(ident)}"),
        page.services.get("contracts", "/contracts", own | {"sort": "to"}),
        page.services.get("sla", "/agreements", own),
    )
    if isinstance(record, BaseException):
        raise record
    past = await _past(page, record)
    shown = replace(_record(page, record, past), doing=doing or page.request.query_params.get("do", ""),
                    values=values, problem=problem)  # fmt: skip
    context = {
        "nav": "suppliers", "record": shown, "supplier": record, "contracts": found(page, contracts),
        "agreements": found(page, agreements), "today": today(page),
        "owners": await names(page, [row["owner"] for row in found(page, contracts).rows]),
        "drafts": page.has(*WRITERS) and record["state"] not in ("blacklisted", "retired"),
    }  # fmt: skip
    return page.render("suppliers/record.html", context, status_code=status)


async def _past(page: Page, record: Json) -> History:
    """The timeline, which is the staff's own."""
    if page.who.is_supplier:
        return History(None)
    (trail,) = await page.services.all(history(page, "suppliers", record["id"]))
    return await told(page, trail, record["number"])


def _record(page: Page, record: Json, past: History) -> Record:
    number = record["number"]
    edit = Link(href=_edit_url(record), title=_("Edit"), icon="pencil")
    return Record(
        title=record["legal_name"], url=f"/suppliers/{number}", version=record["version"], number=number,
        crumbs=((Link(href="/suppliers", title=_("Suppliers")),) if not page.who.is_supplier else ())
        + (Link(href="", title=number),),
        chips=(Chip(subject="supplier", state=record["state"]),), subtitle=_subtitle(page, record),
        links=(edit,) if "edit" in record["changes"] else (), actions=_actions(record["actions"]),
        facts=_facts(record), timeline=past.entries, history_link=past.link,
    )  # fmt: skip


def _subtitle(page: Page, record: Json) -> str:
    since = _("Registered %(at)s", at=at_text(record["created_at"], zone=page.person.zone))
    return f"{since} · {record['state_reason']}" if record["state_reason"] and not page.who.is_supplier else since


def _facts(record: Json) -> list[Fact]:
    checked = Markup('{} <span class="good check">{}{}</span>').format(
        record["credit_code"], icon("check", 14), _("check digit matches")
    )
    first = record["contacts"][0]["name"] if record["contacts"] else "—"
    return [
        Fact(title=_("Unified social credit code"), value=checked),
        Fact(title=_("Short name"), value=record["short_name"]),
        Fact(title=_("Scope"), value=_(", ").join(record["scope"]) or "—"),
        Fact(title=_("Region"), value=region_name(record["region"])),
        Fact(title=_("Contact"), value=first),
    ]


def _actions(allowed: Sequence[str]) -> list[Action]:
    """Each with its reason; the one that leads on is the main one."""
    why = (Field(name="reason", label=_("Reason"), kind="textarea", required=True),)
    known = (
        Action(name="screen", title=_("Pass the screening"), fields=why, primary=True,
               effect=_("It can then be approved.")),
        Action(name="approve", title=_("Approve"), fields=why, primary=True,
               effect=_("Contracts with it can then become active.")),
        Action(name="reinstate", title=_("Reinstate"), fields=why, primary=True,
               effect=_("A suspended supplier is approved again; a blacklisted one is to be approved anew.")),
        Action(name="suspend", title=_("Suspend"), fields=why,
               effect=_("No contract with it becomes active until it is reinstated; running ones go on.")),
        Action(name="retire", title=_("Retire"), fields=why, danger=True,
               effect=_("It is kept for the record and not used again.")),
        Action(name="blacklist", title=_("Blacklist"), fields=why, danger=True,
               effect=_("No contract with it becomes active; running ones go on.")),
    )  # fmt: skip
    return [action for action in known if action.name in allowed]
