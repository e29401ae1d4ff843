"""Gauges, tiers, formula, the way down to the event, and the calendar's year."""

from datetime import date
from typing import Any

import pytest

from services.kernel.messages import use_locale
from tests.web.charts import story
from tests.web.charts.drawing import ZONE, bars, glyphs, labels, tree_of
from tests.web.charts.period import BREACHES, CAPPED, NAMES, PERIOD, TIERS, choice
from tests.web.charts.toy import CALENDAR
from web.charts.drill import Choice, Drill, drill
from web.charts.facts import read_event
from web.charts.formula import formulas
from web.charts.mini import gauge
from web.charts.received import standings
from web.charts.tiers import Tiers, attainment, not_counted, tier_scale
from web.charts.year import Year, YearDay, calendar_year, week_of

ZH = NAMES["zh-CN"]


def clock(used: int, goal: int | None, state: str = "running", breached: bool = False) -> dict[str, Any]:
    """An item of the clocks' list, in minutes."""
    return {
        "state": state, "elapsed_seconds": used * 60, "goal_seconds": None if goal is None else goal * 60,
        "breached_at": "2026-10-13T02:05:00Z" if breached else None,
        "warnings": [{"percent": 75, "at": None}, {"percent": 90, "at": None}],
    }  # fmt: skip


def test_the_goal_of_every_row_lies_at_eighty_per_cent() -> None:
    for row in (clock(27, 30), clock(15, 2400), clock(255, 240, breached=True)):
        assert '<svg x="80%" y="0" class="g"><path class="gline"' in gauge(row).picture
    assert gauge(clock(15, 30)).words == "15 min / 30 min"
    work = bars(gauge(clock(15, 30)).picture, "work")[0]
    assert work.width == pytest.approx(0.4)


def test_an_overrun_shows_red_and_a_great_one_moves_the_goal() -> None:
    over = gauge(clock(255, 240, breached=True)).picture
    assert bars(over, "over")[0].x == pytest.approx(0.8)
    far = bars(gauge(clock(4000, 240, breached=True)).picture, "over")[0]
    assert far.x + far.width == pytest.approx(1)


def test_a_standing_clock_is_grey_and_one_without_a_goal_is_words() -> None:
    assert bars(gauge(clock(980, 2400, "paused")).picture, "still")
    none = gauge(clock(10, None))
    assert (none.picture, none.words) == ("", "10 min，不评")


def test_the_scale_begins_two_points_under_the_lowest_tier() -> None:
    scale = Tiers.read(TIERS["resolution"])
    assert (str(scale.low), scale.words) == ("0.88", "88–100 %")
    assert scale.x(scale.low) == 0
    assert [label.words for label in labels(tier_scale(TIERS["resolution"], "0.949771"), "w")] == [
        "100 %", "40 %", "无抵扣", "90 %", "95 %",
    ]  # fmt: skip


def test_the_pointer_stands_at_the_share_and_is_red_under_a_tier() -> None:
    drawn = tier_scale(TIERS["resolution"], "0.949771", "0.954337")
    assert 'class="here bad"' in drawn
    assert 'class="ghost"' in drawn
    assert '<svg x="58.142%" y="0" class="g"><path class="here bad"' in drawn  # (0.949771 - 0.88) / 0.12
    assert 'class="here bad"' not in tier_scale(TIERS["resolution"], "0.950000")


def test_where_it_usually_is_stands_hollow_and_is_red_where_that_would_credit() -> None:
    assert '<svg x="68.333%" y="0" class="g"><path class="ghost"' in tier_scale(TIERS["resolution"], None, "0.962000")
    assert 'class="ghost bad"' in tier_scale(TIERS["resolution"], None, "0.931000")
    assert 'class="here' not in tier_scale(TIERS["resolution"], None, "0.931000")


def test_a_share_off_the_scale_is_an_arrow_that_points_out_of_it() -> None:
    assert "M11 2v10l-10 -5z" in tier_scale(TIERS["resolution"], "0.602100")


