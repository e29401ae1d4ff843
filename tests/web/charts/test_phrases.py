"""Verdict, why, who stopped it, sums and table: true numbers, both languages."""

from datetime import datetime
from typing import Any

import pytest

from services.kernel.messages import use_locale
from tests.web.charts import story
from tests.web.charts.drawing import ZONE, panel_of, plain
from tests.web.charts.toy import Toy, at, cycle
from web.charts.facts import read_cycle
from web.charts.panel import cycle_tabs, opening_words
from web.charts.verdict import chip_of
from web.charts.words import length, percent, percent_cut, short_length

EVERY = [("resolution", story.resolution()), ("response", story.response()), *story.extremes()]


def numbers(cycle_json: dict[str, Any]) -> list[tuple[str, str]]:
    """The three of the verdict."""
    return [(n.name, n.value) for n in panel_of(cycle_json).verdict.numbers]


def test_three_numbers_say_used_goal_and_what_is_over() -> None:
    panel = panel_of(story.resolution())
    assert numbers(story.resolution()) == [("已用", "18 小时 45 分"), ("目标", "16 小时"), ("超出", "2 小时 45 分")]
    assert panel.verdict.tone == "breached"
    assert (panel.chip.tone, panel.chip.words) == ("danger", "违约")


def test_or_what_is_left() -> None:
    assert numbers(story.response())[2] == ("还剩", "1 分 48 秒")
    assert panel_of(story.response()).verdict.tone == "met"


def test_a_loosened_goal_leaves_time_but_is_no_success() -> None:
    panel = panel_of(story.loosened_after())
    assert panel.verdict.tone == ""
    assert panel.chip.words == "违约"
    assert "之后放宽的目标不会取消违约" in panel.because
    assert "4 小时在 09-07 13:00 用尽" in plain(panel.because)


@pytest.mark.parametrize(
    ("changes", "tone", "words"),
    [
        ({"state": "running"}, "danger", "违约 · 仍在计时"),
        ({"state": "cancelled"}, "danger", "违约 · 后被取消"),
        ({"excluded": True}, "mute", "已剔除"),
        ({"state": "withdrawn"}, "mute", "已撤销"),
        ({"state": "running", "breached_at": None}, "info", "计时中"),
        ({"state": "expired", "breached_at": None}, "mute", "协议到期"),
    ],
)
def test_the_chip_says_the_breach_whatever_came_after(changes: dict[str, Any], tone: str, words: str) -> None:
    chip = chip_of(read_cycle(story.resolution() | changes))
    assert (chip.tone, chip.words) == (tone, words)


def test_why_is_made_from_the_facts() -> None:
    assert plain(panel_of(story.resolution()).because) == (
        "16 小时在 10-12 16:20 用尽，当时没有暂停。国庆节 7 天、周末、非工作时间不计。"
        "暂停 13 小时 50 分、停表 7 小时 10 分已扣除。10-10 六（调休）照常计时 2 小时 30 分。"
    )


def test_why_in_english() -> None:
    with use_locale("en"):
        assert plain(panel_of(story.resolution()).because) == (
            "The goal of 16 h was used up on 12 Oct 16:20, with no pause running. "
            "Not counted: National Day 7 d, weekends, time outside hours. "
            "Pauses of 13 h 50 min and stops of 7 h 10 min are taken out. "
            "Sat 10 Oct was a make-up workday and counted 2 h 30 min."
        )


def test_a_goal_tightened_too_late_is_named_as_the_cause() -> None:
    assert plain(panel_of(story.tightened_late()).because).startswith("09-07 14:00 目标变为 2 小时，当时已用 5 小时。")


def test_a_standing_clock_says_since_when_and_why() -> None:
    assert plain(panel_of(story.paused_now()).because).startswith("09-08 15:00 起暂停：等待第三方厂商。")


