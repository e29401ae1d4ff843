"""Tickets: the list, the page with every clock explained, and the export of its ledger for the supplier."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import msgspec
from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from gateway.clients import ServiceRefused
from gateway.pages.agreement_trial import trial_href
from gateway.pages.asking import Found, Json, segment, together
from gateway.pages.calendar_texts import calendar_texts
from gateway.pages.context import OnPage, Page, refusal
from gateway.pages.forms import Problem
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Choice as Filter
from gateway.pages.lists import Column, DateRange, Listing, ListQuery, Text, View
from gateway.pages.records import Chip, Fact, Record
from gateway.pages.ticket_export import ledger_csv
from gateway.pages.ticket_view import Calendars, Choice, priority_marks, target_name, ticket_href, verdict, view
from services.kernel.messages import _
from services.kernel.refusals import Refused

router = APIRouter(include_in_schema=False)

PARTS = {"include": "ledger,events,why"}
MOST_OFFERED = "100"


@router.get("/tickets")
async def tickets(page: OnPage) -> Response:
    """The list."""
    query = ListQuery.of(page.request)
    asked = {
        "rows": page.services.get("sla", "/tickets", query.api_params()),
        "agreements": page.services.get("sla", "/agreements", {"limit": MOST_OFFERED}),
    }
    if not page.who.is_supplier:
        asked["sources"] = page.services.get("sla", "/sources", {"limit": MOST_OFFERED})
    found = await together(page, **asked)
    context = {"nav": "tickets", "listing": listing_of(query, found), "ticket_href": ticket_href}
    return page.render("tickets/list.html", context, block="list")


def listing_of(query: ListQuery, found: Mapping[str, Found]) -> Listing:
    """The list with its views and filters. found: rows, agreements and, for our own people, sources."""
    rows = found["rows"]
    sources = [(row["code"], row["name"]) for row in found["sources"].rows] if "sources" in found else []
    agreements = [(row["number"], row["title"]) for row in found["agreements"].rows if row["state"] != "draft"]
    filters: list[Filter | DateRange | Text] = [
        Filter(name="source", title=_("Source"), options=sources) if sources else Text(name="source", title=_("Source"))
    ]
    if agreements:
        filters.append(Filter(name="agreement", title=_("Agreement"), options=agreements))
    hidden = {name for name in ("agreement",) if query.get(name) and "," not in query.get(name)}
    return Listing(
        title=_("Tickets and clocks"), query=query, rows=rows.rows, next_cursor=rows.next, problem=rows.problem,
        default_sort="-last_at",
        columns=(
            Column(key="ticket", title=_("Ticket"), sort="ticket", kind="title"),
            Column(key="state", title=_("Clocks"), kind="chip"),
            Column(key="agreement", title=_("Agreement"), optional=True),
            Column(key="events", title=_("Events"), kind="num", optional=True),
            Column(key="first_at", title=_("First event"), kind="when", optional=True),
            Column(key="last_at", title=_("Latest event"), sort="last_at", kind="when"),
        ),
        views=(View(title=_("With open clocks"), filters=(("open", "true"),)), View(title=_("All"))),
        filters=(*filters, DateRange(name="last_at", title=_("Latest event"))),
        search=_("Ticket number, from its beginning"),
        empty=Empty(title=_("No tickets yet"), text=_("They come with the events that sources send.")),
        hidden=frozenset(hidden),
    )  # fmt: skip


@router.get("/tickets/{source}/{ticket:path}/ledger.csv")
async def export(page: OnPage, source: str, ticket: str) -> Response:
    """All cycles' rows and all events as CSV; `?target=` those of one clock."""
    found = await _read(page, source, ticket, {"include": "ledger,events"})
    targets, _problem = await _targets(page, found)
    names = {target["key"]: target_name(target) for target in targets}
    target = page.request.query_params.get("target", "")
    name = quote(f"{source}-{ticket}{'-' + target if target else ''}.csv".replace("/", "_"))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store",
               "X-Content-Type-Options": "nosniff"}  # fmt: skip
    return Response(ledger_csv(found, names, page.person.zone, target), media_type="text/csv; charset=utf-8",
                    headers=headers)  # fmt: skip


@router.get("/tickets/{source}/{ticket:path}")
async def ticket(page: OnPage, source: str, ticket: str) -> Response:
    """The page of one ticket, now or as of an instant (`?as_of=`)."""
    try:
        found = await _read(page, source, ticket, PARTS)
    except ServiceRefused as fault:
        if fault.status != 404 or page.who.is_supplier:
            raise
        return _unheard(page, source, ticket)
    targets, problem = await _targets(page, found)
    judged = [cycle["judged_by"] for clock in found["clocks"] for cycle in clock["cycles"]]
    calendars = await calendar_texts(page, ((by["calendar"], by["calendar_version"]) for by in judged))
    context = ticket_context(page, found, targets, problem, calendars)
    return page.render("tickets/ticket.html", context)


