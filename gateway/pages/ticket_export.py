"""A ticket's whole ledger as CSV for the supplier: every row of every cycle, then every event as received.

UTF-8 with a byte order mark, so that spreadsheets read Chinese; a cell that they would run as a formula is made a text.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from gateway.pages.asking import Json
from gateway.pages.status import status_of
from gateway.pages.ticket_events import label, late_after
from gateway.spreadsheets import MARK, plain
from services.kernel.messages import N_, _, gettext
from web.charts.facts import NO_HOURS, OUTSIDE_HOURS, Kind, read_event
from web.charts.ledger import NO_HOURS_DAY, OUTSIDE
from web.charts.received import standings
from web.charts.verdict import kind_word
from web.charts.words import day_name

HEAD = (
    N_("Part"), N_("Target"), N_("Cycle"), N_("Outcome"), N_("From"), N_("To"), N_("Kind"), N_("What"), N_("Who"),
    N_("Event"), N_("Seconds"), N_("Used so far, seconds"), N_("Received"), N_("Attributes"), N_("Replaced by"),
)  # fmt: skip
Row = Sequence[Any]


def ledger_csv(ticket: Json, names: Mapping[str, str], zone: str, target: str = "") -> bytes:
    """The file. names: of the targets. zone: of its times, which carry their offsets. target: only its rows, without
    the events; empty: all of it."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([gettext(head) for head in HEAD])
    place = ZoneInfo(zone)
    for row in _ledger(ticket, names, place, target):
        writer.writerow([plain(cell) for cell in row])
    if not target:
        for row in _events(ticket, place):
            writer.writerow([plain(cell) for cell in row])
    return (MARK + file.getvalue()).encode()


def _at(instant: str | None, place: ZoneInfo) -> str:
    return "" if instant is None else datetime.fromisoformat(instant).astimezone(place).isoformat(sep=" ")


def _ledger(ticket: Json, names: Mapping[str, str], place: ZoneInfo, target: str) -> Iterator[Row]:
    for clock in ticket["clocks"]:
        if target and clock["target"] != target:
            continue
        for cycle in clock["cycles"]:
            used = 0
            for row in (cycle.get("ledger") or {}).get("rows") or ():
                kind = Kind(row["kind"])
                used += row["seconds"] if kind is Kind.WORKING else 0
                yield (
                    _("ledger"), names.get(clock["target"], clock["target"]), cycle["cycle"],
                    status_of("clock", cycle["state"]).label, _at(row["from"], place), _at(row["to"], place),
                    kind_word(kind), _what(row), row["actor"], row["event_id"], row["seconds"],
                    used if kind is Kind.WORKING else "", "", "", "",
                )  # fmt: skip


def _what(row: Json) -> str:
    why = row["label"]
    if why is None:
        return str(row["reason"] or "")
    named = {NO_HOURS: NO_HOURS_DAY, OUTSIDE_HOURS: OUTSIDE}
    return gettext(named[why]) if why in named else day_name(why)


def _events(ticket: Json, place: ZoneInfo) -> Iterator[Row]:
    sent = {event["event_id"]: event for event in ticket["events"]}
    for standing in standings((read_event(event) for event in ticket["events"]), late_after(ticket["events"])):
        event = sent[standing.event.event_id]
        attributes = msgspec.json.encode(event["attributes"]).decode()
        yield (
            _("event"), "", "", "", _at(event["occurred_at"], place), "", label(standing.event), event["type"],
            event["actor"], event["event_id"], "", "", _at(event["received_at"], place), attributes,
            standing.set_aside_by,
        )  # fmt: skip