def test_a_provisional_due_says_until_when_holidays_are_known() -> None:
    assert "节假日已知至 2026-12-31" in panel_of(story.provisional()).because


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(("name", "given"), EVERY, ids=[n for n, _ in EVERY])
def test_every_cycle_can_be_said_in_both_languages(name: str, given: dict[str, Any], language: str) -> None:
    with use_locale(language):
        panel = panel_of(given)
    said = plain(panel.because)
    assert said, name
    assert "%(" not in said + panel.judged + panel.chip.words
    if language == "zh-CN":
        assert not any(word in said for word in ("the", "goal", "counted")), said


def test_who_stopped_it_by_length_with_letters_as_in_the_strip() -> None:
    reasons = panel_of(story.resolution()).reasons
    assert [(r.letter, r.name, r.seconds, r.actors) for r in reasons] == [
        ("A", story.USER, 8 * 3600 + 1800, ("陈浩",)),
        ("B", story.VENDOR, 5 * 3600 + 1200, ("陈浩",)),
    ]
    (only,) = reasons[0].pauses
    assert (only.start, only.end) == (int(at(10, 8, 11).timestamp()), int(at(10, 9, 10, 30).timestamp()))


@pytest.mark.parametrize(("name", "given"), EVERY, ids=[n for n, _ in EVERY])
def test_reasons_add_up_to_the_pauses_and_the_rows_to_the_wall(name: str, given: dict[str, Any]) -> None:
    panel = panel_of(given)
    sums = given["ledger"]["sums"]
    assert sum(reason.seconds for reason in panel.reasons) == sums["paused"]
    assert panel.table.count == len(given["ledger"]["rows"])
    assert panel.table.wall == length(sum(row["seconds"] for row in given["ledger"]["rows"]), days=True)
    used = [row.so_far for row in panel.table.rows if row.so_far]
    assert not used or used[-1] == short_length(sums["working"]), name


def test_past_twenty_six_reasons_there_are_no_letters_left() -> None:
    panel = panel_of(story.many_reasons())
    assert [r.letter for r in panel.lettered][-1] == "Z"
    assert len(panel.others) == 4
    assert {r.letter for r in panel.others} == {""}


def test_a_pause_without_a_reason_says_that_none_was_given() -> None:
    given = cycle(Toy(at(9, 7, 9), at(9, 7, 18), 3600, [story.pause(at(9, 7, 10), at(9, 7, 11), None, "e")]))
    assert panel_of(given).reasons[0].name == "未写原因"


def test_the_sums_are_an_equation() -> None:
    sums = panel_of(story.resolution()).sums
    assert sums.wall == "12 天 18 小时 45 分"
    assert [(t.name, t.value) for t in sums.terms] == [
        ("计时", "18 小时 45 分"), ("暂停", "13 小时 50 分"), ("停表", "7 小时 10 分"), ("休", "11 天 3 小时"),
    ]  # fmt: skip
    assert sums.over is not None
    assert (sums.over.name, sums.over.value) == ("其中超出", "2 小时 45 分")


def test_whole_closed_days_of_one_name_fold_to_one_row_that_holds_them() -> None:
    table = panel_of(story.resolution()).table
    (folded,) = [row for row in table.rows if row.members]
    assert (folded.start, folded.end, folded.what, folded.length) == ("10-01 00:00", "10-08 00:00", "国庆节", "7 天")
    assert len(folded.members) == 7
    opened = panel_of(story.resolution(), unfolded=True).table
    assert len(opened.rows) == opened.count == len(table.rows) + 6


def test_the_row_of_the_breach_names_it_and_those_after_it_are_over() -> None:
    rows = panel_of(story.resolution()).table.rows
    (breach,) = [row for row in rows if row.breach]
    assert (breach.start, breach.look, breach.breach, breach.so_far) == (
        "10-12 15:30", "working", "违约于 10-12 16:20", "17 h 40",
    )  # fmt: skip
    assert (rows[-1].look, rows[-1].kind, rows[-1].so_far) == ("over", "超出", "18 h 45")


def test_rows_carry_letters_and_make_up_days_and_seconds_where_there_are_any() -> None:
    rows = panel_of(story.resolution()).table.rows
    assert [row.letter for row in rows if row.letter] == ["A", "A", "B"]
    assert [row.start for row in rows if row.what == "调休上班"] == ["10-10 09:00"]
    assert panel_of(story.one_minute()).table.rows[0].end == "09-03 14:03:12"