def test_a_target_without_tiers_has_a_scale_all_the_same() -> None:
    tree_of(tier_scale([], "0.950000"))
    assert Tiers.read([]).words == "90–100 %"


def test_attainment_in_words() -> None:
    resolution, response, callback = PERIOD["targets"]
    assert (attainment(resolution).words, attainment(resolution).tone) == ("94.9771 %", "late")
    assert (attainment(response).words, attainment(response).tone) == ("99.1266 %", "good")
    assert (attainment(callback).words, attainment(callback).tone) == ("不评级", "muted")
    assert not_counted(resolution) == "剔除 1 · 取消 3 · 不评 2"
    assert not_counted(callback) == ""


def test_a_credit_is_its_factors() -> None:
    (found,) = formulas(PERIOD, ZH, "/contracts/1", lambda key: f"/agreements/1#{key}")
    assert [(f.value, f.name) for f in found.factors] == [
        ("¥300,000.00", "月服务费"), ("10 %", "风险比例"), ("50 %", "分配"), ("40 %", "档位费率"),
    ]  # fmt: skip
    assert found.factors[3].source == "94.9771 % 低于 95 %"
    assert (found.amount, found.place) == ("¥6,000.00", "第 1 行，共 1 行")
    assert [f.href for f in found.factors] == ["/contracts/1", "/contracts/1", *["/agreements/1#resolution"] * 2]


def test_a_cap_is_a_row_of_its_own() -> None:
    cap = formulas(CAPPED, ZH)[1]
    assert (cap.kind, cap.factors, cap.amount) == ("cap", (), "-¥1,000.00")


def way(chosen: Choice, ticket: dict[str, Any] | None = None) -> Drill:
    """The columns for a choice."""
    return drill(PERIOD, BREACHES, ticket, chosen, names=ZH, zone=ZONE, now=story.NOW)


def test_down_to_the_event_the_path_stays_chosen() -> None:
    found = way(choice(), story.ticket())
    columns = (found.lines, found.breaches, found.rows)
    chosen = [[item.first for item in column if item.current] for column in columns]
    assert chosen == [["¥6,000.00"], ["0018842"], ["10-12 10:10"]]
    assert dict(found.raw)["event_id"] == "0018842-10"
    assert dict(found.raw)["corrects"] == "0018842-8"
    assert found.ticket == ("servicedesk", "0018842")
    assert found.heads == ("抵扣行", "违约 11", "账本 30 行 · 第 1 轮", "事件原样")


def test_each_link_goes_one_column_further() -> None:
    found = way(choice(), story.ticket())
    assert found.lines[0].href == "?line=resolution#drill"
    assert found.breaches[1].href == "?line=resolution&breach=servicedesk%3A0018731%3Aresolution%3A1#drill"
    assert found.rows[0].href.startswith("?line=resolution&breach=servicedesk%3A0018842%3Aresolution%3A1&row=")


def test_nothing_chosen_shows_the_first_columns_alone() -> None:
    found = way(Choice.read({}))
    assert (len(found.lines), len(found.breaches), found.rows, found.raw, found.ticket) == (1, 11, (), (), None)


def test_a_working_row_leads_to_the_event_that_set_the_clock_going() -> None:
    """10-12 09:40 is worked since event 7; the corrected event 8 has no part in it."""
    row = next(r for r in way(choice(), story.ticket()).rows if r.first == "10-12 09:40")
    chosen = Choice("resolution", choice().breach, row.href.split("row=")[1].removesuffix("#drill"))
    assert dict(way(chosen, story.ticket()).raw)["event_id"] == "0018842-7"


def test_an_unknown_choice_breaks_nothing() -> None:
    found = way(Choice("x", "y", "z"), story.ticket())
    assert (found.rows, found.raw) == ((), ())


def test_a_chosen_breach_past_the_column_s_end_is_shown() -> None:
    many = [BREACHES[1] | {"ticket": f"T{n}"} for n in range(150)] + [BREACHES[0]]
    found = drill(PERIOD, many, story.ticket(), choice(), names=ZH, zone=ZONE, now=story.NOW)
    assert (len(found.breaches), found.more) == (100, 51)
    assert [item.first for item in found.breaches if item.current] == ["0018842"]


