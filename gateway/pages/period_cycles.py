"""The cycles of a closed month, one by one: counted, or left out with why not."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from gateway.clients import ServiceRefused
from gateway.pages.asking import MOST, Found, Json, found, problem_of, segment
from gateway.pages.context import OnPage
from gateway.pages.formats import month_text
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Choice, Column, Listing, ListQuery, Text, View
from gateway.pages.period_view import outcome_words
from gateway.pages.results import cycle_href, period_href
from gateway.pages.ticket_view import target_name
from services.kernel.messages import _

router = APIRouter(include_in_schema=False)
OUTCOMES = ("met", "breached", "excluded", "cancelled", "reset", "expired", "not_rated")


@router.get("/agreements/{number}/periods/{month}/cycles")
async def cycles(page: OnPage, number: str, month: str) -> Response:
    """The list, with the reason beside each that does not count."""
    path, query = f"/agreements/{segment(number)}", ListQuery.of(page.request)
    answer, versions = await page.services.all(
        page.services.get("sla", f"{path}/periods/{segment(month)}/cycles", query.api_params()),
        page.services.get("sla", f"{path}/versions", MOST),
    )
    if isinstance(answer, ServiceRefused) and answer.status == 404:
        raise answer
    texts = [] if problem_of(page, versions) else versions["items"]
    names = {target["key"]: target_name(target) for version in texts for target in version["targets"]}
    month_of = {"agreement": number, "period": month}
    context = cycles_context(query, month_of, found(page, answer), names)
    return page.render("periods/cycles.html", context, block="list")


def cycles_context(query: ListQuery, month: Json, rows: Found, names: Mapping[str, str]) -> dict[str, Any]:
    """What the list's template names. month: its agreement and period. names: of the targets."""
    listing = Listing(
        title=_("Cycles of %(month)s", month=month_text(month["period"])), query=query, rows=rows.rows,
        next_cursor=rows.next, problem=rows.problem, default_sort="at",
        subtitle=_("%(agreement)s · as they were judged when the month was closed", agreement=month["agreement"]),
        columns=(
            Column(key="ticket", title=_("Ticket"), kind="title"),
            Column(key="target", title=_("Target"), optional=True),
            Column(key="outcome", title=_("Outcome"), kind="chip"),
            Column(key="counted", title=_("Counted")),
            Column(key="used", title=_("Used / goal"), kind="num"),
            Column(key="at", title=_("Outcome at"), sort="at", kind="when", optional=True),
        ),
        views=(
            View(title=_("All")), View(title=_("Counted"), filters=(("counted", "true"),)),
            View(title=_("Left out"), filters=(("counted", "false"),)),
        ),
        filters=(
            Choice(name="target", title=_("Target"), options=list(names.items())),
            Choice(name="outcome", title=_("Outcome"), options=[(one, outcome_words(one)) for one in OUTCOMES]),
            Text(name="ticket", title=_("Ticket")),
        ),
        empty=Empty(title=_("No cycle ended or breached in this month")),
        links=(Link(href=period_href(month), title=_("The month"), icon="arrow-left"),),
    )  # fmt: skip
    return {
        "nav": "periods", "listing": listing, "names": names, "why_not": why_not, "subject": subject,
        "ledger_href": lambda row: cycle_href(month, row["id"]),
    }  # fmt: skip


def subject(outcome: str) -> str:
    """The table of states that an outcome's chip is in."""
    return "breach" if outcome == "excluded" else "clock"


def why_not(row: Mapping[str, Any]) -> str:
    """Why a cycle does not count; empty where it does."""
    words = {
        "excluded": _("its breach was excluded"), "cancelled": _("it was cancelled"),
        "reset": _("another cycle took its place"), "expired": _("the agreement ended first"),
        "not_rated": _("its goal is not rated"),
    }  # fmt: skip
    return "" if row["counted"] else words.get(str(row["why_not"]), str(row["why_not"]))
