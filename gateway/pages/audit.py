"""The audit trail: searched, each entry with what was before and after, and taken away whole as NDJSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from gateway.pages.asking import Json, ask, names
from gateway.pages.context import OnPage, Page
from gateway.pages.history import ACTIONS, WATCHERS
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Choice, Column, DateRange, Listing, ListQuery, Text
from services.kernel.messages import _, gettext
from services.kernel.refusals import Forbidden

SERVICES = ("contracts", "suppliers", "sla", "security", "gateway")
BOUNDS = ("at_from", "at_before")
# Kept with a record for the system's own use: nobody looks for a change in them.
OF_THE_SYSTEM = frozenset({"grams", "name_grams", "search_text", "name_key", "title_key", "supplier_key", "initials"})
LONGEST_SHOWN = 300


async def watchers_only(page: OnPage) -> None:
    """Refuses Forbidden."""
    if not page.has(*WATCHERS):
        raise Forbidden


router = APIRouter(include_in_schema=False, dependencies=[Depends(watchers_only)])


@dataclass(frozen=True)
class Difference:
    """A column: what was before, what is after; empty where there was, or is, no row."""

    column: str
    before: str
    after: str


@router.get("/audit")
async def audit(page: OnPage) -> Response:
    """The list, newest first."""
    query = ListQuery.of(page.request)
    found = await ask(page, "security", "/audit", _asked(page, query))
    people = await names(page, [row["actor"] for row in found.rows])
    rows = [dict(row) | {"differences": differences(row), "words": action_words(row["action"])} for row in found.rows]
    narrowed = {name: value for name, value in _asked(page, query).items() if name not in ("cursor", "limit")}
    export = Link(href=f"/audit/export?{urlencode(narrowed)}", title=_("Export as NDJSON"), icon="download")
    listing = Listing(
        title=_("Audit"), query=query, rows=rows, next_cursor=found.next, problem=found.problem, default_sort="-at",
        subtitle=_("Who changed what, written by the database itself; nobody can change it"),
        columns=(
            Column(key="at", title=_("When"), sort="at", kind="when"),
            Column(key="actor", title=_("Who")),
            Column(key="action", title=_("Action")),
            Column(key="record", title=_("Record"), optional=True),
            Column(key="changes", title=_("Before and after")),
            Column(key="request", title=_("Request"), optional=True),
        ),
        filters=(
            Choice(name="service", title=_("Service"), options=[(name, name) for name in SERVICES]),
            DateRange(name="at", title=_("When")),
            Text(name="actor", title=_("Login or key")), Text(name="action", title=_("Action")),
            Text(name="table", title=_("Table")), Text(name="record", title=_("Record")),
            Text(name="request_id", title=_("Request")),
        ),
        links=(export,), empty=Empty(title=_("Nothing has been changed yet")),
    )  # fmt: skip
    context = {"nav": "audit", "listing": listing, "people": people}
    return page.render("audit/list.html", context, block="list")


def _asked(page: Page, query: ListQuery) -> dict[str, str]:
    """The service's parameters: days of the reader's zone become instants."""
    params = query.api_params()
    for name in BOUNDS:
        if name in params:
            params[name] = first_instant(params[name], page.person.zone)
    return params


def first_instant(text: str, zone: str) -> str:
    """The instant at which a day begins in a zone; what is no day is left as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return datetime.combine(day, time.min, ZoneInfo(zone)).isoformat()


def action_words(action: str) -> str:
    """The action in words where it has some, else its name."""
    return gettext(ACTIONS[action][0]) if action in ACTIONS else action


def differences(row: Json) -> list[Difference]:
    """The columns that differ, in their order; all of a row that came or went."""
    before: Mapping[str, Any] = row["before"] or {}
    after: Mapping[str, Any] = row["after"] or {}
    columns = [name for name in dict.fromkeys([*before, *after]) if name not in OF_THE_SYSTEM]
    return [
        Difference(name, _text(before, name), _text(after, name))
        for name in columns
        if before.get(name) != after.get(name) or (name in before) != (name in after)
    ]


def _text(row: Mapping[str, Any], name: str) -> str:
    if name not in row:
        return ""
    value = row[name]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


@router.get("/audit/export")
async def export(page: OnPage) -> Response:
    """The whole of a filtered list as the service sends it, one entry a line."""
    query = ListQuery.of(page.request)
    answer = await page.services.stream("security", "/audit", _asked(page, query), "application/x-ndjson")
    kept = {"Content-Disposition": 'attachment; filename="audit.ndjson"', "Cache-Control": "no-store"}
    media_type = answer.headers.get("content-type", "application/x-ndjson")
    body = answer.aiter_bytes()
    return StreamingResponse(body, answer.status_code, kept, media_type, BackgroundTask(answer.aclose))
