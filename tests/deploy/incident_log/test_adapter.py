"""The incident log's rows as events, as the wire's page fixes it."""

from datetime import datetime
from pathlib import Path

import pytest

from gateway.imports.incident_log import INCIDENT_LOG, local_instant, missing_columns
from gateway.imports.log_file import open_log, read_events
from tests.deploy.incident_log.conftest import HEADER, LOG, ROWS, WriteLog


def test_a_ticket_has_an_opened_event_before_its_rows(write_log: WriteLog) -> None:
    first, *rows = [e for e in read_events(write_log(), INCIDENT_LOG) if e["ticket"] == "0000045"]
    assert first == {
        "ticket": "0000045",
        "event_id": "0000045:0",
        "type": "opened",
        "occurred_at": "2016-02-29T01:16:00-03:00",
        "sequence": 0,
        "attributes": {"state": "New", "priority": "3"},
    }
    assert [(e["event_id"], e["sequence"], e["type"]) for e in rows] == [
        ("0000045:1", 1, "updated"),
        ("0000045:2", 2, "updated"),
        ("0000045:3", 3, "updated"),
    ]


def test_a_row_carries_what_the_log_gives_and_nothing_that_it_does_not(write_log: WriteLog) -> None:
    events = {e["event_id"]: e for e in read_events(write_log(), INCIDENT_LOG)}
    assert events["0000045:2"] == {
        "ticket": "0000045",
        "event_id": "0000045:2",
        "type": "updated",
        "occurred_at": "2016-02-29T08:53:00-03:00",
        "sequence": 2,
        "attributes": {
            "state": "Awaiting User Info",
            "priority": "2",
            "category": "55",
            "subcategory": "170",
            "assignment_group": "56",
            "assigned_to": "89",
        },
        "actor": "642",
    }
    assert events["0000047:1"]["attributes"] == {}
    assert "actor" not in events["0000047:1"]


def test_a_ticket_whose_first_row_lies_before_its_opening_opens_at_that_row(write_log: WriteLog) -> None:
    events = {e["event_id"]: e for e in read_events(write_log(), INCIDENT_LOG)}
    assert events["0000047:0"]["occurred_at"] == "2016-02-29T04:40:00-03:00"
    assert events["0000047:0"]["attributes"] == {"state": "New"}


def test_ordinals_count_within_the_number_though_rows_of_others_lie_between(write_log: WriteLog) -> None:
    mixed = "\n".join((HEADER, ROWS[0], ROWS[3], ROWS[1], ROWS[2]))
    ids = [e["event_id"] for e in read_events(write_log(mixed), INCIDENT_LOG)]
    assert ids == ["0000045:0", "0000045:1", "0000047:0", "0000047:1", "0000045:2", "0000045:3"]


@pytest.mark.parametrize("state", ["incident_state", "ident_state"])
@pytest.mark.parametrize("second", ["category", "subcategory"])
def test_copies_of_the_log_that_name_columns_otherwise_read_the_same(
    write_log: WriteLog, state: str, second: str
) -> None:
    header = HEADER.replace("incident_state", state).replace("category,category", f"category,{second}")
    copy = list(read_events(write_log("\n".join((header, *ROWS)), name="copy.csv"), INCIDENT_LOG))
    assert copy == list(read_events(write_log(), INCIDENT_LOG))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("29/2/2016 01:16", "2016-02-29T04:16:00+00:00"),
        # The night of 16 October 2016 began at one o'clock: a time in the gap moves forward by the hour.
        ("16/10/2016 00:30", "2016-10-16T03:30:00+00:00"),
        ("16/10/2016 01:00", "2016-10-16T03:00:00+00:00"),
        # The last hour of 18 February 2017 came twice: the first is meant.
        ("18/2/2017 23:30", "2017-02-19T01:30:00+00:00"),
        ("19/2/2017 00:00", "2017-02-19T03:00:00+00:00"),
    ],
)
def test_wall_clock_times_are_those_of_sao_paulo(text: str, instant: str) -> None:
    assert local_instant(text) == datetime.fromisoformat(instant)


@pytest.mark.parametrize("text", ["", "?", "2016-02-29 01:16", "30/2/2016 01:16", "29/2/2016", "29/2/2016 24:00"])
def test_what_is_no_time_has_no_instant(text: str) -> None:
    assert local_instant(text) is None


def test_a_time_that_cannot_be_read_is_left_for_the_intake_to_refuse(write_log: WriteLog) -> None:
    broken = LOG.replace("29/2/2016 08:53", "yesterday")
    events = {e["event_id"]: e for e in read_events(write_log(broken), INCIDENT_LOG)}
    assert events["0000045:2"]["occurred_at"] == "yesterday"
    assert len(events) == 6


def test_a_short_row_lacks_its_last_cells(write_log: WriteLog) -> None:
    events = list(read_events(write_log(f"{HEADER}\nINC1,New,1/3/2016 09:00,7,1/3/2016 09:05\n"), INCIDENT_LOG))
    assert [e["attributes"] for e in events] == [{"state": "New"}, {"state": "New"}]


def test_a_formula_is_text(write_log: WriteLog) -> None:
    formula = LOG.replace(",55,", ',"=HYPERLINK(""http://x"")",')
    events = {e["event_id"]: e for e in read_events(write_log(formula), INCIDENT_LOG)}
    assert events["0000045:1"]["attributes"]["category"] == '=HYPERLINK("http://x")'


def test_the_columns_that_are_missing_are_named() -> None:
    assert missing_columns(["Number", "category", "priority"]) == [
        "incident_state",
        "opened_at",
        "sys_updated_at",
        "sys_updated_by",
        "assignment_group",
        "assigned_to",
        "subcategory",
    ]
    assert missing_columns(HEADER.split(",")) == []


@pytest.mark.real_log
def test_the_real_log_has_166630_events_of_24918_tickets(real_log: Path) -> None:
    log = open_log(real_log, INCIDENT_LOG)
    tickets, events = set(), 0
    for event in log.events():
        events += 1
        tickets.add(event["ticket"])
    assert (log.rows_read, events, len(tickets)) == (141_712, 166_630, 24_918)
