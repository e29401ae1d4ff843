"""The worked histories of `tests/sla/data/clock_scenarios.json`, read into the engine's own types."""

import json
from collections.abc import Container, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from services.sla.agreements.rules import Agreement, Version, parse_targets
from services.sla.calendars.rules import CompiledCalendar, parse_calendar
from services.sla.clocks.rules import Cycle, Event, Row

DATA = Path(__file__).resolve().parents[1] / "data" / "clock_scenarios.json"
ALWAYS = {"zone": "Etc/UTC", "from": "2000-01-01", "until": None}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def data() -> dict[str, Any]:
    return json.loads(DATA.read_text(encoding="utf-8"))


@cache
def calendars() -> dict[str, CompiledCalendar]:
    return {code: CompiledCalendar(parse_calendar(text)) for code, text in data()["calendars"].items()}


def instant(text: str) -> tuple[int, int]:
    """Whole seconds since 1970, and the microseconds."""
    since = datetime.fromisoformat(text) - EPOCH
    return since.days * 86_400 + since.seconds, since.microseconds


def shown(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def event(given: Mapping[str, Any]) -> Event:
    at, fraction = instant(given["occurred_at"])
    return Event(
        event_id=given["event_id"],
        at=at,
        fraction=fraction,
        attributes=given.get("attributes") or {},
        sequence=given.get("sequence"),
        type=given["type"],
        agreement=given.get("agreement"),
        actor=given.get("actor"),
        corrects=given.get("corrects"),
        withdraws=given.get("withdraws"),
    )


def events(given: Iterable[Mapping[str, Any]]) -> list[Event]:
    return [event(one) for one in given]


def agreement(text: Mapping[str, Any] | None, targets: list[Any], known: Container[str] | None = None) -> Agreement:
    """`text`: zone, from, until, or zone and versions with a target each; `targets`: those of its only version."""
    text = text or ALWAYS
    given = text.get("versions") or [{"version": 1, "from": text["from"], "until": text["until"], "targets": targets}]
    versions = tuple(
        Version(
            number=one["version"],
            since=date.fromisoformat(one["from"]),
            until=None if one["until"] is None else date.fromisoformat(one["until"]),
            targets=parse_targets(one.get("targets") or [one["target"]], known),
        )
        for one in given
    )
    return Agreement(text["zone"], versions)


def as_api(cycle: Cycle) -> dict[str, Any]:
    """A cycle with its instants as the API writes them."""
    return {
        "cycle": cycle.cycle,
        "version": cycle.version,
        "state": str(cycle.state),
        "started_at": shown(cycle.started_at),
        "ended_at": shown(cycle.ended_at),
        "goal_seconds": cycle.goal_seconds,
        "elapsed_seconds": cycle.elapsed_seconds,
        "paused_seconds": cycle.paused_seconds,
        "remaining_seconds": cycle.remaining_seconds,
        "due_at": shown(cycle.due_at),
        "breached_at": shown(cycle.breached_at),
        "provisional": cycle.provisional,
    }


def row_as_api(row: Row) -> dict[str, Any]:
    """A row of a ledger as the API writes it."""
    return {
        "from": shown(row.begins),
        "to": shown(row.ends),
        "kind": str(row.kind),
        "seconds": row.seconds,
        "label": row.label,
        "reason": row.reason,
        "event_id": row.event_id,
        "actor": row.actor,
    }
