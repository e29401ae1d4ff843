"""Contracts: the list with its sum, the record with what hangs on it, its actions."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from gateway.clients import ServiceRefused
from gateway.pages.asking import Found, Json, ask, found, names, problem_of, segment, today
from gateway.pages.chain import Results, Station, rail, results_of
from gateway.pages.context import OnPage, Page, refusal
from gateway.pages.endings import SOON_DAYS, ending
from gateway.pages.formats import at_text, day, day_text, money
from gateway.pages.forms import Field, FieldProblem, Problem, seen_version, typed
from gateway.pages.history import History, history, told
from gateway.pages.links import Empty, Link
from gateway.pages.lists import SUM, Choice, Column, DateRange, Listing, ListQuery, View
from gateway.pages.once import create
from gateway.pages.picking import as_option, owner_field, owner_options
from gateway.pages.records import Action, Chip, Fact, Record
from gateway.pages.rendering import Flash
from gateway.pages.status import STATUS_TONE, status_of
from services.kernel.identity import Role
from services.kernel.messages import _
from services.kernel.refusals import NotFound, Refused

router = APIRouter(include_in_schema=False)

TYPES = ("ITO", "BPO", "KPO")
WRITERS = (Role.PROCUREMENT_OFFICER, Role.PROCUREMENT_MANAGER, Role.ADMINISTRATOR)
ACTS = ("activate", "end", "discard", "change-owner", "copy")
LISTED_ONLY = ("cursor", "limit", "sort", "count")


@router.get("/contracts")
async def contracts(page: OnPage) -> Response:
    """The list."""
    query = ListQuery.of(page.request)
    params = query.api_params()
    rows = await ask(page, "contracts", "/contracts", params | {"count": "true"})
    owners = await names(page, [row["owner"] for row in rows.rows])
    listing = replace(_listing(page, query, rows), summary=await _sum(page, query) if rows.rows else "")
    context = {"nav": "contracts", "listing": listing, "today": today(page), "owners": owners}
    return page.render("contracts/list.html", context, block="list")


async def _sum(page: Page, query: ListQuery) -> str | Markup:
    """The value of the whole filtered list, once it is asked for; before, the link that asks."""
    if not query.get(SUM):
        return Markup('<a href="{}">{}</a>').format(query.href(sum="true"), _("Sum of the values"))
    narrowed = {name: value for name, value in query.api_params().items() if name not in LISTED_ONLY}
    try:
        sums = await page.services.get("contracts", "/contract-sums", narrowed)
    except (ServiceRefused, Refused) as fault:
        return refusal(fault, page.request)[1].title
    amounts = Markup(" + ").join(Markup("<strong>{}</strong>").format(money(amount)) for amount in sums["items"])
    return Markup("{} {}").format(_("Sum of the values"), amounts or "—")


def _listing(page: Page, query: ListQuery, rows: Found) -> Listing:
    new = Link(href="/contracts/new", title=_("New contract"), icon="plus", primary=True)
    may_write = page.has(*WRITERS)
    views = [
        View(title=_("All")),
        View(title=_("Active"), filters=(("state", "active"),)),
        View(title=_("Ending within 90 days"), filters=(("ends_within_days", str(SOON_DAYS)),)),
        View(title=_("Ended"), filters=(("state", "ended"),)),
    ]
    if not page.who.is_supplier:
        views.insert(2, View(title=_("Drafts"), filters=(("state", "draft"),)))
        views.insert(1, View(title=_("Mine"), filters=(("owner", page.person.name),)))
    states = [(state, STATUS_TONE["contract"][state].label) for state in ("draft", "active", "ended")]
    empty = Empty(
        title=_("No contracts yet"), text=_("A contract ties a supplier, its price and its agreements together."),
        link=new if may_write else None,
    )  # fmt: skip
    return Listing(
        title=_("Contracts"), query=query, rows=rows.rows, next_cursor=rows.next, count=rows.count,
        problem=rows.problem, default_sort="-created_at",
        columns=(
            Column(key="title", title=_("Contract"), sort="title", kind="title"),
            Column(key="supplier", title=_("Supplier"), sort="supplier", optional=True),
            Column(key="state", title=_("State"), sort="state", kind="chip"),
            Column(key="to", title=_("Ends"), sort="to", kind="when"),
            Column(key="value", title=_("Value"), sort="value", kind="num", optional=True),
            Column(key="owner", title=_("Owner"), optional=True),
        ),
        views=views,
        filters=(
            Choice(name="state", title=_("State"), options=states),
            Choice(name="type", title=_("Type"), options=[(kind, kind) for kind in TYPES]),
            DateRange(name="to", title=_("Ends")),
        ),
        search=_("Number, title, supplier or owner"), links=(new,) if may_write else (), empty=empty,
        hidden=frozenset({"supplier"}) if page.who.is_supplier or query.get("supplier") else frozenset(),
    )  # fmt: skip


@router.get("/contracts/{ident}")
async def contract(page: OnPage, ident: str) -> Response:
    """The record."""
    return await _record_page(page, ident)


@router.post("/contracts/{ident}/{action}")
async def act(page: OnPage, ident: str, action: str) -> Response:
    """Activate, end, discard, change the owner, copy."""
    if action not in ACTS:
        raise NotFound
    data = await page.form()
    if data.get("find") == "owner":
        return await _record_page(page, ident, action, typed(data))
    try:
        return await _done(page, segment(ident), action, typed(data), seen_version(data))
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        doing = action if status == 422 else ""
        return await _record_page(page, ident, doing, typed(data), problem.for_people(), status)


async def _done(page: Page, ident: str, action: str, values: Mapping[str, Any], version: int) -> Response:
    path = f"/contracts/{ident}"
    if action == "discard":
        await page.services.delete("contracts", path, version)
        return page.redirect("/contracts", Flash(text=_("The draft was discarded")))
    if action == "copy":
        made = await create(page, "contracts", f"{path}/copy")
        number = made["number"]
        return page.redirect(f"/contracts/{number}/edit", Flash(text=_("Copied as %(number)s", number=number)))
    if action == "change-owner":
        record = await page.services.patch("contracts", path, {"owner": values.get("owner") or ""}, version)
        return page.redirect(f"/contracts/{record['number']}", Flash(text=_("The owner was changed")))
    reason = {"reason": values["reason"]} if action == "end" and values.get("reason") else {}
    record = await page.services.post("contracts", f"{path}/{action}", reason, version)
    words = _("%(name)s: %(state)s", name=record["title"], state=status_of("contract", record["state"]).label)
    return page.redirect(f"/contracts/{record['number']}", Flash(text=words))


async def _record_page(
    page: Page, ident: str, doing: str = "", values: Any = None, problem: Problem | None = None, status: int = 200
) -> Response:  # fmt: skip
    # Two rounds: what needs only the number in the address, then what needs the answers.
    record, agreements = await page.services.all(
        page.services.get("contracts", f"/contracts/{segment(ident)}"),
        page.services.get("sla", "/agreements", {"contract": ident, "limit": "20"}),
    )
    if isinstance(record, BaseException):
        raise record
    known = [] if problem_of(page, agreements) else agreements["items"]
    results, past, people = await asyncio.gather(
        results_of(page, known), _past(page, record), names(page, [record["owner"]])
    )
    doing = doing or page.request.query_params.get("do", "")
    sought = str((values or {}).get("owner_q", "")) if doing == "change-owner" else ""
    owners = await owner_options(page, sought) if sought else [as_option(*person) for person in people.items()]
    shown = replace(_record(page, record, past, people), actions=_actions(record, owners), doing=doing,
                    values=values or {"owner": record["owner"]}, problem=_mended(problem, record))  # fmt: skip
    context = {
        "nav": "contracts", "record": shown, "contract": record, "agreements": found(page, agreements),
        "results": results, "stations": _stations(page, record, found(page, agreements), results),
        "today": today(page), "at_most": _at_most,
        "current": _current(record["terms"], today(page)) if record["state"] == "active" else None,
        "agrees": page.has(Role.SERVICE_MANAGER, Role.ADMINISTRATOR) and record["state"] != "ended",
    }  # fmt: skip
    return page.render("contracts/record.html", context, status_code=status)


async def _past(page: Page, record: Json) -> History:
    """The timeline, which is the staff's own."""
    if page.who.is_supplier:
        return History(None)
    (trail,) = await page.services.all(history(page, "contracts", record["id"]))
    return await told(page, trail, record["number"])


