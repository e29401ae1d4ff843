"""Conditions in words, and what held at each event."""

from typing import Any

import pytest

from services.kernel.messages import use_locale
from tests.web.samples.clock import checks, steps
from web.charts.conditions import fields_of, held_matrix, no_clock_checks, say_condition

STATE: dict[str, Any] = {"field": "state", "op": "in", "value": ["Resolved", "Closed"]}
URGENT: dict[str, Any] = {"field": "priority", "op": "le", "value": 2}
EITHER: dict[str, Any] = {"any": [{"all": [STATE, URGENT]}, {"not": URGENT}]}


@pytest.mark.parametrize(
    ("condition", "zh", "en"),
    [
        (STATE, "state ∈ Resolved、Closed", "state ∈ Resolved, Closed"),
        ({"field": "state", "op": "set"}, "state 有值", "state is set"),
        ({"field": "vip", "op": "eq", "value": True}, "vip = true", "vip = true"),
        (
            {"all": [STATE, URGENT]},
            "state ∈ Resolved、Closed 且 priority ≤ 2",
            "state ∈ Resolved, Closed and priority ≤ 2",
        ),
        (
            EITHER,
            "(state ∈ Resolved、Closed 且 priority ≤ 2) 或 非（priority ≤ 2）",
            "(state ∈ Resolved, Closed and priority ≤ 2) or not (priority ≤ 2)",
        ),
        (None, "", ""),
    ],
)  # fmt: skip
def test_a_condition_is_said_in_both_languages(condition: Any, zh: str, en: str) -> None:
    assert say_condition(condition) == zh
    with use_locale("en"):
        assert say_condition(condition) == en


def test_its_fields_are_each_named_once() -> None:
    assert fields_of({"all": [STATE, {"not": STATE}, URGENT]}) == ("state", "priority")
    assert fields_of(None) == ()


def test_no_clock_says_what_is_needed_what_there_is_and_where_it_failed() -> None:
    start, applies = checks()
    assert (start.name, start.has, start.holds, start.words) == (
        "开始",
        "已解决",
        True,
        "在 0018842-6、0018842-11 处成立",
    )
    assert (applies.needs, applies.has) == ("level = VIP 或 非（vip 无值）", "")
    assert (applies.holds, applies.words) == (False, "所有 4 个事件处都不成立")


def test_a_cancel_condition_is_needed_not_to_hold() -> None:
    given = [{"event_id": "1", "conditions": {"cancel": True}}, {"event_id": "2", "conditions": {"cancel": True}}]
    (check,) = no_clock_checks(given, {"conditions": {"cancel": URGENT}}, {"priority": 1})
    assert (check.name, check.needs, check.has, check.holds) == ("取消", "非（priority ≤ 2）", "1", False)


def test_many_events_are_named_a_few_and_counted() -> None:
    given = [{"event_id": str(n), "conditions": {"start": True}} for n in range(9)]
    (check,) = no_clock_checks(given, {"conditions": {"start": STATE}}, {})
    assert check.words == "在 0、1、2、3 处成立，另有 5 处"


def test_before_the_first_version_nothing_could_hold() -> None:
    (check,) = no_clock_checks([{"event_id": "1", "conditions": {}}], {"conditions": {"start": STATE}}, {})
    assert check.words == "当时没有生效的协议版本"


def test_where_every_event_is_withdrawn_or_ahead_that_is_said_and_not_that_no_version_was_in_force() -> None:
    (check,) = no_clock_checks([], {"conditions": {"start": STATE}}, {})
    assert check.words == "没有生效的事件：已撤回或尚未发生"


def test_the_matrix_has_a_column_a_condition_and_says_what_followed() -> None:
    matrix = held_matrix(steps())
    assert matrix.names == ("开始", "适用")
    assert [row.marks for row in matrix.rows] == [(False, False), (False, False), (True, False), (True, False)]
    assert [row.did for row in matrix.rows] == ["—", "目标 16 h", "新的一轮开始，暂停", "停止"]
    assert [row.goal for row in matrix.rows] == ["不评", "16 h", "16 h", "16 h"]