def test_cycles_are_tabs_with_the_latest_first() -> None:
    tabs = cycle_tabs(story.second_cycle(), 2, ZONE, story.NOW, lambda n: f"?cycle={n}")
    assert [(t.words, t.href, t.current) for t in tabs] == [
        ("第 2 轮 · 违约", "?cycle=2", True), ("第 1 轮 · 重置于 09-15 09:40", "?cycle=1", False),
    ]  # fmt: skip
    assert cycle_tabs(story.second_cycle()[:1], 1, ZONE, story.NOW, str) == ()
    assert opening_words(story.second_cycle(), 2) == "重置后开始"
    assert opening_words(story.second_cycle(), 1) == ""


@pytest.mark.parametrize(
    ("seconds", "zh", "en", "short"),
    [
        (0, "0 秒", "0 s", "0 s"), (59, "59 秒", "59 s", "59 s"), (65, "1 分 5 秒", "1 min 5 s", "1:05"),
        (2400, "40 分", "40 min", "40 min"), (67500, "18 小时 45 分", "18 h 45 min", "18 h 45"),
        (-900, "−15 分", "−15 min", "−15 min"), (90000, "25 小时", "25 h", "25 h"),
    ],
)  # fmt: skip
def test_lengths(seconds: int, zh: str, en: str, short: str) -> None:
    assert (length(seconds), short_length(seconds)) == (zh, short)
    with use_locale("en"):
        assert length(seconds) == en


def test_days_are_said_of_wall_time_only() -> None:
    assert length(90000, days=True) == "1 天 1 小时"


@pytest.mark.parametrize(
    ("share", "told"),
    [("0.949771", "94.9771 %"), ("0.999999", "99.9999 %"), ("1.000000", "100.0000 %"), ("0.000000", "0.0000 %")],
)
def test_attainment_is_cut_and_never_rounded_up(share: str, told: str) -> None:
    assert percent_cut(share) == told


def test_rates_are_said_as_they_were_agreed() -> None:
    assert [percent(rate) for rate in ("0.40", "1.00", "0.125", "0.1")] == ["40 %", "100 %", "12.5 %", "10 %"]


def test_a_closed_day_of_twenty_three_hours_is_a_whole_day_too() -> None:
    """In São Paulo the 16th of October 2016 began at 01:00: midnight did not exist."""
    rows = [
        ("2016-10-14T20:00:00Z", "2016-10-15T03:00:00Z", "outside_hours"),
        ("2016-10-15T03:00:00Z", "2016-10-16T03:00:00Z", "no_hours"),
        ("2016-10-16T03:00:00Z", "2016-10-17T02:00:00Z", "no_hours"),
        ("2016-10-17T02:00:00Z", "2016-10-17T11:00:00Z", "outside_hours"),
    ]
    made = [
        {"from": a, "to": b, "kind": "closed", "label": label,
         "seconds": int((datetime.fromisoformat(b) - datetime.fromisoformat(a)).total_seconds())}
        for a, b, label in rows
    ]  # fmt: skip
    wall = sum(row["seconds"] for row in made)
    ledger = {"wall_seconds": wall, "sums": {"working": 0, "paused": 0, "stopped": 0, "closed": wall}, "rows": made}
    given = story.response() | {
        "ledger": ledger,
        "elapsed_seconds": 0,
        "warnings": [],
        "goals": [],
        "breached_at": None,
    }
    calendar = {"zone": "America/Sao_Paulo", "weeks": [{"from": None, "mon": [["09:00", "18:00"]]}], "days": {}}
    panel = panel_of(given, zone="America/Sao_Paulo", calendar=calendar, events=())
    (folded,) = [row for row in panel.table.rows if row.members]
    assert (folded.start, folded.end, folded.what) == ("2016-10-15 00:00", "2016-10-17 00:00", "周末")
    assert folded.length == "1 天 23 小时"
