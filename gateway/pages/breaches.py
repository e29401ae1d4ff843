"""Breaches: the list, the page with the finding, and the decisions of two people on an exclusion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from gateway.clients import ServiceRefused
from gateway.pages.asking import Found, Json, names, problem_of, segment, together
from gateway.pages.breach_view import decisions, detected, effect, exclusion, version_rows
from gateway.pages.calendar_texts import calendar_texts
from gateway.pages.context import OnPage, Page, refusal
from gateway.pages.formats import at, month_text
from gateway.pages.forms import Field, Form, Problem, seen_version, typed
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Choice, Column, DateRange, Listing, ListQuery, Text, View
from gateway.pages.records import Action, Chip, Fact, Record
from gateway.pages.rendering import Flash
from gateway.pages.results import period_href
from gateway.pages.status import status_of
from gateway.pages.ticket_events import late_after
from gateway.pages.ticket_view import Calendars, target_name, ticket_href
from services.kernel.messages import N_, _, gettext
from services.kernel.refusals import NotFound, Refused
from web.charts.panel import ClockPanel, clock_panel
from web.charts.words import length

router = APIRouter(include_in_schema=False)

ACTS: Mapping[str, str] = {
    "acknowledge": N_("Your note is kept with the breach"),
    "exclude": N_("The exclusion is asked for; another person decides it"),
    "confirm": N_("The breach is excluded and no longer counts"),
    "refuse": N_("The exclusion was refused; the breach counts"),
    "reinstate": N_("The breach counts again"),
}  # fmt: skip
MOST_OFFERED = "100"
MOST_NAMED = 12


@router.get("/breaches")
async def breaches(page: OnPage) -> Response:
    """The list."""
    query = ListQuery.of(page.request)
    found = await together(
        page, rows=page.services.get("sla", "/breaches", query.api_params()),
        agreements=page.services.get("sla", "/agreements", {"limit": MOST_OFFERED}),
    )  # fmt: skip
    targets = await _target_names(page, found["rows"].rows)
    context = {
        "nav": "breaches", "listing": listing_of(query, found), "targets": targets,
        "ticket_href": ticket_href, "period_href": period_href,
    }  # fmt: skip
    return page.render("breaches/list.html", context, block="list")


async def _target_names(page: Page, rows: Sequence[Json]) -> Mapping[tuple[str, str], str]:
    """What the targets of these rows are called, by agreement and key; unknown ones stand under their keys."""
    numbers = sorted({row["agreement"] for row in rows})[:MOST_NAMED]
    answers = await page.services.all(*(page.services.get("sla", f"/agreements/{number}") for number in numbers))
    known: dict[tuple[str, str], str] = {
        (number, target["key"]): target_name(target)
        for number, answer in zip(numbers, answers, strict=True)
        if not isinstance(answer, BaseException)
        for target in answer["targets"]
    }
    wanted = {(str(row["agreement"]), str(row["target"])) for row in rows}
    return {key: known.get(key, str(key[1])) for key in wanted}


def listing_of(query: ListQuery, found: Mapping[str, Found]) -> Listing:
    """The list with its views and filters. found: rows and agreements."""
    rows = found["rows"]
    agreements = [(row["number"], row["title"]) for row in found["agreements"].rows if row["state"] != "draft"]
    filters: list[Choice | DateRange | Text] = []
    if agreements:
        filters.append(Choice(name="agreement", title=_("Agreement"), options=agreements))
    filters += [Text(name="period", title=_("Month as 2026-10")), DateRange(name="breached_at", title=_("Breached at"))]
    one_agreement = query.get("agreement") and "," not in query.get("agreement")
    return Listing(
        title=_("Breaches"), query=query, rows=rows.rows, next_cursor=rows.next, problem=rows.problem,
        default_sort="-breached_at",
        columns=(
            Column(key="finding", title=_("Breach"), sort="number", kind="title"),
            Column(key="ticket", title=_("Ticket"), optional=True),
            Column(key="state", title=_("State"), kind="chip"),
            Column(key="agreement", title=_("Agreement"), optional=True),
            Column(key="period", title=_("Counts in"), kind="when", optional=True),
            Column(key="breached_at", title=_("Breached at"), sort="breached_at", kind="when"),
        ),
        views=(
            View(title=_("All")),
            View(title=_("To decide"), filters=(("to_decide", "true"),)),
            View(title=_("Standing"), filters=(("state", "standing"),)),
            View(title=_("Withdrawn"), filters=(("state", "withdrawn"),)),
            View(title=_("Excluded"), filters=(("state", "excluded"),)),
        ),
        filters=filters,
        empty=Empty(title=_("No breaches"), text=_("One appears here as soon as a clock passes its goal.")),
        hidden=frozenset({"agreement"}) if one_agreement else frozenset(),
    )  # fmt: skip


@router.get("/breaches/{ident}")
async def breach(page: OnPage, ident: str) -> Response:
    """The page of one breach."""
    return await _breach_page(page, ident)


@router.post("/breaches/{ident}/{action}")
async def act(page: OnPage, ident: str, action: str) -> Response:
    """Acknowledge, ask for an exclusion, confirm or refuse one, reinstate."""
    if action not in ACTS:
        raise NotFound
    data = await page.form()
    values = typed(data)
    words = str(values.get("note" if action == "acknowledge" else "reason") or "")
    body: dict[str, str] = {} if action == "confirm" else {"note" if action == "acknowledge" else "reason": words}
    if action == "reinstate" and not words:
        body = {}
    try:
        path = f"/breaches/{segment(ident)}/{action}"
        record = await page.services.post("sla", path, body, seen_version(data))
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        doing = action if status == 422 else ""
        return await _breach_page(page, ident, doing, values, problem.for_people(), status)
    return page.redirect(f"/breaches/{record['number']}", Flash(text=gettext(ACTS[action])))


async def _breach_page(
    page: Page, ident: str, doing: str = "", values: Any = None, problem: Problem | None = None, status: int = 200
) -> Response:  # fmt: skip
    found = await page.services.get("sla", f"/breaches/{segment(ident)}")
    asked = [
        page.services.get("sla", f"/tickets/{segment(found['source'])}/{segment(found['ticket'])}",
                          {"include": "ledger,events"}),
        page.services.get("sla", f"/agreements/{found['agreement']}"),
    ]  # fmt: skip
    weighs = bool({"exclude", "confirm", "refuse", "reinstate"} & set(found["actions"])) or bool(found["exclusion"])
    if weighs and found["actions"]:
        asked.append(page.services.get("sla", f"/breaches/{found['number']}/effect"))
    ticket, agreement, *moved = await page.services.all(*asked)
    people, opens = await names(page, _people(found)), await _month_opens(page, found)
    told = Told(found, ticket, agreement, moved[0] if moved else None, people, opens)
    cycle = told.cycle(page)
    calendars = await calendar_texts(page, [_calendar_of(cycle)] if cycle is not None else [])
    context = breach_context(page, told, calendars, doing or page.request.query_params.get("do", ""), values, problem)
    return page.render("breaches/breach.html", context, status_code=status)


async def _month_opens(page: Page, found: Json) -> bool:
    """A supplier reads the result of a month that is closed; the staff read it before, too."""
    if not page.who.is_supplier:
        return True
    path = f"/agreements/{found['agreement']}/periods/{found['period']}"
    [answer] = await page.services.all(page.services.get("sla", path))
    return _read(page, answer) is not None


@dataclass(frozen=True)
class Told:
    """What the services say of a breach; a refusal may stand in the place of each answer but the first.
    moved: the effect of excluding it, None where this person does not decide. people: names by logins.
    month_opens: whether this person may read the result of the month that it counts in."""

    breach: Json
    ticket: Any
    agreement: Any
    moved: Any
    people: Mapping[str, str]
    month_opens: bool = True

    def target(self, page: Page) -> Json | None:
        """The target of the agreement that it breached."""
        read = _read(page, self.agreement)
        targets = read["targets"] if read else ()
        return next((target for target in targets if target["key"] == self.breach["target"]), None)

    def cycle(self, page: Page) -> Json | None:
        """The cycle that breached, where it is still among the ticket's clocks."""
        read, number = _read(page, self.ticket), self.breach["cycle"]
        clocks = [clock for clock in read["clocks"] if clock["target"] == self.breach["target"]] if read else []
        return next((cycle for clock in clocks for cycle in clock["cycles"] if cycle["cycle"] == number), None)


