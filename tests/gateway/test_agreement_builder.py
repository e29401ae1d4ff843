"""The builder loses nothing: an agreement that is opened and saved untouched is the same JSON."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.datastructures import FormData, UploadFile

from gateway.pages.agreement_form import CONDITIONS, AgreementForm, TargetForm
from gateway.pages.agreement_values import as_percent, of_percent, percents_of
from gateway.pages.condition_tree import Node, changed, condition_of, node_of, pointers
from services.kernel.refusals import Refused
from services.sla.agreements.rules import parse_targets, target_as_json

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=12)
values = st.one_of(
    texts, st.integers(-(10**12), 10**12), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)
)


def _tests() -> st.SearchStrategy[Any]:
    one = st.fixed_dictionaries({"field": texts, "op": st.sampled_from(["eq", "ne"]), "value": values})
    listed = st.fixed_dictionaries(
        {"field": texts, "op": st.sampled_from(["in", "not_in"]), "value": st.lists(values, min_size=1, max_size=4)}
    )
    bare = st.fixed_dictionaries({"field": texts, "op": st.sampled_from(["set", "unset"])})
    return st.one_of(one, listed, bare)


conditions = st.recursive(
    _tests(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)
shares = st.decimals(0, 1, places=4).map(str)
goals = st.fixed_dictionaries(
    {"seconds": st.none() | st.integers(1, 2_000_000)},
    optional={"calendar": st.sampled_from(["a", "b"]), "day_seconds": st.integers(1, 86_400)},
)


@st.composite
def targets(draw: st.DrawFn) -> dict[str, Any]:
    wanted = {"start", "stop"} | draw(st.sets(st.sampled_from(CONDITIONS)))
    lines = [draw(goals) | {"when": draw(conditions)} for _n in range(draw(st.integers(0, 2)))]
    return draw(
        st.fixed_dictionaries(
            {
                "key": st.just("resolution"),
                "calendar": st.sampled_from(["a", "b"]),
                "conditions": st.fixed_dictionaries({name: conditions for name in CONDITIONS if name in wanted}),
                "goals": goals.map(lambda last: [*lines, last]),
                "on_reopen": st.sampled_from(["ignore", "continue", "new"]),
            },
            optional={
                "name": st.fixed_dictionaries({}, optional={"zh": texts, "en": texts}),
                "kind": st.just("clock"),
                "on_goal_change": st.sampled_from(["retroactive", "keep", "restart"]),
                "count_stopped": st.booleans(),
                "warn_at": st.lists(st.integers(1, 100), unique=True, max_size=4),
                "min_volume": st.integers(0, 10**9),
                "allocation": shares,
                "tiers": st.lists(st.fixed_dictionaries({"below": shares, "rate": shares}), max_size=3),
                "day_seconds": st.integers(1, 86_400),
            },
        )
    )


def posted(form: AgreementForm) -> FormData:
    """What a browser sends of the form as it stands."""
    target = form.target
    fields: list[tuple[str, str | UploadFile]] = []
    head = {"contract": form.contract, "title": form.title, "zone": form.zone, "from": form.since, "until": form.until}
    fields += [*head.items(), ("open", str(form.open)), *(("target", text) for text in form.hidden)]
    plain = {
        "key": target.key, "name.zh": target.name_zh, "name.en": target.name_en, "calendar": target.calendar,
        "on_goal_change": target.on_goal_change, "on_reopen": target.on_reopen, "warn_at": target.warn_at,
        "min_volume": target.min_volume, "allocation": target.allocation, "day": target.day,
    }  # fmt: skip
    fields += [(f"t.{name}", text) for name, text in plain.items()]
    fields += [("t.count_stopped", "true")] if target.count_stopped else []
    for name, root in target.conditions.items():
        fields += posted_node(f"c.{name}", root)
    for n, goal in enumerate(target.goals):
        row = {"number": goal.number, "unit": goal.unit, "calendar": goal.calendar, "day": goal.day}
        fields += [(f"g.{n}.{cell}", text) for cell, text in row.items()]
        fields += posted_node(f"g.{n}.when", goal.when) if goal.when else []
    for n, tier in enumerate(target.tiers):
        fields += [(f"tier.{n}.below", tier.below), (f"tier.{n}.rate", tier.rate)]
    return FormData(fields)


def posted_node(path: str, node: Node) -> list[tuple[str, str]]:
    found = [(f"{path}.mode", node.mode)]
    if node.is_test:
        found += [(f"{path}.field", node.field), (f"{path}.op", node.op), (f"{path}.kind", node.kind)]
        return found + [(f"{path}.value", text) for text in node.values]
    for n, part in enumerate(node.parts):
        found += posted_node(f"{path}.{n}", part)
    return found


def same(one: object, other: object) -> bool:
    """Equal as JSON texts, so that 1, 1.0 and true are three things."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@few
@given(st.lists(targets(), min_size=1, max_size=2), st.integers(0, 2))
def test_an_agreement_opened_and_saved_untouched_is_the_same_json(drawn: list[dict[str, Any]], shown: int) -> None:
    agreement = {"title": "IT", "zone": "Asia/Shanghai", "from": "2026-01-01", "until": None, "targets": drawn}
    form = AgreementForm.of_form(posted(AgreementForm.of_json(agreement, shown)))
    assert same(form.agreement_json(), agreement | {"period": "month"})


@few
@given(targets())
def test_what_the_service_stores_comes_back_as_it_was(drawn: dict[str, Any]) -> None:
    try:
        stored = target_as_json(*parse_targets([drawn]))
    except Refused:
        return  # what the service refuses is never stored
    assert same(TargetForm.of_json(stored).as_json(stored), stored)


@given(conditions)
def test_a_condition_is_the_same_after_its_rows(condition: Any) -> None:
    assert same(condition_of(node_of(condition)), condition)


@given(conditions, st.lists(st.integers(0, 3), max_size=4))
def test_a_condition_added_and_dropped_again_leaves_what_was(condition: Any, steps: list[int]) -> None:
    root = node_of(condition)
    negated = changed(root, "not", [])
    assert negated is not None
    if root.mode != "not":
        assert changed(negated, "not", []) == root
    assert changed(root, "value", steps) is not None


def test_buttons_build_a_condition_of_groups() -> None:
    root = changed(None, "add", [])
    root = changed(root, "add", [])
    root = changed(root, "nest", [])
    assert root is not None
    assert [part.mode for part in root.parts] == ["test", "test", "any"]
    assert changed(root, "drop", [2, 0]) == Node("all", parts=(*root.parts[:2], root.parts[2].parts[1]))
    assert changed(Node("all", parts=root.parts[:2]), "drop", [0]) == root.parts[1]
    assert changed(root, "drop", []) is None


def test_the_place_of_each_part_is_that_of_the_request() -> None:
    tree = node_of({"any": [{"not": {"field": "a", "op": "set"}}, {"field": "b", "op": "set"}]})
    assert pointers(tree, "/c") == ["/c/any/0", "/c/any/1"]
    assert pointers(tree.parts[0], "/c/any/0") == ["/c/any/0/not"]


@pytest.mark.parametrize(("typed", "share"), [("40", "0.4"), ("12.5 %", "0.125"), ("100", "1"), ("0", "0"), ("x", "x")])
def test_a_share_is_typed_in_per_cent(typed: str, share: str) -> None:
    assert of_percent(typed) == share
    assert of_percent(as_percent(share)) == share


def test_at_risk_shares_are_read_from_one_text() -> None:
    assert percents_of("75 %, 90 %") == [75, 90]
    assert percents_of("75、90 x") == [75, 90, "x"]
