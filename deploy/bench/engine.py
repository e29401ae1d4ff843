"""The clock engine alone on the real log: 24,918 tickets × two targets, events in memory to cycles in memory.

The expected sums were computed by the naive replay of the tests (tests/oracle), which knows nothing of the engine.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from deploy.api_client import Json
from deploy.bench.figures import Figure, check, seconds_of
from gateway.imports.incident_log import INCIDENT_LOG
from gateway.imports.log_file import read_events
from services.sla.agreements.rules import Agreement, Version, parse_agreement
from services.sla.calendars.rules import CompiledCalendar, parse_calendar
from services.sla.clocks.rules import Cycle, Event, effective_events, fold, measure_many

EVALUATIONS = 49_836
AS_OF = int(datetime(2017, 3, 1, 3, tzinfo=UTC).timestamp())
AT_ONCE = 4_000  # tickets measured together, as the worker takes them

#: Cycles, those that breached, elapsed and paused working seconds, over all tickets, as of 1 March 2017 in São Paulo.
EXPECTED = {
    "response": (24_918, 6_542, 1_047_000_420, 0),
    "resolution": (24_918, 3_711, 2_465_385_120, 1_569_439_020),
}


def figures(log: Path, agreement_file: Path) -> Iterator[Figure]:
    """Refuses WrongResult where a sum is not the replay's."""
    setting = json.loads(agreement_file.read_text(encoding="utf-8"))
    agreement = _agreement(setting["agreement"])
    calendars = {code: CompiledCalendar(parse_calendar(_text(text))) for code, text in setting["calendars"].items()}
    tickets = _tickets(log)
    cycles = _evaluate(tickets, agreement, calendars)
    check("ticket × target evaluations", len(cycles), EVALUATIONS)
    check("sums of the cycles", _sums(cycles), EXPECTED)
    taken = seconds_of(lambda: _evaluate(tickets, agreement, calendars))
    yield Figure(
        "engine alone: a ticket × target of the real log", "µs", [t / EVALUATIONS * 1e6 for t in taken], most=40
    )


def _text(calendar: Json) -> Json:
    return {name: value for name, value in calendar.items() if name != "name"}


def _agreement(given: Json) -> Agreement:
    text = parse_agreement(given)
    return Agreement(text.zone, (Version(1, text.first.since, text.first.until, text.first.targets),))


def _tickets(log: Path) -> list[list[Event]]:
    tickets: dict[str, list[Event]] = {}
    for event in read_events(log, INCIDENT_LOG):
        tickets.setdefault(event["ticket"], []).append(
            Event(
                event_id=event["event_id"],
                at=int(datetime.fromisoformat(event["occurred_at"]).timestamp()),
                attributes=event["attributes"],
                sequence=event["sequence"],
                type=event["type"],
                actor=event.get("actor"),
            )
        )
    return list(tickets.values())


def _evaluate(
    tickets: list[list[Event]], agreement: Agreement, calendars: dict[str, CompiledCalendar]
) -> list[tuple[str, list[Cycle]]]:
    """The cycles of each ticket × target."""
    found: list[tuple[str, list[Cycle]]] = []
    for first in range(0, len(tickets), AT_ONCE):
        some = tickets[first : first + AT_ONCE]
        folds = [folded for events in some for folded in fold(effective_events(events), agreement, AS_OF)]
        measured = measure_many(folds, calendars, AS_OF)
        found += zip((folded.target for folded in folds), measured, strict=True)
    return found


def _sums(cycles: list[tuple[str, list[Cycle]]]) -> dict[str, tuple[int, int, int, int]]:
    sums = {key: (0, 0, 0, 0) for key, _ in cycles}
    for key, of_ticket in cycles:
        for cycle in of_ticket:
            count, breached, elapsed, paused = sums[key]
            sums[key] = (
                count + 1,
                breached + (cycle.breached_at is not None),
                elapsed + cycle.elapsed_seconds,
                paused + cycle.paused_seconds,
            )
    return sums
