"""Working time in stories: nights of changing clocks, holidays, labels, and the edges of what can be answered."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.sla.calendars.rules import (
    CompiledCalendar,
    OutOfReach,
    due,
    latest_start,
    parse_calendar,
    working_seconds,
)
from services.sla.calendars.rules.compiled import within_five_years
from tests.sla.calendars.examples import compiled, on, text

HOUR = 3600
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(written: str) -> int:
    return int(datetime.fromisoformat(written).timestamp())


def worked(calendar: CompiledCalendar, a: str, b: str) -> int:
    return calendar.working_seconds(at(a), at(b))


def test_a_local_day_of_25_hours_worked_round_the_clock_has_90_000_seconds() -> None:
    always = on("Europe/Berlin", ["00:00", "24:00"])
    assert worked(always, "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00") == 90_000
    assert worked(always, "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00") == 82_800


def test_an_opening_that_does_not_exist_moves_forward_by_the_gap() -> None:
    early = on("Europe/Berlin", ["02:30", "05:00"])
    assert early.windows(at("2026-03-29T00:00:00Z"), at("2026-03-29T12:00:00Z")) == [
        (at("2026-03-29T03:30:00+02:00"), at("2026-03-29T05:00:00+02:00"))
    ]


def test_a_window_that_the_gap_empties_vanishes() -> None:
    hour = on("Europe/Berlin", ["02:00", "03:00"])
    assert worked(hour, "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z") == 0
    assert worked(hour, "2026-03-30T00:00:00Z", "2026-03-30T12:00:00Z") == HOUR


def test_windows_that_the_gap_makes_overlap_are_merged() -> None:
    merging = on("Europe/Berlin", ["01:00", "02:30"], ["03:00", "04:00"])
    assert merging.windows(at("2026-03-29T00:00:00Z"), at("2026-03-29T12:00:00Z")) == [
        (at("2026-03-29T01:00:00+01:00"), at("2026-03-29T04:00:00+02:00"))
    ]


def test_a_time_that_exists_twice_means_the_first() -> None:
    late = on("Europe/Berlin", ["00:00", "02:30"])
    closing = late.windows(at("2026-10-24T22:00:00Z"), at("2026-10-25T12:00:00Z"))[0][1]
    assert closing == at("2026-10-25T02:30:00+02:00")


def test_a_day_that_a_zone_leaves_out_is_not_worked_twice() -> None:
    """Samoa went from 29 to 31 December 2011: the windows of the 30th fall together with those of the 31st."""
    apia = on("Pacific/Apia", ["09:00", "17:00"])
    assert worked(apia, "2011-12-29T00:00:00-10:00", "2012-01-01T00:00:00+14:00") == 2 * 8 * HOUR


def test_a_goal_that_ends_at_closing_is_due_then_and_breached_only_at_the_next_opening() -> None:
    office = compiled()
    friday = at("2026-03-06T14:00:00+08:00")
    assert office.due(friday, 4 * HOUR) == at("2026-03-06T18:00:00+08:00")
    assert office.last_instant_at(friday, 4 * HOUR) == at("2026-03-09T09:00:00+08:00")


def test_windows_that_touch_have_no_opening_between_them() -> None:
    touching = on("Etc/UTC", ["09:00", "12:00"], ["12:00", "17:00"])
    assert touching.last_instant_at(at("2026-03-02T09:00:00Z"), 3 * HOUR) == at("2026-03-02T12:00:00Z")


def test_a_week_holds_from_its_date() -> None:
    weeks = [{"from": None, "mon": [["09:00", "17:00"]]}, {"from": "2026-03-09", "mon": [["10:00", "11:00"]]}]
    calendar = compiled(weeks=weeks)
    assert worked(calendar, "2026-03-02T00:00:00+08:00", "2026-03-03T00:00:00+08:00") == 8 * HOUR
    assert worked(calendar, "2026-03-09T00:00:00+08:00", "2026-03-10T00:00:00+08:00") == HOUR


def test_a_dated_day_replaces_the_whole_weekday() -> None:
    days = {
        "2026-02-14": {"open": [["09:00", "18:00"]], "name": "春节调休"},
        "2026-02-16": {"open": [], "name": "春节"},
    }
    calendar = compiled(days=days)
    assert worked(calendar, "2026-02-14T00:00:00+08:00", "2026-02-15T00:00:00+08:00") == 9 * HOUR
    assert worked(calendar, "2026-02-16T00:00:00+08:00", "2026-02-17T00:00:00+08:00") == 0


@pytest.mark.parametrize(
    ("instant", "label"),
    [
        ("2026-02-16T10:00:00+08:00", "春节"),
        ("2026-02-14T20:00:00+08:00", "outside_hours"),
        ("2026-02-12T12:30:00+08:00", "outside_hours"),
        ("2026-02-21T10:00:00+08:00", "no_hours"),
        ("2026-02-15T23:59:59+08:00", "no_hours"),
        ("2026-02-16T00:00:00+08:00", "春节"),
    ],
)
def test_closed_time_says_why_it_is_closed(instant: str, label: str) -> None:
    days = {
        "2026-02-14": {"open": [["09:00", "18:00"]], "name": "春节调休"},
        "2026-02-16": {"open": [], "name": "春节"},
    }
    assert compiled(days=days).closed_label(at(instant)) == label


def test_local_midnights_lie_strictly_between_two_instants() -> None:
    office = compiled()
    first, last = "2026-03-02T00:00:00+08:00", "2026-03-05T00:00:00+08:00"
    between = ["2026-03-03T00:00:00+08:00", "2026-03-04T00:00:00+08:00"]
    assert office.midnights(at(first), at(last)) == [at(midnight) for midnight in between]
    assert office.midnights(at(last), at(first)) == []


def test_a_midnight_that_comes_twice_means_the_first() -> None:
    """In Newfoundland clocks went back at one minute past midnight until 2011."""
    office = compiled("America/St_Johns")
    first = at("2010-11-07T00:00:00-02:30")
    assert office.midnights(first - HOUR, first + 3 * HOUR) == [first]
    assert office.day_of(first - 1) == date(2010, 11, 6)
    assert office.day_of(first + 90) == date(2010, 11, 7), "though the wall clock shows the day before again"


def test_a_midnight_that_does_not_exist_is_the_instant_at_which_the_day_begins() -> None:
    office = compiled("America/Sao_Paulo")
    assert office.midnights(at("2016-10-15T12:00:00-03:00"), at("2016-10-16T12:00:00-02:00")) == [
        at("2016-10-16T01:00:00-02:00")
    ]


def test_due_times_beyond_the_last_known_day_are_provisional() -> None:
    office = compiled(known_until="2026-12-31")
    assert not office.provisional(at("2026-12-31T18:00:00+08:00"))
    assert not office.provisional(at("2027-01-01T00:00:00+08:00")), "every second before that midnight is known"
    assert office.provisional(at("2027-01-01T00:00:01+08:00"))
    for never in (None, "9999-12-31"):
        assert not compiled(known_until=never).provisional(at("2199-01-01T00:00:00Z"))


def test_no_due_time_is_found_beyond_five_years() -> None:
    week = [{"from": None, "mon": [["22:00", "24:00"]], "tue": [["00:00", "06:00"]]}]
    night = compiled("Etc/UTC", weeks=week)
    start = at("2026-03-02T09:00:00Z")
    assert night.due(start, 3_000 * HOUR) is None
    assert night.latest_start(start, 3_000 * HOUR) is None
    assert night.due(start, 2_080 * HOUR) is not None


def test_five_years_are_counted_by_the_calendar() -> None:
    always = on("Etc/UTC", ["00:00", "24:00"])
    start, end = at("2026-03-02T09:00:00Z"), at("2031-03-02T09:00:00Z")
    assert always.due(start, end - start) == end
    assert always.due(start, end - start + 1) is None
    assert always.latest_start(end, end - start) == start
    assert always.latest_start(end, end - start + 1) is None


def test_five_years_from_a_leap_day_end_on_the_28th() -> None:
    leap_day = at("2024-02-29T12:00:00Z")
    assert within_five_years(leap_day, at("2029-02-28T12:00:00Z"))
    assert not within_five_years(leap_day, at("2029-02-28T12:00:01Z"))
    assert within_five_years(leap_day, at("2019-02-28T12:00:00Z"))
    assert not within_five_years(leap_day, at("2019-02-28T11:59:59Z"))


def test_a_breach_is_found_however_late_and_not_at_all_where_work_has_ended() -> None:
    week = [{"from": None, "mon": [["09:00", "10:00"]]}]
    assert compiled(weeks=week).last_instant_at(0, 1_000 * HOUR) is not None
    ended = compiled(weeks=[*week, {"from": "2030-01-01"}])
    assert ended.last_instant_at(at("2026-01-01T00:00:00Z"), 1_000 * HOUR) is None


@pytest.mark.parametrize("year", [1970, 2037, 2038, 2100, 2199])
def test_every_year_from_1970_to_2199_is_answered(year: int) -> None:
    office = compiled()
    start = int(datetime(year, 6, 1, 9, tzinfo=SHANGHAI).timestamp())
    found = office.due(start, 45 * HOUR)
    assert found is not None
    assert office.working_seconds(start, found) == 45 * HOUR
    assert office.latest_start(found, 45 * HOUR) is not None


def test_instants_far_outside_are_refused_rather_than_answered_wrongly() -> None:
    with pytest.raises(OutOfReach):
        compiled().due(at("1900-01-01T00:00:00Z"), HOUR)
    with pytest.raises(OutOfReach):
        compiled().working_seconds(0, at("2300-01-01T00:00:00Z"))


def test_the_public_functions_take_aware_instants_and_answer_in_utc() -> None:
    office = compiled()
    start = datetime(2026, 3, 2, 17, 0, 0, 999_999, tzinfo=SHANGHAI)
    found = due(office, start, 2 * HOUR)
    assert found == datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    assert found.tzinfo is UTC
    assert working_seconds(office, start, found) == 2 * HOUR, "fractions are dropped first"
    assert latest_start(office, found, 2 * HOUR) == start.replace(microsecond=0)


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 3, 2, 17)  # noqa: DTZ001  # what is refused
    aware = naive.replace(tzinfo=UTC)
    with pytest.raises(ValueError, match="without a zone"):
        due(compiled(), naive, HOUR)
    with pytest.raises(ValueError, match="without a zone"):
        latest_start(compiled(), naive, HOUR)
    with pytest.raises(ValueError, match="without a zone"):
        working_seconds(compiled(), aware, naive)


def test_years_may_be_compiled_beforehand() -> None:
    ahead = CompiledCalendar(parse_calendar(text()), years=(2004, 2026))
    assert worked(ahead, "2010-03-01T00:00:00+08:00", "2010-03-08T00:00:00+08:00") == 5 * 8 * HOUR
