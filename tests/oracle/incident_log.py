"""The public incident log, read by the adapter's rules with code of its own, and every cycle of its tickets.

Data: UCI "Incident management process enriched event log", doi:10.24432/C57S4H, CC BY 4.0. It is never part of the
project. Source of the rules: API, the incident log's adapter.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.oracle.clocks import all_made, replay
from tests.oracle.history import Event
from tests.oracle.working_time import iso, local_instant, zone_named

ZONE = zone_named("America/Sao_Paulo")
AFTER_THE_LOG = "2017-03-01T03:00:00Z"


def log_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows in file order. A name that comes twice keeps its first column, the second is `<name>#2`."""
    with zipfile.ZipFile(path) as archive:
        [inner] = [name for name in archive.namelist() if name.endswith(".csv")]
        with archive.open(inner) as raw:
            rows = csv.reader(io.TextIOWrapper(raw, encoding="utf-8-sig", newline=""))
            header: list[str] = []
            for name in next(rows):
                header.append(name if name not in header else f"{name}#2")
            for row in rows:
                yield dict(zip(header, row, strict=True))


def log_instant(text: str) -> int:
    """The instant of a naive local `d/m/Y H:M`."""
    day, clock = text.split(" ")
    number, month, year = (int(part) for part in day.split("/"))
    hour, minute = (int(part) for part in clock.split(":"))
    return local_instant(date(year, month, number), f"{hour:02d}:{minute:02d}", ZONE)


def tickets_of(path: Path, source: str = "incident-log", limit: int | None = None) -> Iterator[tuple[str, list[Event]]]:
    """Each ticket with its events, in the order in which tickets first appear; `limit` counts tickets."""
    rows_by_ticket: dict[str, list[dict[str, str]]] = {}
    for row in log_rows(path):
        ticket = row["number"].removeprefix("INC")
        rows_by_ticket.setdefault(ticket, []).append(row)
    for position, (ticket, rows) in enumerate(rows_by_ticket.items()):
        if limit is not None and position >= limit:
            return
        events = [opened_event(source, ticket, rows[0])]
        for ordinal, row in enumerate(rows, start=1):
            events.append(row_event(source, ticket, ordinal, row))
        yield ticket, events


def opened_event(source: str, ticket: str, first: dict[str, str]) -> Event:
    """The event before a ticket's rows: New, at the earlier of `opened_at` and the first row."""
    opened = log_instant(first["sys_updated_at"])
    if first["opened_at"] != "?":
        opened = min(opened, log_instant(first["opened_at"]))
    return {
        "source": source,
        "ticket": ticket,
        "event_id": f"{first['number']}:0",
        "type": "opened",
        "occurred_at": iso(opened),
        "sequence": 0,
        "attributes": given({"state": "New", "priority": first["priority"]}),
    }


def row_event(source: str, ticket: str, ordinal: int, row: dict[str, str]) -> Event:
    state = row["incident_state"] if "incident_state" in row else row["ident_state"]
    return {
        "source": source,
        "ticket": ticket,
        "event_id": f"{row['number']}:{ordinal}",
        "type": "updated",
        "occurred_at": iso(log_instant(row["sys_updated_at"])),
        "sequence": ordinal,
        "actor": row["sys_updated_by"],
        "attributes": given(
            {
                "state": "?" if state == "-100" else state,
                "priority": row["priority"],
                "category": row["category"],
                "subcategory": row["category#2"] if "category#2" in row else row["subcategory"],
                "assignment_group": row["assignment_group"],
                "assigned_to": row["assigned_to"],
            }
        ),
    }


def given(attributes: dict[str, str]) -> dict[str, Any]:
    """Without those that are `?`, which means not given."""
    return {name: value for name, value in attributes.items() if value != "?"}


def cycles_of_the_log(
    path: Path, setting: dict[str, Any], limit: int | None = None, as_of: str | datetime = AFTER_THE_LOG
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """By ticket and target, every cycle as the replay shows it. `setting` is the parsed file of the log's agreement:
    `source`, `agreement`, `calendars`. The calendars are made once, so that all tickets share their windows."""
    calendars = all_made(setting["calendars"])
    found = {}
    for ticket, events in tickets_of(path, setting["source"]["code"], limit):
        for clock in replay(events, setting["agreement"], calendars, as_of)["clocks"]:
            found[ticket, clock["target"]] = clock["cycles"]
    return found
