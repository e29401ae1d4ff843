"""A credit line opened: its breaches, the chosen one's ledger, the events. Of a closed month as they were judged; of
one that is still open by the facts of today."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.pages.asking import Json, ask, problem_of, segment
from gateway.pages.context import Page
from gateway.pages.frozen import events_known
from gateway.pages.results import cycle_href, period_href
from web.charts.drill import Choice, breach_key

MOST_BREACHES = "200"
CAP = "cap"
# How a breach of the time of closing stands in the column that else shows today's.
STANDING = {"breached": "standing", "excluded": "excluded"}


@dataclass(frozen=True)
class Chosen:
    """The choice that the URL makes, and what it opens. ticket: the chosen breach's, with its cycle and events.
    ledger: the page of its whole ledger. more: the page of all breaches of the line."""

    choice: Choice
    breaches: Sequence[Json] = ()
    ticket: Json | None = None
    ledger: str = ""
    more: str = ""


async def chosen(page: Page, found: Json) -> Chosen:
    """What the URL opens of a month; without a line in it, of the first credit line."""
    choice = Choice.read(page.request.query_params)
    if not choice.line and found["credits"]:
        first = found["credits"][0]
        choice = Choice(first["target"] or first["kind"], choice.breach, choice.row)
    if not choice.line or choice.line == CAP:
        return Chosen(choice)
    return await (_as_judged if found["id"] else _by_today)(page, found, choice)


async def _as_judged(page: Page, found: Json, choice: Choice) -> Chosen:
    path = f"/agreements/{segment(found['agreement'])}/periods/{segment(found['period'])}/cycles"
    params = {"target": choice.line, "outcome": ",".join(STANDING), "sort": "at", "limit": MOST_BREACHES}
    rows = (await ask(page, "sla", path, params)).rows
    breaches = [{**row, "state": STANDING[row["outcome"]]} for row in rows]
    more = f"{period_href(found)}/cycles?target={segment(choice.line)}&outcome=breached,excluded"
    one = _one(breaches, choice)
    if one is None:
        return Chosen(choice, breaches, more=more)
    ticket, judged = await page.services.all(
        page.services.get("sla", _ticket(one), {"include": "events"}),
        page.services.get("sla", f"{path}/{one['id']}"),
    )
    if problem_of(page, judged):
        return Chosen(choice, breaches, more=more)
    events = () if problem_of(page, ticket) else events_known(ticket["events"], judged)
    shown = {"clocks": [{"target": judged["target"], "cycles": [judged]}], "events": events}
    return Chosen(choice, breaches, shown, cycle_href(found, one["id"]), more)


async def _by_today(page: Page, found: Json, choice: Choice) -> Chosen:
    params = {"agreement": found["agreement"], "period": found["period"], "target": choice.line}
    rows = (await ask(page, "sla", "/breaches", {**params, "sort": "breached_at", "limit": MOST_BREACHES})).rows
    more = f"/breaches?agreement={segment(found['agreement'])}&period={segment(found['period'])}"
    one = _one(rows, choice)
    if one is None:
        return Chosen(choice, rows, more=more)
    (ticket,) = await page.services.all(page.services.get("sla", _ticket(one), {"include": "ledger,events"}))
    return Chosen(choice, rows, None if problem_of(page, ticket) else ticket, more=more)


def _one(breaches: Sequence[Json], choice: Choice) -> Json | None:
    return next((breach for breach in breaches if breach_key(breach) == choice.breach), None)


def _ticket(breach: Json) -> str:
    return f"/tickets/{segment(breach['source'])}/{segment(breach['ticket'])}"
