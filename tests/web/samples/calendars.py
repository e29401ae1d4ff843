"""Calendar pages: the list, a year, the form with its preview, and with what was refused."""

from datetime import date
from typing import Any

from gateway.pages.calendar_form import CalendarForm, DayRow, Faults
from gateway.pages.calendar_words import changed_days, changes, week_words
from gateway.pages.calendars import Mover, version_rows
from gateway.pages.forms import FieldProblem, Problem
from gateway.pages.links import Empty, Link
from gateway.pages.lists import Column, Listing, ListQuery
from services.kernel.messages import use_locale
from tests.web.samples import TODAY, Sample, asked
from web.charts.year import calendar_year, week_of

NINE_TO_SIX = [["09:00", "18:00"]]
STORED: dict[str, Any] = {
    "code": "cn-office", "name": "中国办公时间", "version": 3, "zone": "Asia/Shanghai", "known_until": "2026-12-31",
    "weeks": [{"from": None, **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), NINE_TO_SIX)}],
    "days": {
        "2026-02-14": {"open": NINE_TO_SIX, "name": "春节调休"}, "2026-02-17": {"open": [], "name": "春节"},
        "2026-10-01": {"open": [], "name": "国庆节"}, "2026-10-10": {"open": NINE_TO_SIX, "name": "国庆节调休"},
    },
    "actions": [], "changes": ["replace"], "updated_at": "2026-11-06T01:00:00Z",
}  # fmt: skip
MOVED: dict[str, Any] = {
    "version": 4, "clocks": {"later": 17, "earlier": 0}, "breaches": {"vanish": 1, "appear": 1}, "tickets": 448,
    "periods": {"restatable": 1, "frozen": 9}, "complete": False,
    "first": [
        {
            "source": "servicedesk", "ticket": f"00188{n}", "target": "resolution", "move": move,
            "before": {"due_at": "2026-10-13T08:10:00Z", "breached_at": "2026-10-12T08:20:00Z"},
            "after": {"due_at": "2026-10-14T05:10:00Z", "breached_at": "2026-10-14T05:10:00Z"},
        }
        for n, move in enumerate(("breach_vanishes", "breach_appears", "later"))
    ],
}  # fmt: skip


def samples() -> list[Sample]:
    """Every state of the calendar pages."""
    half = {"open": [["09:00", "12:00"]], "name": "停电检修"}
    after = STORED | {"days": STORED["days"] | {"2026-10-09": half}}
    form = CalendarForm.of_text(STORED, 2026)
    stale = Problem(status=412, type="stale", title="日历在此期间被改过")
    wrong = CalendarForm(2026, "", "", "Asia/Shanghai", "", form.weeks, (*form.days, DayRow("2026-10-09", "", "9")))
    pages = [
        Sample("calendars", "calendars/list.html", {"listing": _listing([STORED]), "today": TODAY}),
        Sample("calendars-none", "calendars/list.html", {"listing": _listing([]), "today": TODAY}),
        Sample("calendar-year", "calendars/year.html", _year(STORED)),
        Sample("calendar-old-version", "calendars/year.html", _year(STORED | {"version": 2})),
        Sample("calendar-edit", "calendars/edit.html", _edit(form)),
        Sample("calendar-new", "calendars/edit.html", _edit(form) | {"stored": None, "version": None}),
        Sample("calendar-preview", "calendars/edit.html", _edit(CalendarForm.of_text(after, 2026)) | _preview(after)),
        Sample("calendar-refused", "calendars/edit.html", _edit(wrong, _refused())),
        Sample("calendar-stale", "calendars/edit.html", _edit(form, stale)),
    ]  # fmt: skip
    here = {"nav": "calendars", "here": "/calendars"}
    return [Sample(page.name, page.template, here | dict(page.context)) for page in pages]


def _listing(rows: list[dict[str, Any]]) -> Listing:
    return Listing(
        title="工作日历", query=ListQuery.of(asked("/calendars")), rows=rows, default_sort="code",
        columns=tuple(Column(key=key, title=key) for key in ("name", "zone", "known_until", "version", "updated_at")),
        empty=Empty(title="还没有日历", link=Link(href="/calendars/new", title="新建日历", icon="plus")),
    )  # fmt: skip


def _year(shown: dict[str, Any]) -> dict[str, Any]:
    made = {"made_by": "王敏", "made_at": "2026-11-06T01:00:00Z", "frozen_periods": 9}
    versions = [STORED | made, STORED | made | {"version": 2, "days": {}}, STORED | made | {"version": 1, "weeks": []}]
    with use_locale("zh-CN"):
        return {
            "calendar": shown, "record": STORED, "year": 2026, "path": "/calendars/cn-office",
            "links": [Link(href="?year=2025", title="‹ 2025"), Link(href="?year=2027", title="2027 ›")],
            "shown": calendar_year(shown, 2026, TODAY), "week": week_of(shown, TODAY),
            "words": week_words(shown, TODAY), "is_present": shown["version"] == 3, "versions_problem": None,
            "versions": version_rows(versions), "people": {},
        }  # fmt: skip


def _edit(form: CalendarForm, problem: Problem | None = None) -> dict[str, Any]:
    return {
        "form": form, "url": "/calendars/cn-office/edit?year=2026", "stored": STORED, "problem": problem,
        "faults": Faults(problem, form), "zones": ["Asia/Shanghai"], "preview": None, "shown": None, "again": False,
        "version": 3,
    }  # fmt: skip


def _preview(after: dict[str, Any]) -> dict[str, Any]:
    with use_locale("zh-CN"):
        return {
            "preview": MOVED, "changes": changes(STORED, after), "previewed": "print", "again": True, "rest": 9,
            "shown": calendar_year(after, 2026, TODAY, set(changed_days(STORED, after))),
            "week": week_of(after, date(2026, 10, 9)), "movers": [Mover.of(one) for one in MOVED["first"]],
        }  # fmt: skip


def _refused() -> Problem:
    return Problem(
        status=422, type="validation", title="请求的内容不符合要求", request_id="0b98a1",
        errors=(
            FieldProblem(code="bad_time", what="“9” 不是时间", at="/days/2026-10-09/open/0/0", how="写成 09:00"),
            FieldProblem(code="missing_field", what="缺少此字段", at="/weeks/0/mon"),
            FieldProblem(code="missing_field", what="缺少此字段", at="/code"),
        ),
    )  # fmt: skip