def ticket_context(
    page: Page, ticket: Json, targets: Sequence[Json], problem: Problem | None, calendars: Calendars
) -> dict[str, object]:  # fmt: skip
    """What the page's template names. problem: why there are no targets."""
    choice = Choice(ticket_href(ticket["source"], ticket["ticket"]), dict(page.request.query_params))
    return {
        "nav": "tickets", "record": _record(page, ticket), "ticket": ticket, "targets_problem": problem,
        "shown": view(ticket, targets, calendars, choice, page.person.zone), "past": choice.params.get("as_of", ""),
        "page_url": choice.path, "export": f"{choice.path}/ledger.csv",
    }  # fmt: skip


async def _read(page: Page, source: str, ticket: str, params: Mapping[str, str]) -> Json:
    as_of = page.request.query_params.get("as_of", "")
    asked = {**params, **({"as_of": as_of} if as_of else {})}
    found: Json = await page.services.get("sla", f"/tickets/{segment(source)}/{segment(ticket)}", asked)
    return found


async def _targets(page: Page, ticket: Json) -> tuple[Sequence[Json], Problem | None]:
    """The targets of the ticket's agreement in its order; where they cannot be had, none and why."""
    if not ticket["agreement"]:
        return (), None
    try:
        agreement = await page.services.get("sla", f"/agreements/{ticket['agreement']}")
    except (ServiceRefused, Refused) as fault:
        return (), refusal(fault, page.request)[1]
    return agreement["targets"], None


def _unheard(page: Page, source: str, ticket: str) -> Response:
    event = {
        "source": source, "ticket": ticket, "event_id": f"{ticket}-1", "type": "opened",
        "occurred_at": "2026-03-02T09:00:00+08:00", "attributes": {"state": "新建", "priority": "3"},
    }  # fmt: skip
    call = msgspec.json.format(msgspec.json.encode(event)).decode()
    context = {"nav": "tickets", "source": source, "ticket": ticket, "call": call}
    return page.render("tickets/unheard.html", context, status_code=404)


def _record(page: Page, ticket: Json) -> Record:
    source, number = ticket["source"], ticket["ticket"]
    href = ticket_href(source, number)
    subject, state, words = verdict(ticket)
    url = str(ticket["url"] or "")
    links = []
    if url.startswith(("https://", "http://")):
        links.append(Link(href=url, title=_("Open in the service desk"), icon="external-link"))
    if ticket["agreement"] and not page.who.is_supplier:
        links.append(Link(href=trial_href(ticket["agreement"], source, number), title=_("Try its agreement")))
    links.append(Link(href=f"{href}/ledger.csv", title=_("Export for the supplier"), icon="download", primary=True))
    title = ticket["attributes"].get("title")
    return Record(
        title=str(title) if title else number, url=href, version=0, number=number,
        crumbs=(Link(href="/tickets", title=_("Tickets")), Link(href=f"/tickets?source={source}", title=source),
                Link(href="", title=number)),
        chips=(Chip(subject=subject, state=state, words=words),) if ticket["clocks"] else (), links=links,
        facts=_facts(page, ticket),
    )  # fmt: skip


def _facts(page: Page, ticket: Json) -> list[Fact]:
    facts = []
    if ticket["agreement"] and "supplier" in ticket:
        supplier, contract = ticket["supplier"], ticket["contract"]
        own = page.who.is_supplier
        facts += [
            Fact(title=_("Supplier"), value=supplier["short_name"],
                 href="" if own else f"/suppliers/{supplier['number']}"),
            Fact(title=_("Contract"), value=contract, href=f"/contracts/{contract}"),
            Fact(title=_("Agreement"), value=ticket["agreement"], href=f"/agreements/{ticket['agreement']}",
                 note=_judging(ticket)),
        ]  # fmt: skip
    priority = priority_marks(ticket)
    if priority:
        facts.append(Fact(title=_("Priority"), value=priority))
    if ticket["attributes"].get("state") is not None:
        facts.append(Fact(title=_("State"), value=str(ticket["attributes"]["state"])))
    return [*facts, Fact(title=_("Times in"), value=Markup("{}").format(page.person.zone))]


def _judging(ticket: Json) -> str:
    """The versions that judge its cycles: `v2`, `v2, v3`."""
    cycles = [cycle for clock in ticket["clocks"] for cycle in clock["cycles"]]
    versions = sorted({cycle["judged_by"]["agreement_version"] for cycle in cycles})
    return ", ".join(f"v{version}" for version in versions)
