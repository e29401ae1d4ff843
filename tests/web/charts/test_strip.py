"""What each state of a clock looks like on its strip."""

import re
from typing import Any

import pytest

from services.kernel.messages import use_locale
from tests.web.charts import story
from tests.web.charts.drawing import bars, glyphs, labels, panel_of, tree_of
from tests.web.charts.toy import CALENDAR, Span, Toy, at, cycle, event, wire
from web.charts.facts import read_cycle


def words(drawn: str, width: str = "w") -> list[str]:
    """All words that stand at a width."""
    return [label.words for label in labels(drawn, width)]


def test_the_breached_ticket_reads_as_it_was_drawn() -> None:
    drawn = panel_of(story.resolution()).strip
    said = words(drawn)
    assert "违约 10-12 16:20" in said
    assert "国庆节 7 天" in said
    assert "10-10 六 调休" in said
    assert "A 等待用户答复 7 h" in said
    assert "B 5 h 20" in said
    assert "已停 6 h 30" in said
    assert "18 h 45 超出 2 h 45" in said
    assert "目标 16 h" in said
    assert "原目标 40 h" in said
    assert "P3→P2，目标 40 h→16 h" in said


def test_in_english_too() -> None:
    with use_locale("en"):
        said = words(panel_of(story.resolution()).strip)
    assert {"breached 12 Oct 16:20", "National Day 7 d", "Sat 10 make-up", "goal 16 h", "was 40 h"} <= set(said)
    assert "18 h 45 over by 2 h 45" in said


def test_red_starts_at_the_breach_above_and_at_the_goal_below() -> None:
    drawn = panel_of(story.resolution()).strip
    (breach,) = glyphs(drawn, "m-breach")
    above = [b for b in bars(drawn, "over") if b.y == 40]
    assert above[0].x == pytest.approx(breach, abs=2e-5)
    blue, red = next(b for b in bars(drawn, "work") if b.y == 100), next(b for b in bars(drawn, "over") if b.y == 100)
    assert blue.x + blue.width == pytest.approx(red.x, abs=2e-5)
    assert red.width / blue.width == pytest.approx(2.75 / 16, rel=1e-3)


def test_a_pause_is_hatched_a_stop_dotted_and_both_are_a_notch_below() -> None:
    drawn = panel_of(story.resolution()).strip
    assert len(bars(drawn, "pause")) == 3
    assert len(bars(drawn, "stop")) == 2
    assert drawn.count('fill="url(#strip-hatch)"') == 3
    assert drawn.count('class="notch"') == 3


def test_an_event_that_came_late_is_a_clock_and_a_correction_an_arrow_in_its_place() -> None:
    drawn = panel_of(story.resolution()).strip
    scale_places = glyphs(drawn, "e-late"), glyphs(drawn, "e-fixed")
    assert [len(places) for places in scale_places] == [1, 1]
    assert len(glyphs(drawn, "e-plain")) == 8


def test_a_withdrawn_event_leaves_an_arrow_where_it_was() -> None:
    events = [*story.events(), event("12", at(10, 13, 9), at(10, 13, 9), "王敏", {}, withdraws="0018842-5")]
    drawn = panel_of(story.resolution(), events=events).strip
    assert len(glyphs(drawn, "e-fixed")) == 2
    assert not glyphs(drawn, "e-late")


def test_what_is_ahead_is_hollow_and_its_holiday_is_named() -> None:
    drawn = panel_of(story.running()).strip
    assert len(bars(drawn, "ahead")) == 2
    assert len(bars(drawn, "fut")) == 1
    assert {"现在", "到期 09-28 12:00", "中秋节 3 天"} <= set(words(drawn))
    assert glyphs(drawn, "m-due") == [1.0]


def test_on_a_phone_the_due_day_alone_still_stands() -> None:
    assert "09-28" in words(panel_of(story.running()).strip, "n")


def test_without_windows_what_is_left_is_one_hollow_stretch() -> None:
    drawn = panel_of(story.running() | {"ahead": []}).strip
    (ahead,) = bars(drawn, "ahead")
    assert ahead.x + ahead.width == pytest.approx(1, abs=1e-4)
    assert glyphs(drawn, "m-due") == [1.0]


def test_a_clock_that_stands_has_no_due_mark_and_says_so() -> None:
    drawn = panel_of(story.paused_now()).strip
    assert not glyphs(drawn, "m-due")
    assert "现在（暂停中，无到期时刻）" in words(drawn)


def test_a_provisional_due_instant_is_dashed_and_named_so() -> None:
    drawn = panel_of(story.provisional()).strip
    assert glyphs(drawn, "m-prov") == [1.0]
    assert "暂定到期 2027-01-01 16:00" in words(drawn)


def test_a_long_cycle_shows_months_and_mondays_and_merges_days_that_touch() -> None:
    drawn = panel_of(story.long_and_broken()).strip
    assert {"5 月", "6 月", "7 月", "8 月", "9 月"} <= set(words(drawn))
    mondays_and_months = drawn.count('class="tickm"')
    assert 17 <= mondays_and_months <= 22
    assert "45 h" in words(drawn)
    assert not any("国庆" in said or "端午" in said for said in words(drawn))


