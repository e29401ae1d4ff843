"""A calendar as rows of a form: what nobody touched comes back as it was."""

from typing import Any

import pytest
from starlette.datastructures import FormData, UploadFile

from gateway.pages.calendar_form import WEEKDAYS, CalendarForm, DayRow, windows_of, windows_text
from gateway.pages.calendar_words import changed_days, changes, week_words
from services.kernel.messages import use_locale

NINE_TO_SIX = [["09:00", "12:00"], ["13:00", "18:00"]]
WEEK: dict[str, Any] = {"from": None, **dict.fromkeys(WEEKDAYS[:5], NINE_TO_SIX)}
CALENDAR: dict[str, Any] = {
    "code": "office", "name": "办公时间", "zone": "Asia/Shanghai", "known_until": "2026-12-31",
    "weeks": [WEEK, {"from": "2026-07-01", "sat": [["09:00", "24:00"]]}],
    "days": {
        "2025-10-01": {"open": [], "name": "国庆节"}, "2026-10-01": {"open": [], "name": "国庆节"},
        "2026-10-10": {"open": NINE_TO_SIX, "name": "国庆节调休"},
    },
}  # fmt: skip


def posted(form: CalendarForm) -> FormData:
    """What a browser sends of the form as it stands."""
    fields: list[tuple[str, str | UploadFile]] = [
        ("name", form.name),
        ("zone", form.zone),
        ("known_until", form.known_until),
    ]
    for n, week in enumerate(form.weeks):
        fields.append((f"weeks.{n}.from", week.since))
        fields += [(f"weeks.{n}.{day}", text) for day, text in zip(WEEKDAYS, week.windows, strict=True)]
    for n, day in enumerate(form.days):
        fields += [(f"days.{n}.date", day.date), (f"days.{n}.name", day.name), (f"days.{n}.open", day.open)]
    return FormData(fields)


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_a_calendar_opened_and_sent_untouched_is_the_same_text(year: int) -> None:
    form = CalendarForm.of_form(posted(CalendarForm.of_text(CALENDAR, year)), year)
    assert form.text(CALENDAR) == {key: CALENDAR[key] for key in ("zone", "weeks", "days", "known_until")}


@pytest.mark.parametrize(
    ("typed", "windows"),
    [
        ("9:00-12:00, 13:00–18:00", NINE_TO_SIX),
        ("09：00～12：00；13：00 至 18：00", NINE_TO_SIX),
        ("", []),
        ("soon", [["soon", ""]]),
    ],
)
def test_windows_are_read_as_people_write_them(typed: str, windows: list[list[str]]) -> None:
    assert windows_of(typed) == windows


def test_windows_are_written_as_they_are_read() -> None:
    assert windows_of(windows_text(NINE_TO_SIX)) == NINE_TO_SIX


def test_a_date_stands_once_over_all_years() -> None:
    form = CalendarForm.of_text(CALENDAR, 2026)
    doubled = CalendarForm.of_form(posted(form), 2026).after("add-day")
    again = CalendarForm(2026, "", "", "", "", doubled.weeks, (*form.days, DayRow("2025-10-01", "x", "")))
    assert [error.at for error in again.twice(CALENDAR)] == ["/days/2025-10-01"]
    assert form.twice(CALENDAR) == []


def test_buttons_add_and_remove_rows() -> None:
    form = CalendarForm.of_text(CALENDAR, 2026)
    assert len(form.after("add-week").weeks) == 3
    assert form.after("drop-week.1").weeks == form.weeks[:1]
    assert [day.date for day in form.after("drop-day.0").days] == ["2026-10-10"]
    assert form.after("add-day").sorted() == form.sorted()


def test_what_differs_is_said_day_by_day() -> None:
    after = CALENDAR | {"days": CALENDAR["days"] | {"2026-10-09": {"open": [["09:00", "12:00"]], "name": "停电检修"}}}
    with use_locale("en"):
        (change,) = changes(CALENDAR, after)
        assert (change.title, change.before) == ("9 Oct 2026 Fri", "closed")
        assert change.after == "09:00–12:00 “停电检修”"
        assert week_words(CALENDAR, changed_days(CALENDAR, after)[0]) == "Sat 09:00–24:00"
