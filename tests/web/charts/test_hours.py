"""A source's last day by the hour."""

from datetime import datetime

import pytest

from services.kernel.messages import use_locale
from tests.web.charts.drawing import bars, labels, tree_of
from tests.web.samples.hours import hours
from web.charts.hours import beat, day
from web.charts.words import Local

HERE = Local.of("Asia/Shanghai", datetime.fromisoformat("2026-11-23T02:20:00Z"))


def test_an_hour_in_which_nothing_came_is_a_dot() -> None:
    drawn = beat(hours([3, 0, 6000, 0]))
    assert (drawn.count("<rect"), drawn.count("<circle")) == (2, 2)
    assert "近 4 小时每小时的事件数：3 0 6000 0" in drawn


def test_an_hour_that_only_said_known_things_again_is_no_dot() -> None:
    again = {"from": "2026-11-23T02:00:00Z", "calls": 4, "accepted": 0, "rejected": 0}
    drawn = beat([again])
    assert 'height="1.5"' in drawn
    assert "<circle" not in drawn


def test_what_was_refused_stands_on_top_of_what_was_taken() -> None:
    drawn = beat(hours([6, 3], refused=2))
    rects = [dict(rect.items()) for rect in tree_of(drawn).iter("rect")]
    assert [(rect.get("class"), rect["y"], rect["height"]) for rect in rects] == [
        (None, "1.0", "16.0"), ("no", "1.0", "4.0"), (None, "11.0", "6.0"),
    ]  # fmt: skip
    large = day(hours([6, 3], refused=2), HERE).picture
    assert [(bar.cls, bar.y) for bar in bars(large) if bar.cls != "base"] == [("work", 32), ("no", 16), ("work", 56)]


def test_the_large_one_has_hours_of_the_reader_s_clock_and_its_finding_in_words() -> None:
    shown = day(hours([0] * 20 + [8, 0, 30, 2]), HERE)
    assert [label.words for label in labels(shown.picture, "n")] == ["30", "12:00", "18:00", "00:00", "06:00"]
    desc = next(tree_of(shown.picture).iter("desc")).text
    assert desc == "40 个事件，09:00 最多（30 个）；有 21 个小时什么也没来。"
    assert (shown.total, shown.refused, shown.calls) == (40, 0, 40)
    assert [(row.at, row.accepted) for row in shown.rows if row.calls] == [
        ("11-23 07:00", 8), ("11-23 09:00", 30), ("11-23 10:00", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said"), [("zh-CN", "这些小时里什么也没来。"), ("en", "Nothing came in these hours.")]
)
def test_a_day_of_silence_says_so(language: str, said: str) -> None:
    with use_locale(language):
        assert next(tree_of(day(hours([0] * 24), HERE).picture).iter("desc")).text == said
