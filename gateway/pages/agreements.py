"""Agreements: the list, and the record that says each target in a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from gateway.clients import ServiceRefused
from gateway.pages.agreement_trial import StoredTrial, try_stored
from gateway.pages.agreement_try import Trial
from gateway.pages.asking import MOST, ask, names, problem_of, segment
from gateway.pages.context import OnPage, Page, refusal
from gateway.pages.formats import day_text
from gateway.pages.forms import Problem, seen_version
from gateway.pages.history import History, history, told
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Choice, Column, Listing, ListQuery, View
from gateway.pages.records import Action, Chip, Fact, Record
from gateway.pages.rendering import Flash
from gateway.pages.status import STATUS_TONE, status_of
from gateway.pages.usual import Scale, Usual, scale_of, usual
from services.kernel.identity import Role
from services.kernel.messages import _, current_language
from services.kernel.refusals import Forbidden, NotFound, Refused

router = APIRouter(include_in_schema=False)
Json = Mapping[str, Any]

WRITERS = (Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
STATES = ("draft", "in_force", "ended")
ACTS = frozenset({"put-in-force", "discard"})
SHOWN_PERIODS = 6


@router.get("/agreements")
async def agreements(page: OnPage) -> Response:
    """The list."""
    query = ListQuery.of(page.request)
    rows = await ask(page, "sla", "/agreements", query.api_params())
    new = Link(href="/agreements/new", title=_("New agreement"), icon="plus", primary=True)
    may_write = page.has(*WRITERS)
    views = [
        View(title=_("All")),
        View(title=_("In force"), filters=(("state", "in_force"),)),
        View(title=_("Ended"), filters=(("state", "ended"),)),
    ]
    if not page.who.is_supplier:
        views.insert(2, View(title=_("Drafts"), filters=(("state", "draft"),)))
    states = [(state, STATUS_TONE["agreement"][state].label) for state in STATES]
    listing = Listing(
        title=_("Agreements"), query=query, rows=rows.rows, next_cursor=rows.next, count=rows.count,
        problem=rows.problem, default_sort="-created_at", views=views,
        columns=(
            Column(key="title", title=_("Agreement"), sort="title", kind="title"),
            Column(key="contract", title=_("Contract"), sort="contract"),
            Column(key="supplier", title=_("Supplier"), optional=True),
            Column(key="state", title=_("State"), sort="state", kind="chip"),
            Column(key="zone", title=_("Time zone"), optional=True),
            Column(key="in_force_at", title=_("In force since"), kind="when", optional=True),
        ),
        filters=(Choice(name="state", title=_("State"), options=states),) if not page.who.is_supplier else (),
        search=_("Number, title or supplier"), links=(new,) if may_write else (),
        empty=Empty(
            title=_("No agreements yet"), link=new if may_write else None,
            text=_("An agreement says which service levels are promised, and what it costs to miss them."),
        ),
        hidden=frozenset({"supplier"}) if page.who.is_supplier else frozenset(),
    )  # fmt: skip
    return page.render("agreements/list.html", {"nav": "agreements", "listing": listing}, block="list")


@router.get("/agreements/{number}")
async def agreement_page(page: OnPage, number: str) -> Response:
    """The record."""
    return await _record_page(page, number)


@router.get("/agreements/{number}/try")
async def try_on_ticket(page: OnPage, number: str, ticket: str = "") -> Response:
    """The record with the agreement tried on a stored ticket: a link that can be passed on."""
    return await _tried_page(page, number, Trial(ticket.strip()))


@router.post("/agreements/{number}/try")
async def try_it(page: OnPage, number: str) -> Response:
    """The record with the agreement tried on what was typed: a stored ticket, or events."""
    return await _tried_page(page, number, Trial.of_form(await page.form()))


async def _tried_page(page: Page, number: str, given: Trial) -> Response:
    if page.who.is_supplier:
        raise Forbidden
    return await _record_page(page, number, given=given)


@router.post("/agreements/{number}/{action}")
async def act(page: OnPage, number: str, action: str) -> Response:
    """Put in force, or discard a draft; all the reasons where it is refused."""
    if action not in ACTS:
        raise NotFound
    data = await page.form()
    path, version = f"/agreements/{segment(number)}", seen_version(data)
    try:
        if action == "discard":
            await page.services.delete("sla", path, version)
            return page.redirect("/agreements", Flash(text=_("The draft was discarded")))
        record = await page.services.post("sla", f"{path}/{action}", {}, version)
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        return await _record_page(page, number, problem.for_people(), status)
    words = _("%(name)s: %(state)s", name=record["title"], state=status_of("agreement", record["state"]).label)
    return page.redirect(path, Flash(text=words))


@dataclass(frozen=True)
class Said:
    """A target of the record: its sentence in parts, each with the place in the builder that it leads to.

    parts: in the reader's language, other: in the other one. href: of the builder, empty for who may not edit.
    """

    key: str
    name: str
    parts: Sequence[Json]
    other: str
    other_language: str
    href: str
    target: Json
    scale: Scale | None = None

    def link(self, setting: str) -> str:
        """The field of a setting in the builder."""
        return self.href + setting.replace("/", "-")


def name_of(target: Json) -> str:
    """A target's name in the reader's language; its key where it has none."""
    names = target.get("name") or {}
    language = "zh" if current_language() == "zh-CN" else "en"
    return str(names.get(language) or names.get("zh") or names.get("en") or target["key"])


def said(
    targets: Sequence[Json], items: Sequence[Json], href: str, past: Mapping[str, Usual] = MappingProxyType({})
) -> list[Said]:
    """Targets with their sentences, as the service said them in parts. past: where each usually lies."""
    chinese = current_language() == "zh-CN"
    own, other = ("zh", "en") if chinese else ("en", "zh")
    found = []
    for place, (target, item) in enumerate(zip(targets, items, strict=True)):
        found.append(
            Said(
                key=target["key"], name=name_of(target), parts=item[own], target=target,
                other="".join(part["text"] for part in item[other]), other_language="en" if chinese else "zh-CN",
                href=f"{href}?target={place}#at-targets-{place}" if href else "",
                scale=scale_of(target, past),
            )
        )  # fmt: skip
    return found


async def _record_page(
    page: Page, number: str, problem: Problem | None = None, status: int = 200, given: Trial | None = None
) -> Response:
    path = f"/agreements/{segment(number)}"
    record = await page.services.get("sla", path)
    targets = [{k: v for k, v in target.items() if k != "sentence"} for target in record["targets"]]
    asked = [
        page.services.post("sla", "/agreements/sentences", {"targets": targets}),
        page.services.get("sla", f"{path}/versions", MOST),
        page.services.get("sla", f"{path}/periods", {"limit": str(SHOWN_PERIODS), "sort": "-period"}),
        page.services.get("sla", f"{path}/attainment"),
    ]
    if not page.who.is_supplier:
        asked.append(history(page, "sla", record["id"]))
    sentences, versions, periods, average, *trail = await page.services.all(*asked)
    past = await told(page, trail[0], record["number"]) if trail else History(None)
    if isinstance(sentences, BaseException):
        raise sentences
    trial = await try_stored(page, record, given) if given else StoredTrial(Trial())
    if trial.problem is not None:
        status = trial.problem.status
    edits = {"edit": f"{path}/edit", "add-version": f"{path}/new-version"}
    href = next((edits[name] for name in ("edit", "add-version") if name in record["changes"]), "")
    shown = _record(page, record, past, problem)
    made = [] if problem_of(page, versions) else versions["items"]
    makers = [] if page.who.is_supplier else [version["made_by"] for version in made]
    context = {
        "nav": "agreements", "record": shown, "agreement": record,
        "said": said(targets, sentences["items"], href, usual(average)),
        "versions": list(reversed(made)), "people": await names(page, makers),
        "versions_problem": problem_of(page, versions), "name_of": name_of,
        "periods": [] if isinstance(periods, BaseException) else periods["items"],
        "periods_problem": problem_of(page, periods), "judges": record["in_force_at"] is not None,
        "trial": None if page.who.is_supplier else trial,
    }  # fmt: skip
    return page.render("agreements/record.html", context, status_code=status)


def _record(page: Page, record: Json, past: History, problem: Problem | None) -> Record:
    number, supplier = record["number"], record["supplier"]
    links = []
    if "edit" in record["changes"]:
        links.append(Link(href=f"/agreements/{number}/edit", title=_("Edit"), icon="pencil"))
    if "add-version" in record["changes"]:
        links.append(Link(href=f"/agreements/{number}/new-version", title=_("New version"), icon="plus"))
    until = record["until"]
    lasts = _("no last day") if until is None else _("until %(day)s", day=day_text(until))
    contract_words = status_of("contract", record["contract_state"]).label
    facts = [
        Fact(title=_("Contract"), value=record["contract"], href=f"/contracts/{record['contract']}",
             note=f"{record['contract_title']} · {contract_words}"),
        Fact(title=_("Supplier"), value=supplier["short_name"],
             href="" if page.who.is_supplier else f"/suppliers/{supplier['number']}"),
        Fact(title=_("In force"), value=_("from %(day)s", day=day_text(record["from"])), note=lasts),
        Fact(title=_("Periods"), value=_("by the month"), note=record["zone"]),
    ]  # fmt: skip
    shown = Record(
        title=record["title"] or number, url=f"/agreements/{number}", version=record["version"], number=number,
        crumbs=(
            Link(href=f"/contracts/{record['contract']}", title=record["contract"]), Link(href="", title=number),
        ),
        chips=(Chip(subject="agreement", state=record["state"]),), links=links, facts=facts, problem=problem,
        subtitle=_("version %(version)s", version=record["agreement_version"]),
        actions=_actions(record), timeline=past.entries, history_link=past.link,
        doing=page.request.query_params.get("do", ""),
    )  # fmt: skip
    return replace(shown, doing="") if problem else shown


def _actions(record: Json) -> list[Action]:
    known = (
        Action(name="put-in-force", title=_("Put in force"), primary=True,
               effect=_("Tickets that name it are judged by it from its first day on. It needs an active contract.")),
        Action(name="discard", title=_("Discard"), danger=True, effect=_("The draft goes; the trail keeps it.")),
    )  # fmt: skip
    return [action for action in known if action.name in (*record["actions"], *record["changes"])]
