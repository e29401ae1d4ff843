"""A ticket's clocks as they travel: cycles, ledgers, why. Built from what the rules give; nothing is decided here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.sla.agreements.rules import Agreement
from services.sla.calendars.queries import StoredCalendar
from services.sla.clocks.rules import Cycle, Event, FoldedCycle, Kind, fold, ledger, measure, why
from services.sla.clocks.rules.segments import Mode

MOST_AHEAD = 400


@dataclass(frozen=True)
class Judged:
    """What a ticket is judged by. calendars: the present versions, by code."""

    agreement: Agreement
    calendars: Mapping[str, StoredCalendar]


@dataclass(frozen=True)
class Stored:
    """What is known of a cycle beside its measure.

    version: how often facts have changed it. excluded: whether its breach is; the decision outlasts a breach undone.
    """

    version: int = 1
    excluded: bool = False
    breach: str | None = None


@dataclass(frozen=True)
class Wanted:
    """Which parts were asked for."""

    ledger: bool = False
    events: bool = False
    why: bool = False
    stored: Mapping[tuple[str, int], Stored] = field(default_factory=dict)


NO_LEDGER = {"wall_seconds": 0, "sums": {kind.value: 0 for kind in Kind}, "rows": []}


def instant(seconds: int | None) -> datetime | None:
    """Whole seconds since 1970 as an instant."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def clocks(
    effective: Sequence[Event], judged: Judged, as_of: int, fraction: int, wanted: Wanted
) -> list[dict[str, Any]]:
    """Each target of the agreement with its cycles, as of an instant; one without cycles has none in its list."""
    calendars = {code: stored.calendar for code, stored in judged.calendars.items()}
    explained = why(effective, judged.agreement, as_of, fraction) if wanted.why else {}
    found = []
    for folded in fold(effective, judged.agreement, as_of, fraction):
        cycles = [
            whole_cycle(
                one, cycle, judged.calendars[cycle.calendar], as_of,
                wanted.stored.get((folded.target, cycle.cycle), Stored()), ledger=wanted.ledger,
            )
            for one, cycle in zip(folded.cycles, measure(folded, calendars, as_of), strict=True)
        ]  # fmt: skip
        clock: dict[str, Any] = {"target": folded.target, "cycles": cycles}
        if wanted.why:
            clock["why"] = [why_step(step) for step in explained.get(folded.target, ())]
        found.append(clock)
    return found


def whole_cycle(
    folded: FoldedCycle, cycle: Cycle, calendar: StoredCalendar, as_of: int, stored: Stored, *, ledger: bool
) -> dict[str, Any]:
    """One cycle as a ticket has it. calendar: the one that judges, in the version that measured. ledger: with it."""
    document = cycle_document(cycle, calendar.version, stored) | {"zone": calendar.calendar.text.zone}
    if ledger:
        document["ledger"] = ledger_document(folded, cycle, calendar, as_of)
        document["goals"] = goals_document(folded)
        document["ahead"] = _ahead(cycle, calendar, as_of)
    return document


def cycle_document(cycle: Cycle, calendar_version: int, stored: Stored) -> dict[str, Any]:
    """One cycle, as in every list of cycles."""
    return {
        "cycle": cycle.cycle, "version": stored.version, "state": cycle.state.value,
        "started_at": instant(cycle.started_at), "ended_at": instant(cycle.ended_at),
        "goal_seconds": cycle.goal_seconds, "elapsed_seconds": cycle.elapsed_seconds,
        "paused_seconds": cycle.paused_seconds, "remaining_seconds": cycle.remaining_seconds,
        "due_at": instant(cycle.due_at), "breached_at": instant(cycle.breached_at), "provisional": cycle.provisional,
        "excluded": stored.excluded and cycle.breached_at is not None, "breach": stored.breach,
        "warnings": [{"percent": warning.percent, "at": instant(warning.at)} for warning in cycle.warnings],
        "judged_by": {
            "agreement_version": cycle.version, "calendar": cycle.calendar, "calendar_version": calendar_version,
        },
    }  # fmt: skip


def ledger_document(folded: FoldedCycle, cycle: Cycle, calendar: StoredCalendar, as_of: int) -> dict[str, Any]:
    """The rows of a cycle and their sums; labels stand on closed rows, reasons on paused and stopped ones."""
    rows = ledger(folded, cycle, {calendar.code: calendar.calendar}, as_of)
    return {
        "wall_seconds": rows.wall_seconds,
        "sums": {kind.value: seconds for kind, seconds in rows.sums.items()},
        "rows": [
            {
                "from": instant(row.begins), "to": instant(row.ends), "kind": row.kind.value, "seconds": row.seconds,
                "label": row.label, "reason": row.reason, "event_id": row.event_id, "actor": row.actor,
            }
            for row in rows.rows
        ],
    }  # fmt: skip


def goals_document(folded: FoldedCycle) -> list[dict[str, Any]]:
    """The goals that held, in order, each from the event that brought it."""
    found: list[dict[str, Any]] = []
    last: int | None = None
    for mark in folded.marks:
        if mark.goal != last and mark.mode in (Mode.RUNNING, Mode.STANDING):
            goal = folded.goals[mark.goal]
            found.append({"at": instant(mark.at), "seconds": goal.seconds, "calendar": goal.calendar,
                          "event_id": mark.event_id})  # fmt: skip
            last = mark.goal
    return found


def _ahead(cycle: Cycle, calendar: StoredCalendar, as_of: int) -> list[dict[str, Any]]:
    """The open windows between now and the due instant of an open cycle."""
    if cycle.ended_at is not None or cycle.due_at is None or cycle.due_at <= as_of:
        return []
    windows = calendar.calendar.windows(as_of, cycle.due_at)[:MOST_AHEAD]
    return [{"from": instant(opens), "to": instant(closes)} for opens, closes in windows]


def why_step(step: Any) -> dict[str, Any]:
    """Which condition held at an event, what followed, and what hindered."""
    document: dict[str, Any] = msgspec.to_builtins(step)
    return document | {"at": instant(step.at)}
