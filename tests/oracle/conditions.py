"""Random conditions over the attributes that the histories patch: the usual ones often, nested ones sometimes."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Draw = st.DrawFn
Condition = dict[str, Any]


def field(name: str, op: str, value: Any = None) -> Condition:
    if op in ("set", "unset"):
        return {"field": name, "op": op}
    return {"field": name, "op": op, "value": value}


NAMES = st.sampled_from(["state", "priority", "severity", "moved", "replied", "code", "never"])
SINGLE_VALUES = st.sampled_from(
    ["New", "Working", "Waiting", "Resolved", "1", "2", 1, 1.0, 3, True, False, "void", "3"]
)


def nested(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda chosen: {"all": chosen}, several),
        st.builds(lambda chosen: {"any": chosen}, several),
        st.builds(lambda chosen: {"not": chosen}, parts),
    )


# One comparison; order is asked of numbers only, whatever the attribute's type.
COMPARISONS = st.one_of(
    st.builds(field, NAMES, st.sampled_from(["eq", "ne"]), SINGLE_VALUES),
    st.builds(field, NAMES, st.sampled_from(["in", "not_in"]), st.lists(SINGLE_VALUES, min_size=1, max_size=3)),
    st.builds(field, NAMES, st.sampled_from(["set", "unset"])),
    st.builds(field, st.just("severity"), st.sampled_from(["lt", "le", "gt", "ge"]), st.sampled_from([1, 2, 2.5, 3])),
)
# Built once: a strategy made anew for each draw takes longer to check than to draw from.
CONDITIONS = st.recursive(COMPARISONS, nested, max_leaves=4)


def mostly(*usual: Condition) -> st.SearchStrategy[Condition]:
    """One of the usual conditions; any other, one time in twelve."""
    return st.integers(0, 11).flatmap(lambda drawn: CONDITIONS if drawn == 11 else st.sampled_from(usual))


WAITING = field("state", "in", ["Waiting", "Vendor"])
STARTS = mostly(field("state", "set"), field("state", "set"), field("state", "in", ["New", "Working", "Waiting"]))
STOPS = mostly(field("state", "in", ["Resolved", "Closed"]), field("state", "eq", "Resolved"))
PAUSES = mostly(WAITING, {"any": [field("state", "eq", "Waiting"), field("code", "eq", "ok")]})
RESUMPTIONS = mostly(field("replied", "eq", True), field("state", "eq", "Working"))
CANCELLATIONS = mostly(field("code", "eq", "void"), field("severity", "ge", 3))
RESETS = mostly(field("moved", "eq", True), field("priority", "eq", "1"))
APPLIES = mostly({"not": field("code", "eq", "void")}, field("severity", "ne", 3))
WHENS = mostly(field("priority", "eq", "1"), field("priority", "in", ["2", "3"]), field("priority", "eq", "5"))
