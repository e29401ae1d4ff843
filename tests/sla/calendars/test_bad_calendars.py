"""A calendar that is not right is refused with every fault, each with its place and how to mend it."""

from typing import Any

import pytest

from services.kernel.refusals import Invalid
from services.sla.calendars.rules import parse_calendar
from tests.sla.calendars.examples import text

NINE_TO_FIVE = [["09:00", "17:00"]]


def faults(data: object) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        parse_calendar(data)
    assert all(error.what and error.how for error in refused.value.errors)
    return [(error.code, error.at) for error in refused.value.errors]


def week(**fields: Any) -> dict[str, Any]:
    return text(weeks=[{"from": None} | fields])


@pytest.mark.parametrize(
    ("wrong", "code", "at"),
    [
        (text(weeks=[]), "no_window", "/weeks"),
        (week(), "no_window", "/weeks"),
        (week(mon=[], tue=[]), "no_window", "/weeks"),
        (text(weeks=[{}], days={"2026-01-01": {"open": NINE_TO_FIVE, "name": "open day"}}), "no_window", "/weeks"),
        (week(mon=[["09:00", "12:00"], ["11:59", "18:00"]]), "overlapping", "/weeks/0/mon/1"),
        (week(mon=[["13:00", "18:00"], ["09:00", "13:01"]]), "overlapping", "/weeks/0/mon/1"),
        (week(mon=[["09:00", "18:00"], ["09:00", "18:00"]]), "overlapping", "/weeks/0/mon/1"),
        (week(mon=[["18:00", "09:00"]]), "reversed", "/weeks/0/mon/0"),
        (week(mon=[["22:00", "06:00"]]), "reversed", "/weeks/0/mon/0"),
        (week(mon=[["09:00", "09:00"]]), "reversed", "/weeks/0/mon/0"),
        (week(mon=[["24:00", "24:00"]]), "bad_time", "/weeks/0/mon/0/0"),
        (week(mon=[["09:00", "24:01"]]), "bad_time", "/weeks/0/mon/0/1"),
        (week(mon=[["9:00", "18:00"]]), "bad_time", "/weeks/0/mon/0/0"),
        (week(mon=[["09:00", "18:60"]]), "bad_time", "/weeks/0/mon/0/1"),
        (week(mon=[["09:00:00", "18:00"]]), "bad_time", "/weeks/0/mon/0/0"),
        (week(mon=[["0９:00", "18:00"]]), "bad_time", "/weeks/0/mon/0/0"),
        (week(mon=[[9, "18:00"]]), "bad_type", "/weeks/0/mon/0/0"),
        (week(mon=[["09:00"]]), "bad_type", "/weeks/0/mon/0"),
        (week(mon=["09:00"]), "bad_type", "/weeks/0/mon/0"),
        (week(mon="09:00-18:00"), "bad_type", "/weeks/0/mon"),
        (week(mon=[["00:00", "00:01"]] * 25), "too_long", "/weeks/0/mon"),
        (week(mon=NINE_TO_FIVE, monday=NINE_TO_FIVE), "unknown_field", "/weeks/0/monday"),
        (text(weeks="always"), "bad_type", "/weeks"),
        (text(weeks=["always"]), "bad_type", "/weeks/0"),
        (text(weeks=[{"mon": NINE_TO_FIVE}] * 201), "too_long", "/weeks"),
        (text(weeks=[{"from": "2026-01-01", "mon": NINE_TO_FIVE}]), "first_week_dated", "/weeks/0/from"),
        (text(weeks=[{"mon": NINE_TO_FIVE}, {"mon": NINE_TO_FIVE}]), "missing_field", "/weeks/1/from"),
        (
            text(weeks=[{"mon": NINE_TO_FIVE}, {"from": "2026-02-01"}, {"from": "2026-02-01"}]),
            "weeks_out_of_order",
            "/weeks/2/from",
        ),
        (
            text(weeks=[{"mon": NINE_TO_FIVE}, {"from": "2026-02-02"}, {"from": "2026-02-01"}]),
            "weeks_out_of_order",
            "/weeks/2/from",
        ),
        (text(weeks=[{"mon": NINE_TO_FIVE}, {"from": "2026-02-30"}]), "bad_date", "/weeks/1/from"),
        (text("Asia/Peking"), "unknown_zone", "/zone"),
        (text("asia/shanghai"), "unknown_zone", "/zone"),
        (text("+08:00"), "unknown_zone", "/zone"),
        (text("../zones"), "unknown_zone", "/zone"),
        (text(""), "unknown_zone", "/zone"),
        (text() | {"zone": 8}, "bad_type", "/zone"),
        (text() | {"zone": None}, "missing_field", "/zone"),
        (text() | {"weeks": None}, "missing_field", "/weeks"),
        (text(days=[]), "bad_type", "/days"),
        (text(days={"2026-2-1": {"open": [], "name": "x"}}), "bad_date", "/days/2026-2-1"),
        (text(days={"20260201": {"open": [], "name": "x"}}), "bad_date", "/days/20260201"),
        (text(days={"2026-02-29": {"open": [], "name": "x"}}), "bad_date", "/days/2026-02-29"),
        (text(days={"2026/~": {"open": [], "name": "x"}}), "bad_date", "/days/2026~1~0"),
        (text(days={"2026-02-01": []}), "bad_type", "/days/2026-02-01"),
        (text(days={"2026-02-01": {"open": []}}), "missing_field", "/days/2026-02-01/name"),
        (text(days={"2026-02-01": {"open": [], "name": ""}}), "missing_field", "/days/2026-02-01/name"),
        (text(days={"2026-02-01": {"open": [], "name": 1}}), "bad_type", "/days/2026-02-01/name"),
        (text(days={"2026-02-01": {"open": [], "name": "春" * 101}}), "too_long", "/days/2026-02-01/name"),
        (text(days={"2026-02-01": {"open": [], "name": "a\0b"}}), "control_character", "/days/2026-02-01/name"),
        (text(days={"2026-02-01": {"open": [], "name": "a\ud800"}}), "control_character", "/days/2026-02-01/name"),
        (text(days={"2026-02-01": {"name": "closed"}}), "missing_field", "/days/2026-02-01/open"),
        (text(days={"2026-02-01": {"open": [], "name": "x", "off": 1}}), "unknown_field", "/days/2026-02-01/off"),
        (
            text(days={"2026-02-01": {"open": [["18:00", "09:00"]], "name": "x"}}),
            "reversed",
            "/days/2026-02-01/open/0",
        ),
        (text(known_until="2026"), "bad_date", "/known_until"),
        (text(known_until=20261231), "bad_date", "/known_until"),
        (text() | {"timezone": "Asia/Shanghai"}, "unknown_field", "/timezone"),
        ("office hours", "bad_type", ""),
        (None, "bad_type", ""),
    ],
)
def test_a_wrong_calendar_is_refused_with_the_reason_and_the_place(wrong: object, code: str, at: str) -> None:
    assert faults(wrong) == [(code, at)]