def breach_context(
    page: Page, told: Told, calendars: Calendars, doing: str = "", values: Any = None, problem: Problem | None = None
) -> dict[str, Any]:
    """What the page's template names. doing: the action whose form stands open. values, problem: typed and refused."""
    found, target, cycle = told.breach, told.target(page), told.cycle(page)
    name = target_name(target) if target else found["target"]
    record = _record(page, told, name, cycle)
    moved = _read(page, told.moved)
    return {
        "nav": "breaches", "breach": found, "ticket_problem": problem_of(page, told.ticket),
        "shown": _panel(page, told.ticket, cycle, name, calendars) if cycle is not None else None,
        "record": replace(record, doing=doing, values=values, problem=problem), "ticket_url": _ticket_url(found),
        "ledger_url": f"{_ticket_url(found)}?cycle-{found['target']}={found['cycle']}&ledger={found['target']}#ledger",
        "versions": version_rows(found, _read(page, told.ticket), _goal(found), told.people),
        "stage": _stage(found), "steps": exclusion(found, told.people, page.who.name),
        "decisions": decisions(found, told.people),
        "form": _form(found, doing, values, problem), "month": month_text(found["period"]),
        "effect": effect(moved, target) if moved is not None else None,
        "effect_problem": problem_of(page, told.moved),
    }  # fmt: skip


def _ticket_url(found: Json) -> str:
    return ticket_href(found["source"], found["ticket"])


def _people(found: Json) -> list[str]:
    asked = [found["exclusion"]["asked_by"]] if found["exclusion"] else []
    return [*asked, *(decision["by"] for decision in found["decisions"])]


