"""A target reads as a sentence in both languages, and each setting in it leads to its field."""

import pytest

from services.sla.agreements.rules import duration_in_words, parse_targets, sentence, sentence_parts
from tests.sla.agreements.test_parsing import TARGET


def test_a_target_reads_as_a_sentence_in_english() -> None:
    (target,) = parse_targets([TARGET])
    assert sentence(target, "en") == (
        "Starts when state is given, stops when state is “Resolved” or “Closed”; stands while state is “Waiting” or "
        "not (owner is given). Goal: 4 hours (cn-24x7) where priority is “1”; 40 hours (cn-office) otherwise. "
        "A changed goal judges all the time elapsed; a reopened ticket continues its cycle, without the stopped time. "
        "At risk at 75 % and 90 %. Credit, out of 50 % of what is at risk: 40 % below 95 % attainment, "
        "100 % below 90 % attainment. Rated from 10 cycles a month."
    )


def test_a_target_reads_as_a_sentence_in_chinese() -> None:
    (target,) = parse_targets([TARGET])
    assert sentence(target, "zh") == (
        "状态有值即开始计时，到状态为“Resolved”或“Closed”为止；状态为“Waiting”或并非（负责人有值）期间暂停。"
        "目标：优先级为“1”时 4 小时（cn-24x7）；其余 40 小时（cn-office）。目标变化时新目标追溯全部已用时间；"
        "重新打开则同一轮继续，停表期间不计。达到目标的 75 %、90 % 时预警。"
        "服务抵扣的分配额为风险金额的 50 %：达标率低于 95 % 抵扣 40 %、低于 90 % 抵扣 100 %。每月满 10 轮方考核。"
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_setting_in_the_sentence_leads_to_its_field(language: str) -> None:
    (target,) = parse_targets([TARGET])
    settings = {part.setting for part in sentence_parts(target, language) if part.setting}
    assert settings == {
        "/conditions/start", "/conditions/stop", "/conditions/pause", "/goals/0", "/goals/1", "/on_goal_change",
        "/on_reopen", "/warn_at", "/tiers/0", "/tiers/1", "/allocation", "/min_volume",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "day_seconds", "words"),
    [
        (14400, None, "4 hours"),
        (5400, None, "1 hour 30 minutes"),
        (61, None, "1 minute 1 second"),
        (86400, None, "24 hours"),
        (86400, 86400, "1 day of 24 hours"),
        (144000, 28800, "5 days of 8 hours"),
        (150000, 28800, "41 hours 40 minutes"),
    ],
)
def test_a_day_is_a_unit_only_where_it_is_said_how_long_it_is(
    seconds: int, day_seconds: int | None, words: str
) -> None:
    assert duration_in_words(seconds, "en", day_seconds) == words
