"""Periods and credits: the list over all agreements, and the page of one month, open down to the event."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from gateway.clients import ServiceRefused
from gateway.pages.asking import MOST, Found, Json, ask, names, problem_of, segment, together
from gateway.pages.context import OnPage, Page, refusal
from gateway.pages.formats import month_text
from gateway.pages.forms import Problem
from gateway.pages.links import Empty
from gateway.pages.lists import Choice as Filter
from gateway.pages.lists import Column, Listing, ListQuery, View
from gateway.pages.period_drill import chosen
from gateway.pages.period_view import Told, period_context
from gateway.pages.rendering import Flash
from gateway.pages.results import lowest, period_href
from services.kernel.messages import _
from services.kernel.refusals import Refused

router = APIRouter(include_in_schema=False)
MOST_OFFERED = "100"


@router.get("/periods")
async def periods(page: OnPage) -> Response:
    """Closed months over all agreements; above them those that wait to be closed."""
    query = ListQuery.of(page.request)
    asked = {
        "rows": page.services.get("sla", "/periods", query.api_params()),
        "agreements": page.services.get("sla", "/agreements", {"limit": MOST_OFFERED}),
    }
    found = await together(page, **asked)
    due = () if page.who.is_supplier else (await ask(page, "sla", "/periods-due", {})).rows
    return page.render("periods/list.html", list_context(query, found, due), block="list")


def list_context(query: ListQuery, found: Mapping[str, Found], due: Sequence[Json]) -> dict[str, Any]:
    """What the list's template names. found: rows and agreements. due: months that wait to be closed."""
    rows = found["rows"]
    agreements = [(row["number"], row["title"]) for row in found["agreements"].rows if row["state"] != "draft"]
    listing = Listing(
        title=_("Periods and credits"), query=query, rows=rows.rows, next_cursor=rows.next, problem=rows.problem,
        default_sort="-period",
        columns=(
            Column(key="period", title=_("Month"), sort="period", kind="title"),
            Column(key="agreement", title=_("Agreement"), optional=True),
            Column(key="state", title=_("State"), kind="chip"),
            Column(key="attainment", title=_("Lowest attainment"), kind="num"),
            Column(key="credit", title=_("Credit"), kind="num"),
            Column(key="closed_at", title=_("Closed"), sort="closed_at", kind="when", optional=True),
        ),
        views=(View(title=_("All")), View(title=_("Restatable"), filters=(("restatable", "true"),))),
        filters=(Filter(name="agreement", title=_("Agreement"), options=agreements),),
        empty=Empty(title=_("No month has been closed yet"),
                    text=_("A month is closed on its own page, once it is over in the agreement's zone.")),
    )  # fmt: skip
    return {"nav": "periods", "listing": listing, "due": due, "lowest": lowest, "period_href": period_href}


@router.get("/agreements/{number}/periods/{month}")
async def period(page: OnPage, number: str, month: str) -> Response:
    """One month: results, credits, and the way down to the event."""
    return await _show(page, number, month)


@router.post("/agreements/{number}/periods/{month}/close")
async def close(page: OnPage, number: str, month: str) -> Response:
    """Close it for good."""
    try:
        await page.services.post("sla", f"/agreements/{segment(number)}/periods/{segment(month)}/close")
    except (ServiceRefused, Refused) as fault:
        status, problem = refusal(fault, page.request)
        return await _show(page, number, month, problem, status)
    flash = Flash(text=_("%(month)s is closed") % {"month": month_text(month)})
    return page.redirect(f"/agreements/{segment(number)}/periods/{segment(month)}", flash)


async def _show(
    page: Page, number: str, month: str, problem: Problem | None = None, status: int = 200
) -> Response:  # fmt: skip
    path = f"/agreements/{segment(number)}"
    found, agreement = await page.services.all(
        page.services.get("sla", f"{path}/periods/{segment(month)}"), page.services.get("sla", f"{path}/versions", MOST)
    )
    if isinstance(found, BaseException):
        raise found
    told = Told(
        found, [] if problem_of(page, agreement) else agreement["items"], await chosen(page, found),
        await _again(page, found), await names(page, [found["closed_by"]]),
    )  # fmt: skip
    return page.render("periods/period.html", period_context(page, told, problem), block="record", status_code=status)


async def _again(page: Page, found: Json) -> Json | None:
    """The month judged again, where it would differ."""
    if not found["restatable"]:
        return None
    path = f"/agreements/{segment(found['agreement'])}/periods/{segment(found['period'])}/again"
    (answer,) = await page.services.all(page.services.get("sla", path))
    return None if problem_of(page, answer) else answer
