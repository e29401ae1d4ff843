"""A stored agreement tried on a ticket, for everybody who may try one: its clocks beside the record, nothing stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from gateway.clients import ServiceRefused
from gateway.pages.agreement_try import Trial, asked
from gateway.pages.asking import segment
from gateway.pages.calendar_texts import calendar_texts
from gateway.pages.context import Page, refusal
from gateway.pages.forms import Problem
from gateway.pages.ticket_view import Choice, Clock, ticket_href, view
from services.kernel.refusals import Refused
from web.charts.conditions import HeldMatrix, held_matrix

Json = Mapping[str, Any]


@dataclass(frozen=True)
class StoredTrial:
    """What stands in the form, and what came of it. ticket: the page of the stored one that it was tried on.

    held: per target's key, which condition held at each event.
    """

    given: Trial
    clocks: Sequence[Clock] = ()
    held: Mapping[str, HeldMatrix] = field(default_factory=dict)
    ticket: str = ""
    tried: bool = False
    problem: Problem | None = None


async def try_stored(page: Page, record: Json, given: Trial) -> StoredTrial:
    """The clocks of every target, as the agreement would judge the ticket now, or why it cannot be tried."""
    body = asked(page, given)
    if isinstance(body, Problem):
        return StoredTrial(given, problem=body)
    try:
        answer = await page.services.post("sla", f"/agreements/{segment(record['number'])}/try", body)
    except (ServiceRefused, Refused) as fault:
        return StoredTrial(given, problem=refusal(fault, page.request)[1])
    return await _drawn(page, record, given, body, answer)


async def _drawn(page: Page, record: Json, given: Trial, body: Json, answer: Json) -> StoredTrial:
    judged = [cycle["judged_by"] for clock in answer["clocks"] for cycle in clock["cycles"]]
    calendars = await calendar_texts(page, ((by["calendar"], by["calendar_version"]) for by in judged))
    stored = body.get("ticket")
    unknown: Json = {"received_at": None, "corrects": None, "withdraws": None}  # of an event that is only tried
    ticket = {**answer, "events": [{**unknown, **event} for event in answer["events"]]}
    params = dict(page.request.query_params) if page.request.method == "GET" else {}
    choice = Choice(f"/agreements/{record['number']}/try", params | ({"ticket": given.ticket} if stored else {}))
    return StoredTrial(
        given, view(ticket, record["targets"], calendars, choice, page.person.zone).clocks,
        {clock["target"]: held_matrix(clock["why"]) for clock in answer["clocks"] if clock.get("why")},
        ticket_href(stored["source"], stored["ticket"]) if stored else "", tried=True,
    )  # fmt: skip


def trial_href(agreement: str, source: str, ticket: str) -> str:
    """The agreement tried on a stored ticket, as a link."""
    return f"/agreements/{agreement}/try?{urlencode({'ticket': f'{source}/{ticket}'})}#try"
