"""What the service says about a cycle, read from its JSON into values. Nothing is judged here.

Instants become whole epoch seconds. Three parts of a cycle are optional, and the drawing says less without them:
`ledger` (with `include=ledger`), `ahead` (the open windows from now to the due instant of a running cycle) and `goals`
(the goals that held, in order).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from web.charts.words import epoch

Json = Mapping[str, Any]


class Kind(StrEnum):
    """What a second of the ledger is; AHEAD is none of it: open time that is still to come."""

    WORKING = "working"
    PAUSED = "paused"
    STOPPED = "stopped"
    CLOSED = "closed"
    AHEAD = "ahead"


SUMMED = (Kind.WORKING, Kind.PAUSED, Kind.STOPPED, Kind.CLOSED)
NO_HOURS, OUTSIDE_HOURS = "no_hours", "outside_hours"


@dataclass(frozen=True)
class Row:
    """One row of the ledger: a half-open stretch of whole seconds."""

    start: int
    end: int
    kind: Kind
    seconds: int
    label: str | None = None
    reason: str | None = None
    event_id: str | None = None
    actor: str | None = None

    @property
    def named(self) -> bool:
        """Closed by a dated day, not by the week."""
        return self.kind is Kind.CLOSED and self.label not in (NO_HOURS, OUTSIDE_HOURS, None)


@dataclass(frozen=True)
class AtRisk:
    """An at-risk share; at: null while it has no instant."""

    percent: int
    at: int | None


@dataclass(frozen=True)
class GoalChange:
    """From one goal to another, in seconds; null is a goal that is not rated."""

    at: int
    before: int | None
    after: int | None
    event_id: str | None


@dataclass(frozen=True)
class Event:
    """An event as it was received."""

    event_id: str
    type: str
    occurred_at: int
    received_at: int | None
    sequence: int | None
    attributes: Mapping[str, Any]
    corrects: str | None
    withdraws: str | None
    actor: str | None
    batch: str | None


@dataclass(frozen=True)
class Cycle:
    """A cycle with its ledger."""

    number: int
    state: str
    started_at: int | None
    ended_at: int | None
    goal: int | None
    used: int
    paused: int
    remaining: int | None
    due_at: int | None
    breached_at: int | None
    provisional: bool
    excluded: bool
    calendar: str | None
    calendar_version: int | None
    agreement_version: int | None
    warnings: tuple[AtRisk, ...]
    rows: tuple[Row, ...]
    sums: Mapping[Kind, int]
    wall: int
    ahead: tuple[tuple[int, int], ...]
    changes: tuple[GoalChange, ...]

    @property
    def open(self) -> bool:
        """Still counting or standing."""
        return self.state in ("running", "paused")

    @property
    def withdrawn(self) -> bool:
        """Made to vanish by a late event; kept as history."""
        return self.state == "withdrawn"


def read_cycle(cycle: Json) -> Cycle:
    """A cycle of `GET /tickets/{source}/{ticket}`."""
    ledger: Json = cycle.get("ledger") or {}
    judged: Json = cycle.get("judged_by") or {}
    sums: Json = ledger.get("sums") or {}
    goal = cycle.get("goal_seconds")
    return Cycle(
        number=cycle["cycle"],
        state=cycle["state"],
        started_at=_instant(cycle.get("started_at")),
        ended_at=_instant(cycle.get("ended_at")),
        goal=goal,
        used=cycle.get("elapsed_seconds") or 0,
        paused=cycle.get("paused_seconds") or 0,
        remaining=cycle.get("remaining_seconds"),
        due_at=_instant(cycle.get("due_at")),
        breached_at=_instant(cycle.get("breached_at")),
        provisional=bool(cycle.get("provisional")),
        excluded=bool(cycle.get("excluded")),
        calendar=judged.get("calendar"),
        calendar_version=judged.get("calendar_version"),
        agreement_version=judged.get("agreement_version"),
        warnings=tuple(AtRisk(w["percent"], _instant(w.get("at"))) for w in cycle.get("warnings") or ()),
        rows=tuple(_row(row) for row in ledger.get("rows") or ()),
        sums={kind: sums.get(kind.value, 0) for kind in SUMMED},
        wall=ledger.get("wall_seconds") or 0,
        ahead=tuple((epoch(w["from"]), epoch(w["to"])) for w in cycle.get("ahead") or ()),
        changes=_changes(cycle.get("goals") or ()),
    )


def read_event(event: Json) -> Event:
    """An event of `include=events`."""
    return Event(
        event_id=event["event_id"],
        type=event.get("type") or "",
        occurred_at=epoch(event["occurred_at"]),
        received_at=_instant(event.get("received_at")),
        sequence=event.get("sequence"),
        attributes=event.get("attributes") or {},
        corrects=event.get("corrects"),
        withdraws=event.get("withdraws"),
        actor=event.get("actor"),
        batch=event.get("batch"),
    )


def _instant(value: Any) -> int | None:
    return None if value is None else epoch(value)


def _row(row: Json) -> Row:
    return Row(
        start=epoch(row["from"]),
        end=epoch(row["to"]),
        kind=Kind(row["kind"]),
        seconds=row["seconds"],
        label=row.get("label"),
        reason=row.get("reason"),
        event_id=row.get("event_id"),
        actor=row.get("actor"),
    )


def _changes(goals: Sequence[Json]) -> tuple[GoalChange, ...]:
    return tuple(
        GoalChange(epoch(now["at"]), was["seconds"], now["seconds"], now.get("event_id"))
        for was, now in pairwise(goals)
        if was["seconds"] != now["seconds"]
    )