def _mended(problem: Problem | None, record: Json) -> Problem | None:
    """What concerns the contract's own terms is mended in its form."""
    if problem is None:
        return None
    edit = f"/contracts/{record['number']}/edit"
    errors = [replace(e, link=edit) if e.code == "terms_missing" else e for e in problem.errors]
    return replace(problem, errors=tuple[FieldProblem, ...](errors))


def _stations(page: Page, record: Json, agreements: Found, results: Results) -> Sequence[Station]:
    return () if agreements.problem else rail(page, record, agreements.rows, results)


def _record(page: Page, record: Json, past: History, people: Mapping[str, str]) -> Record:
    number, drafted = record["number"], at_text(record["created_at"], zone=page.person.zone)
    edit = Link(href=f"/contracts/{number}/edit", title=_("Edit"), icon="pencil")
    return Record(
        title=record["title"], url=f"/contracts/{number}", version=record["version"], number=number,
        crumbs=(Link(href="/contracts", title=_("Contracts")), Link(href="", title=number)),
        chips=(Chip(subject="contract", state=ending(record, today(page)).state),),
        subtitle=_("%(type)s · drafted %(at)s", type=record["type"], at=drafted),
        links=(edit,) if "edit" in record["changes"] else (), facts=_facts(page, record, people),
        timeline=past.entries, history_link=past.link,
    )  # fmt: skip


