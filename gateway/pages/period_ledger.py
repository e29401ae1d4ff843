"""A cycle of a closed month with its ledger as it was judged, whatever facts and calendars came later."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from gateway.pages.asking import MOST, Json, problem_of, segment
from gateway.pages.calendar_texts import calendar_texts
from gateway.pages.context import OnPage, Page
from gateway.pages.formats import at, at_text, moment, month_text
from gateway.pages.frozen import events_known
from gateway.pages.links import Link
from gateway.pages.period_cycles import subject, why_not
from gateway.pages.period_view import outcome_words
from gateway.pages.records import Chip, Fact, Record
from gateway.pages.results import cycle_href, period_href
from gateway.pages.ticket_events import late_after
from gateway.pages.ticket_view import CYCLE, Calendars, target_name, ticket_href
from services.kernel.messages import _
from web.charts.panel import clock_panel
from web.charts.words import length

router = APIRouter(include_in_schema=False)


@router.get("/agreements/{number}/periods/{month}/cycles/{cycle}")
async def ledger(page: OnPage, number: str, month: str, cycle: str) -> Response:
    """The page of one cycle as it was judged."""
    path = f"/agreements/{segment(number)}"
    found = await page.services.get("sla", f"{path}/periods/{segment(month)}/cycles/{segment(cycle)}")
    ticket, versions = await page.services.all(
        page.services.get(
            "sla", f"/tickets/{segment(found['source'])}/{segment(found['ticket'])}", {"include": "events"}
        ),
        page.services.get("sla", f"{path}/versions", MOST),
    )
    events = () if problem_of(page, ticket) else ticket["events"]
    texts = [] if problem_of(page, versions) else versions["items"]
    judged = found["judged_by"]
    calendars = await calendar_texts(page, [(judged["calendar"], judged["calendar_version"])])
    return page.render("periods/ledger.html", ledger_context(page, found, events, texts, calendars))


def ledger_context(
    page: Page, found: Json, events: Sequence[Json], versions: Sequence[Json], calendars: Calendars
) -> dict[str, Any]:  # fmt: skip
    """What the page's template names. events: the ticket's as received until now. versions: of the agreement."""
    judged, known = found["judged_by"], events_known(events, found)
    targets = {
        target["key"]: target
        for version in sorted(versions, key=lambda one: one["version"] == judged["agreement_version"])
        for target in version["targets"]
    }
    key = found["target"]
    name = target_name(targets[key]) if key in targets else key
    unfolded = page.request.query_params.get("rows") == "all"
    ticket, breach = ticket_href(found["source"], found["ticket"]), found["breach"]
    return {
        "nav": "periods", "record": _record(found, name), "ticket_url": ticket, "today": today_words(found),
        "today_url": _today_href(found),
        "panel": clock_panel(
            found, target=name, uid="clock", zone=page.person.zone, now=moment(found["as_of"]), events=known,
            calendar=calendars.get((judged["calendar"], judged["calendar_version"])), late_after=late_after(events),
            unfolded=unfolded,
        ),
        "breach": (f"/breaches/{breach}", _("Breach %(number)s", number=breach)) if breach else None,
        "unfold": f"{cycle_href(found, found['id'])}?rows=all#ledger",
    }  # fmt: skip


def today_words(found: Json) -> Mapping[str, str] | None:
    """What today's facts and calendars would make of the cycle, as of the same end: title, text, calendar.

    None where they make the same of it.
    """
    today, cycle = found["today"], found["today"]["cycle"]
    if cycle is None:
        return {"title": _("Today there is no such cycle any more"),
                "text": _("By today's facts this agreement has no such cycle of the ticket."),
                "calendar": ""}  # fmt: skip
    outcomes = {"was": outcome_words(found["outcome"]), "now": _outcome(today["outcome"])}
    if not today["differs"]:
        if today["outcome"] == found["outcome"]:
            return None
        return {"title": _("The ledger is the same today, the outcome is another"),
                "text": _("Judged: %(was)s. Today: %(now)s.") % outcomes, "calendar": ""}  # fmt: skip
    told = outcomes | {"then": _used(found), "used": _used(cycle)}
    text = _("Judged: %(was)s, %(then)s. By today's facts, as of the same end: %(now)s, %(used)s.") % told
    calendars = {"then": _calendar(found), "now": _calendar(cycle)}
    moved = _("The calendar was %(then)s then, it is %(now)s today.") % calendars
    return {"title": _("Today's ledger is another one"), "text": text,
            "calendar": moved if calendars["then"] != calendars["now"] else ""}  # fmt: skip


def _today_href(found: Json) -> str:
    """The same cycle on its ticket's page, as of the same end, by today's facts."""
    key = found["target"]
    chosen = {"as_of": found["as_of"], f"{CYCLE}{key}": found["cycle"], "ledger": key}
    return f"{ticket_href(found['source'], found['ticket'])}?{urlencode(chosen)}#ledger"


def _outcome(outcome: str | None) -> str:
    return outcome_words(outcome) if outcome else _("no outcome in this month")


def _used(cycle: Json) -> str:
    told = {"used": length(cycle["elapsed_seconds"]), "goal": length(cycle["goal_seconds"] or 0)}
    return _("%(used)s used") % told if cycle["goal_seconds"] is None else _("%(used)s used of %(goal)s") % told


def _calendar(cycle: Json) -> str:
    return f"{cycle['judged_by']['calendar']} v{cycle['judged_by']['calendar_version']}"


def _record(found: Json, name: str) -> Record:
    month, judged = month_text(found["period"]), found["judged_by"]
    told = {"end": at_text(found["as_of"]), "closed": at_text(found["closed_at"])}
    counted = _("counted") if found["counted"] else _("left out: %(why)s", why=why_not(found))
    differs = today_words(found) is not None
    return Record(
        title=_("%(ticket)s: %(target)s, cycle %(num)s", ticket=found["ticket"], target=name, num=found["cycle"]),
        url=cycle_href(found, found["id"]), version=0,
        crumbs=(Link(href="/periods", title=_("Periods and credits")),
                Link(href=f"/agreements/{found['agreement']}", title=found["agreement"]),
                Link(href=period_href(found), title=month),
                Link(href=f"{period_href(found)}/cycles", title=_("Cycles"))),
        chips=(Chip(subject=subject(found["outcome"]), state=found["outcome"]),),
        subtitle=_("As it was judged: by the facts as of %(end)s, closed on %(closed)s") % told,
        links=(Link(href=_today_href(found), title=_("Today's ledger"), icon="history"),),
        facts=(
            Fact(title=_("Ticket"), value=f"{found['source']} / {found['ticket']}",
                 href=ticket_href(found["source"], found["ticket"])),
            Fact(title=_("Outcome at"), value=Markup("{}").format(at(found["at"], seconds=True)),
                 tone="late" if found["outcome"] == "breached" else ""),
            Fact(title=_("In %(month)s", month=month), value=counted),
            Fact(title=_("Judged by"), value=f"{found['agreement']} v{judged['agreement_version']}",
                 href=f"/agreements/{found['agreement']}", note=_calendar(found)),
            Fact(title=_("By today's facts"), value=_("otherwise") if differs else _("the same"),
                 tone="soon" if differs else ""),
        ),
    )  # fmt: skip