def test_a_night_without_folds_shows_clock_time_and_midnight_by_its_day() -> None:
    drawn = panel_of(story.round_the_clock()).strip
    assert not bars(drawn, "fold")
    assert {"9-03 四", "22:00", "9-04 五", "02:00", "04:00"} <= set(words(drawn))


def test_midnight_on_a_day_axis_lies_at_midnight_and_not_at_the_next_row() -> None:
    drawn = panel_of(cycle(Toy(at(9, 3, 20), at(9, 6, 8), 4 * 3600, (), True))).strip
    label = next(found for found in labels(drawn, "w") if found.words == "9-04 五")
    assert label.left == pytest.approx(1000 * 4 / 60, abs=0.5)


def test_the_start_says_that_a_reset_opened_the_cycle() -> None:
    assert "重置后开始" in words(panel_of(story.second_cycle()[1], opened_by="重置后开始").strip)


def test_a_withdrawn_cycle_is_hollow_and_nothing_in_it_is_solid() -> None:
    drawn = panel_of(story.withdrawn()).strip
    assert bars(drawn, "void")
    assert not bars(drawn, "work")
    assert not bars(drawn, "over")


def test_a_cycle_met_at_once_has_two_empty_bands() -> None:
    drawn = panel_of(story.met_at_once()).strip
    assert [bar.cls for bar in bars(drawn)] == ["void", "trough"]
    assert words(drawn) == ["0", "目标 4 h"]


def test_a_cycle_without_a_goal_has_no_goal_line() -> None:
    drawn = panel_of(story.not_rated()).strip
    assert "gline" not in drawn
    assert bars(drawn, "work")


def test_a_goal_loosened_after_the_breach_leaves_the_red_above_alone() -> None:
    drawn = panel_of(story.loosened_after()).strip
    assert [b.y for b in bars(drawn, "over")] == [40.0, 40.0]


def test_a_cycle_of_an_earlier_year_says_its_year() -> None:
    rows = cycle(Toy(at(3, 7, 9, year=2016), at(3, 8, 18, year=2016), 3600))
    said = words(panel_of(rows).strip)
    assert "2016-3-07 一" in said
    assert "违约 2016-03-07 10:00" in said


def test_thousands_of_rows_stay_a_small_drawing() -> None:
    """A year in office hours: touching days are one bar, so the page does not grow by a row a day."""
    drawn = panel_of(cycle(Toy(at(1, 5, 9), at(12, 30, 18), 100 * 3600))).strip
    assert len(drawn) < 60_000


def test_the_drawing_is_named_by_its_finding() -> None:
    tree = tree_of(panel_of(story.resolution()).strip)
    title, desc = tree.find("title"), tree.find("desc")
    assert title is not None
    assert desc is not None
    assert title.text == "解决时限的账本"
    assert desc.text == "目标 16 小时，计时 18 小时 45 分，暂停 13 小时 50 分。10-12 16:20 违约。"
    assert tree.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"


@pytest.mark.parametrize(("name", "given"), story.extremes(), ids=[n for n, _ in story.extremes()])
def test_ids_are_the_drawing_s_own_and_no_style_or_script_is_in_it(name: str, given: dict[str, Any]) -> None:
    drawn = str(panel_of(given, uid=name).strip)
    ids = re.findall(r'\bid="([^"]+)"', drawn)
    assert len(ids) == len(set(ids))
    assert all(found.startswith(name) for found in ids)
    assert " style=" not in drawn
    assert "<script" not in drawn
    assert not re.search(r"#[0-9a-f]{3,6}\b", drawn)


def test_hostile_text_stays_text() -> None:
    panel = panel_of(story.hostile(), uid='x" onload="alert(1)')
    said = words(panel.strip)
    assert any("<script>" in text for text in said)
    for markup in (str(panel.strip), str(panel.because)):
        assert "<script" not in markup
        assert "<i>" not in markup
    assert panel.uid == "x--onload--alert-1-"


def test_a_reason_in_a_sentence_is_escaped() -> None:
    spans = [Span(at(9, 7, 10), at(9, 9, 16), "paused", "<b>x</b>", "y", "z")]
    panel = panel_of(cycle(Toy(at(9, 7, 9), at(9, 8, 11), 4 * 3600, spans, state="paused")))
    assert "&lt;b&gt;x&lt;/b&gt;" in panel.because


def test_a_goal_that_changes_without_priority_says_only_the_goals() -> None:
    drawn = panel_of(story.tightened_late(), events=()).strip
    assert "目标 40 h→2 h" in words(drawn)


def test_the_windows_ahead_end_with_the_due_instant() -> None:
    """A service may give whole windows: what lies beyond due is not drawn."""
    running = story.running()
    longer = [*running["ahead"][:-1], {"from": wire(at(9, 28, 9)), "to": wire(at(9, 28, 18))}]
    assert panel_of(running | {"ahead": longer}).strip == panel_of(running).strip


def test_the_ledger_is_read_to_the_second() -> None:
    read = read_cycle(story.response())
    assert (read.used, read.wall, read.remaining) == (1692, 1692, 108)


def test_without_a_calendar_it_still_draws() -> None:
    drawn = panel_of(story.running(), calendar=None).strip
    assert len(bars(drawn, "ahead")) == 2
    assert CALENDAR["zone"] == "Asia/Shanghai"