def _read(page: Page, answer: Any) -> Json | None:
    return None if problem_of(page, answer) is not None else answer


def _stage(found: Json) -> str:
    """Where the exclusion stands: `asked`, `excluded`, `askable`, `undone` (facts withdrew the breach) or none."""
    if found["exclusion"]:
        return "asked"
    if found["state"] == "standing":
        return "askable" if "exclude" in found["actions"] else ""
    return "excluded" if found["state"] == "excluded" else "undone"


def _calendar_of(cycle: Json) -> tuple[str, int]:
    return cycle["judged_by"]["calendar"], cycle["judged_by"]["calendar_version"]


def _panel(page: Page, ticket: Json, cycle: Json, name: str, calendars: Calendars) -> ClockPanel:
    return clock_panel(
        cycle, target=name, uid="clock", zone=page.person.zone, now=datetime.fromisoformat(ticket["as_of"]),
        events=ticket["events"], calendar=calendars.get(_calendar_of(cycle)), late_after=late_after(ticket["events"]),
    )  # fmt: skip


def _goal(found: Json) -> str:
    return length(found["goal_seconds"]) if found["goal_seconds"] is not None else "—"


def _title(found: Json, name: str, cycle: Json | None) -> str:
    """The finding. A clock that still runs is told as of now, others as they were judged."""
    if found["state"] == "withdrawn":
        return _("%(target)s: the breach was withdrawn", target=name)
    remaining = cycle["remaining_seconds"] if cycle is not None else None
    over = -remaining if remaining is not None and remaining < 0 else found["over_seconds"]
    if not over:
        return _("%(target)s was over its goal", target=name)
    return _("%(target)s over by %(length)s", target=name, length=length(over))


def _record(page: Page, told: Told, name: str, cycle: Json | None) -> Record:
    found, ticket = told.breach, _read(page, told.ticket)
    number, place = found["number"], len(found["versions"])
    label = status_of("breach", found["state"]).label
    words = _("%(state)s · version %(number)s", state=label, number=place) if place > 1 else label
    title = ticket["attributes"].get("title") if ticket else None
    where = Markup('<a href="{}">{} / {}</a>').format(_ticket_url(found), found["source"], found["ticket"])
    note = Field(name="note", label=_("Note"), kind="textarea", required=True, hint=_("Kept with the breach"))
    return Record(
        title=_title(found, name, cycle), url=f"/breaches/{number}", version=found["version"], number=number,
        crumbs=(Link(href="/breaches", title=_("Breaches")), Link(href="", title=number)),
        chips=(Chip(subject="breach", state=found["state"], words=words),),
        subtitle=Markup("{} · {}").format(title, where) if title else where,
        actions=(Action(name="acknowledge", title=_("Acknowledge"), fields=(note,),
                        effect=_("Others see that you know of it. It still counts.")),)
        if "acknowledge" in found["actions"] else (),
        facts=_facts(page, told, cycle),
    )  # fmt: skip


def _facts(page: Page, told: Told, cycle: Json | None) -> list[Fact]:
    found = told.breach
    judged = cycle["judged_by"] if cycle is not None else None
    supplier, withdrawn = found["supplier"], found["state"] == "withdrawn"
    used = cycle["elapsed_seconds"] if cycle is not None else found["elapsed_seconds"]
    return [
        Fact(title=_("Breached at"), value=_instant(page, found["breached_at"], struck=withdrawn),
             tone="late" if found["state"] == "standing" else ""),
        Fact(title=_("Goal · used"), value=f"{_goal(found)} · {length(used) if used is not None else '—'}"),
        Fact(title=_("Supplier"), value=supplier["short_name"],
             href="" if page.who.is_supplier else f"/suppliers/{supplier['number']}"),
        Fact(title=_("Judged by"), value=found["agreement"], href=f"/agreements/{found['agreement']}",
             note=f"v{judged['agreement_version']} · {judged['calendar']} v{judged['calendar_version']}"
             if judged else ""),
        Fact(title=_("Counts in"), value=month_text(found["period"]),
             href=period_href(found) if told.month_opens else ""),
        Fact(title=_("Detected"), value=detected(found)),
    ]  # fmt: skip


def _instant(page: Page, instant: str, *, struck: bool) -> Markup:
    told = at(instant, seconds=True, zone=page.person.zone)
    return Markup("<del>{}</del>").format(told) if struck else told


def _form(found: Json, doing: str, values: Any, problem: Problem | None) -> Form:
    """The form of the exclusion's next step, with what was typed into it and refused."""
    deciding = "confirm" in found["actions"]
    again = "reinstate" in found["actions"]
    label = _("Reason for a refusal") if deciding else _("Reason")
    hint = "" if deciding or again else _("The other person and the supplier read it")
    here = doing in ("exclude", "confirm", "refuse", "reinstate")
    field = Field(name="reason", label=label, kind="textarea", required=not (deciding or again), hint=hint)
    return Form(
        url=f"/breaches/{found['number']}", fields=(field,), submit="", version=found["version"],
        values=values if here and values else {}, problem=problem if here else None, id="exclusion-form", tight=True,
    )  # fmt: skip
