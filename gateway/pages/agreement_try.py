"""Trying an agreement on a ticket before it is saved: the clocks of both texts side by side, nothing stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from starlette.datastructures import FormData

from gateway.clients import ServiceRefused
from gateway.pages.context import Page, refusal
from gateway.pages.formats import at, current_zone, number
from gateway.pages.forms import FieldProblem, Problem
from gateway.pages.status import status_of
from gateway.pages.ticket_events import field_name
from services.kernel.database import now_utc
from services.kernel.messages import _
from services.kernel.refusals import Refused
from web.charts.conditions import Check, HeldMatrix, held_matrix, no_clock_checks
from web.charts.panel import ClockPanel, clock_panel
from web.charts.words import length

Json = Mapping[str, Any]
MOST_TEXT = 200_000


@dataclass(frozen=True)
class Row:
    """A line of the comparison. late: the tone of each side."""

    name: str
    now: str
    then: str
    now_late: bool = False
    then_late: bool = False

    @property
    def differs(self) -> bool:
        """Whether the two texts say otherwise."""
        return self.now != self.then


@dataclass(frozen=True)
class Tried:
    """What a try gave for the target that stands open. compared: whether there is a stored text beside it."""

    rows: Sequence[Row] = ()
    panel: ClockPanel | None = None
    matrix: HeldMatrix | None = None
    checks: Sequence[Check] = ()
    compared: bool = False
    missing: bool = False


@dataclass(frozen=True)
class Trial:
    """What to try on, as it was typed: a stored ticket (`source / ticket`) or events."""

    ticket: str = ""
    events: str = ""

    @classmethod
    def of_form(cls, form: FormData, prefix: str = "") -> "Trial":
        """What was posted; events with the line ends of JSON, not of a form."""
        events = str(form.get(f"{prefix}events", "")).replace("\r\n", "\n")
        return cls(str(form.get(f"{prefix}ticket", "")).strip(), events)


class _NoJson(Exception):
    """line: of the text, None where the text is one array."""

    def __init__(self, line: int | None) -> None:
        self.line = line


def asked(page: Page, trial: Trial) -> dict[str, Any] | Problem:
    """As the service wants it, or why it cannot be asked: too long a text, no JSON, no ticket."""
    if len(trial.events) > MOST_TEXT:
        what = _("This is longer than %(most)s characters", most=number(MOST_TEXT))
        return _refused(page, FieldProblem(code="too_long", what=what, how=_("Paste fewer events"), at="/events"))
    if trial.events.strip():
        try:
            return {"events": _events(trial.events)}
        except _NoJson as fault:
            what = _("Line %(line)s is no JSON", line=fault.line) if fault.line else _("These events are no JSON")
            how = _("Paste an array, or one event a line")
            return _refused(page, FieldProblem(code="bad_json", what=what, how=how, at="/events"))
    source, _slash, ticket = (part.strip() for part in trial.ticket.partition("/"))
    if not (source and ticket):
        what, how = _("This names no ticket"), _("Write source / ticket, for example servicedesk / 0018842")
        return _refused(page, FieldProblem(code="bad_format", what=what, how=how, at="/ticket"))
    return {"ticket": {"source": source, "ticket": ticket}}


def _events(text: str) -> list[Any]:
    plain = text.strip()
    if plain.startswith("["):
        found = _decoded(plain, None)
        return found if isinstance(found, list) else [found]
    return [_decoded(line, place) for place, line in enumerate(text.split("\n"), 1) if line.strip()]


def _decoded(text: str, line: int | None) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as fault:
        raise _NoJson(line) from fault


async def tried(
    page: Page, trial: Trial, agreement: Json, target: Json, stored_as: str, stored: Json | None
) -> Tried | Problem:
    """The open target on the ticket: as drafted, beside the stored one where there is one.

    agreement: as drafted, whole. target: the open one of it. stored_as: the number of the stored agreement, empty for a
    new one.
    stored: the target of that key in it.
    """
    body = asked(page, trial)
    if isinstance(body, Problem):
        return body
    try:
        if stored_as:
            path = f"/agreements/{stored_as}/try"
            present = await page.services.post("sla", path, body) if stored else None
            drafted = await page.services.post("sla", path, body | {"targets": agreement["targets"]})
        else:
            present = None
            drafted = await page.services.post("sla", "/agreements/try", body | {"agreement": agreement})
    except (ServiceRefused, Refused) as fault:
        return refusal(fault, page.request)[1]
    return _shown(target, drafted, present, now_utc())


def _refused(page: Page, error: FieldProblem) -> Problem:
    title, request_id = _("The request is not valid"), page.request.state.request_id
    return Problem(status=422, type="validation", title=title, errors=(error,), request_id=request_id)


def _shown(target: Json, drafted: Json, present: Json | None, now: datetime) -> Tried:
    clock = _clock(drafted, target["key"])
    if clock is None:
        return Tried(missing=True)
    then = _last(clock)
    before = None if present is None else _clock(present, target["key"])
    rows = [] if then is None and before is None else _rows(_last(before), then)
    steps = clock.get("why") or []
    panel = None
    if then is not None:
        panel = clock_panel(
            then, target=_("the draft"), uid="try", zone=current_zone(), now=now, events=drafted["events"]
        )
    checks = no_clock_checks(steps, target, drafted.get("attributes") or {}, field_name) if then is None else ()
    return Tried(rows, panel, held_matrix(steps) if steps else None, checks, present is not None)


def _clock(answer: Json, key: str) -> Json | None:
    return next((clock for clock in answer["clocks"] if clock["target"] == key), None)


def _last(clock: Json | None) -> Json | None:
    return clock["cycles"][-1] if clock and clock["cycles"] else None


def _rows(now: Json | None, then: Json | None) -> list[Row]:
    return [
        Row(_("Goal"), _goal(now), _goal(then)),
        Row(_("Used"), _seconds(now, "elapsed_seconds"), _seconds(then, "elapsed_seconds")),
        Row(_("Time paused"), _seconds(now, "paused_seconds"), _seconds(then, "paused_seconds")),
        Row(_("Due"), _instant(now, "due_at"), _instant(then, "due_at")),
        Row(_("Cycles"), _number(now), _number(then)),
        Row(_("Outcome"), _outcome(now), _outcome(then), _late(now), _late(then)),
    ]


def _goal(cycle: Json | None) -> str:
    if cycle is None:
        return "—"
    return _("not rated") if cycle["goal_seconds"] is None else length(cycle["goal_seconds"])


def _seconds(cycle: Json | None, key: str) -> str:
    return "—" if cycle is None else length(cycle[key])


def _instant(cycle: Json | None, key: str) -> str:
    return "—" if cycle is None else str(at(cycle[key]).striptags())


def _number(cycle: Json | None) -> str:
    return "0" if cycle is None else str(cycle["cycle"])


def _late(cycle: Json | None) -> bool:
    return cycle is not None and cycle["breached_at"] is not None


def _outcome(cycle: Json | None) -> str:
    if cycle is None:
        return status_of("clock", "none").label
    if cycle["breached_at"] is not None:
        return "◆ " + str(at(cycle["breached_at"]).striptags())
    return status_of("clock", cycle["state"]).label