def test_events_stand_in_their_effective_order_with_what_became_of_them() -> None:
    found = {s.event.event_id[8:]: s for s in standings(read_event(e) for e in story.events())}
    assert found["8"].set_aside_by == "0018842-10"
    assert not found["8"].holds
    assert found["5"].late_by == 21 * 3600 + 32 * 60
    assert found["8"].late_by == 3600 + 52 * 60
    assert found["6"].late_by is None
    assert list(found) == ["1", "2", "3", "4", "5", "6", "7", "8", "10", "9", "11"]


def year_2026(**more: Any) -> Year:
    """The built calendar's year, read on 13 October."""
    return calendar_year(CALENDAR | more, 2026, date(2026, 10, 13))


def day(year: Year, month: int, number: int) -> YearDay:
    """One cell."""
    return next(d for week in year.months[month - 1].weeks for d in week if d and d.number == number)


def test_a_year_counts_its_workdays_and_names_its_days() -> None:
    year = year_2026()
    assert [month.workdays for month in year.months] == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]
    assert year.months[9].notes == ("1–7 国庆节", "调休 10")
    assert year.months[1].notes == ("15–23 春节", "调休 14、28")
    assert [(entry.words, entry.count) for entry in year.key] == [
        ("工作日", 248), ("周末", 84), ("放假", 33), ("调休上班", 6),
    ]  # fmt: skip


def test_weeks_start_on_monday_and_every_kind_has_its_sign() -> None:
    year = year_2026()
    assert [d.number if d else None for d in year.months[9].weeks[0]] == [None, None, None, 1, 2, 3, 4]
    assert (day(year, 10, 1).cls, day(year, 10, 1).sign) == ("d-holiday", "休")
    assert (day(year, 10, 10).cls, day(year, 10, 10).sign) == ("d-makeup", "班")
    assert day(year, 10, 13).cls == "d-work now"
    assert day(year, 10, 17).cls == "d-weekend"


def test_an_unsaved_change_is_framed_and_special_hours_are_half() -> None:
    days = CALENDAR["days"] | {"2026-10-09": {"open": [["09:00", "12:00"]], "name": "停电检修"}}
    year = calendar_year(CALENDAR | {"days": days}, 2026, date(2026, 10, 13), {date(2026, 10, 9)})
    assert (day(year, 10, 9).cls, day(year, 10, 9).sign) == ("d-short chg", "½")
    assert year.months[9].notes[-1] == "9 停电检修"
    assert [(e.cls, e.count) for e in year.key[-2:]] == [("d-short", 1), ("chg", 1)]


def test_months_beyond_the_known_holidays_say_so() -> None:
    year = year_2026(known_until="2026-11-30")
    assert [month.known for month in year.months] == [True] * 11 + [False]
    assert year.months[11].notes == ("节假日未公布",)


def test_in_english_the_built_in_holidays_have_their_english_names() -> None:
    with use_locale("en"):
        year = year_2026()
    assert year.months[9].notes == ("1–7 National Day", "make-up 10")
    assert (day(year, 10, 1).sign, day(year, 10, 10).sign) == ("H", "W")


def test_the_week_is_that_of_the_day_asked_for() -> None:
    later = {"from": "2026-06-01", "mon": [["09:00", "12:00"], ["13:00", "24:00"]]}
    calendar = CALENDAR | {"weeks": [*CALENDAR["weeks"], later]}
    assert [d.words for d in week_of(calendar, date(2026, 5, 31))][:2] == ["09:00–18:00", "09:00–18:00"]
    monday, tuesday, *_ = week_of(calendar, date(2026, 6, 3))
    assert monday.bars == (("37.50%", "12.50%"), ("54.17%", "45.83%"))
    assert tuesday.words == "—"


def test_the_pictures_have_no_glyph_off_their_box() -> None:
    for drawn in (tier_scale(TIERS["resolution"], "0.1"), gauge(clock(4000, 240, breached=True)).picture):
        assert all(0 <= x <= 1 for x in glyphs(drawn, "g"))