def _facts(page: Page, record: Json, people: Mapping[str, str]) -> list[Fact]:
    supplier, present = record["supplier"], today(page)
    state, end = supplier.get("state", "approved"), ending(record, present)
    note = _("ended %(day)s", day=day_text(record["ended_on"])) if record["ended_on"] else end.note
    term = _current(record["terms"], present)
    facts = [
        Fact(title=_("Supplier"), value=supplier["legal_name"], href=f"/suppliers/{supplier['number']}",
             note="" if state == "approved" else status_of("supplier", state).label),
        Fact(title=_("Value"), value=money(record["value"])),
        Fact(title=_("Term"), value=Markup("{} – {}").format(day(record["from"]), day(record["to"])),
             note=Markup('<span class="{}">{}</span>').format(end.tone, note) if note else ""),
        Fact(title=_("Owner"), value=people.get(record["owner"], record["owner"])),
    ]  # fmt: skip
    if term is not None:
        facts.append(Fact(title=_("Monthly charge"), value=money(term["monthly_charge"])))
    return facts


def _at_most(term: Json) -> dict[str, str]:
    """The most that a month's credits can come to: the charge times the share at risk."""
    charge = term["monthly_charge"]
    most = (Decimal(charge["amount"]) * Decimal(term["at_risk_share"])).quantize(Decimal("0.01"))
    return {"amount": str(most), "currency": charge["currency"]}


def _current(terms: Sequence[Json], present: date) -> Json | None:
    """The terms that hold on that day; before the first, those to come."""
    past = [term for term in terms if date.fromisoformat(term["from"]) <= present]
    return past[-1] if past else terms[0] if terms else None


def _actions(record: Json, owners: Sequence[Any]) -> list[Action]:
    why = Field(name="reason", label=_("Reason"), kind="textarea", hint=_("Kept in the history"))
    known = (
        Action(name="activate", title=_("Activate"), primary=True,
               effect=_("From now on it is in force, and its agreements with it; it can no longer be changed.")),
        Action(name="change-owner", title=_("Change the owner"), fields=(owner_field(owners, "change-owner"),)),
        Action(name="copy", title=_("Copy"), icon="copy"),
        Action(name="end", title=_("End"), danger=True, fields=(why,),
               effect=_("It ends today, and its agreements with it. Earlier months can still be closed.")),
        Action(name="discard", title=_("Discard"), danger=True,
               effect=_("The draft is deleted; the history keeps it.")),
    )  # fmt: skip
    allowed = {*record["actions"], *record["changes"]} | ({"change-owner"} if "edit" in record["changes"] else set())
    return [action for action in known if action.name in allowed]
