"""The ledger: where every second between a cycle's start and its end went (rule 21)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.oracle.working_time import Calendar, Interval, iso, local_date, midnight, without

Row = dict[str, Any]


def rows_of(cycle: dict[str, Any], calendar: Calendar, now: int) -> list[Row]:
    """The rows of one cycle in order of time; `cycle` is the replay's. No row of 0 s, equal neighbours merged."""
    begin = cycle["started_at"]
    end = now if cycle["ended_at"] is None else cycle["ended_at"]
    if end <= begin:
        return []
    windows = calendar.windows_between(begin, end)
    rows = closed_rows(calendar, without([(begin, end)], windows))
    for stretch in cycle["stretches"]:
        until = end if stretch["to"] is None else min(stretch["to"], end)
        if stretch["from"] < until:
            for opening, closing in calendar.windows_between(stretch["from"], until):
                rows.append(row(opening, closing, **describe(cycle, stretch)))
    return [told(one) for one in merged(sorted(rows, key=lambda one: one["from"]))]


def row(begin: int, end: int, kind: str, label: str | None = None, event: dict[str, Any] | None = None) -> Row:
    return {
        "from": begin,
        "to": end,
        "kind": kind,
        "label": label,
        "event_id": None if event is None else event["event_id"],
        "actor": None if event is None else event.get("actor"),
    }


def describe(cycle: dict[str, Any], stretch: dict[str, Any]) -> dict[str, Any]:
    """A stretch inside the windows: working, or paused or stopped by the event that it names."""
    if stretch["kind"] == "paused":
        return {"kind": "paused", "event": stretch["event"]}
    if stretch["kind"] == "stopped" and not cycle["target"].get("count_stopped"):
        return {"kind": "stopped", "event": stretch["event"]}
    return {"kind": "working"}


def closed_rows(calendar: Calendar, closed: list[Interval]) -> list[Row]:
    """The closed stretches, split at each local midnight, each part labelled by its day."""
    rows = []
    for begin, end in closed:
        day = local_date(begin, calendar.zone) - timedelta(days=1)
        while midnight(day, calendar.zone) < end:
            dawn = midnight(day, calendar.zone)
            night = midnight(day + timedelta(days=1), calendar.zone)
            if max(begin, dawn) < min(end, night):
                rows.append(row(max(begin, dawn), min(end, night), "closed", label_of(calendar, day)))
            day += timedelta(days=1)
    return rows


def label_of(calendar: Calendar, day: date) -> str:
    """The day's name where a dated day has no windows, else `no_hours`, else `outside_hours`."""
    if calendar.local_windows(day):
        return "outside_hours"
    dated = calendar.days.get(day.isoformat())
    return "no_hours" if dated is None else str(dated["name"])


def merged(rows: list[Row]) -> list[Row]:
    """Equal neighbours become one row; closed rows have been split at midnight and stay so."""
    result: list[Row] = []
    for one in rows:
        last = result[-1] if result else None
        if (
            last is not None
            and one["kind"] != "closed"
            and last["to"] == one["from"]
            and (last["kind"], last["event_id"]) == (one["kind"], one["event_id"])
        ):
            last["to"] = one["to"]
        else:
            result.append(dict(one))
    return result


def told(one: Row) -> Row:
    """A row as the wire shows it, `reason` apart: its text is not fixed."""
    shown = {"from": iso(one["from"]), "to": iso(one["to"]), "kind": one["kind"], "seconds": one["to"] - one["from"]}
    if one["kind"] == "closed":
        shown["label"] = one["label"]
    if one["kind"] in ("paused", "stopped"):
        shown["event_id"], shown["actor"] = one["event_id"], one["actor"]
    return shown