def test_all_faults_are_named_at_once() -> None:
    wrong = {"zone": "Nowhere", "weeks": [{"mon": [["18:00", "09:00"]]}], "days": {"x": {"open": [], "name": "x"}}}
    assert faults(wrong) == [("unknown_zone", "/zone"), ("reversed", "/weeks/0/mon/0"), ("bad_date", "/days/x")]


def test_places_are_those_of_the_whole_request() -> None:
    with pytest.raises(Invalid) as refused:
        parse_calendar({"zone": "Etc/UTC", "weeks": []}, "/calendars/office")
    assert [error.at for error in refused.value.errors] == ["/calendars/office/weeks"]


def test_windows_that_touch_and_a_close_at_midnight_are_fine() -> None:
    parsed = parse_calendar(
        week(mon=[["09:00", "12:00"], ["12:00", "24:00"]], tue=[["13:00", "18:00"], ["09:00", "12:00"]])
    )
    assert parsed.weeks[0].windows[0] == ((540, 720), (720, 1440))
    assert parsed.weeks[0].windows[1] == ((540, 720), (780, 1080)), "windows may be written in any order"


def test_days_and_the_last_known_day_may_be_left_out() -> None:
    parsed = parse_calendar({"zone": "Etc/UTC", "weeks": [{"from": None, "mon": NINE_TO_FIVE}]})
    assert (parsed.days, parsed.known_until) == ({}, None)
