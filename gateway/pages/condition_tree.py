"""A condition as rows of a form, and back again without loss.

A node is a test (field, operator, values) or a group (all, any, not) of nodes. Its name in the form is its path:
`c.start` is the root of the start condition, `c.start.0.1` the second part of its first part.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Json = Mapping[str, Any]

OPERATORS = ("eq", "ne", "in", "not_in", "set", "unset", "lt", "le", "gt", "ge")
LISTS, BARE = frozenset({"in", "not_in"}), frozenset({"set", "unset"})
GROUPS = ("all", "any", "not")
TEXT, NUMBER, TRUTH, RAW = "text", "number", "truth", "raw"
KINDS = (TEXT, NUMBER, TRUTH, RAW)
DEEPEST, MOST_PARTS = 20, 100
TRUTHS = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}


@dataclass(frozen=True)
class Node:
    """mode: `test`, or how a group joins its parts. values: as they stand in the controls. kind: what they are."""

    mode: str
    field: str = ""
    op: str = "eq"
    kind: str = TEXT
    values: tuple[str, ...] = ()
    parts: tuple["Node", ...] = ()

    @property
    def is_test(self) -> bool:
        """False for a group."""
        return self.mode == "test"


EMPTY = Node("test")


def node_of(condition: Any) -> Node:
    """The rows of a condition. What is none of the known shapes stands as its JSON, so that nothing is lost."""
    if isinstance(condition, Mapping):
        for mode in ("all", "any"):
            parts = condition.get(mode)
            if isinstance(parts, list) and len(condition) == 1:
                return Node(mode, parts=tuple(node_of(part) for part in parts))
        if set(condition) == {"not"}:
            return Node("not", parts=(node_of(condition["not"]),))
        if set(condition) <= {"field", "op", "value"}:
            return _test_of(condition)
    return Node("test", field=json.dumps(condition, ensure_ascii=False))


def _test_of(test: Json) -> Node:
    name, op = str(test.get("field") or ""), str(test.get("op") or "")
    if op in BARE and test.get("value") is None:
        return Node("test", name, op)
    value = test.get("value")
    listed = value if isinstance(value, list) and op in LISTS else [value]
    kind = _kind_of(listed) if (op in LISTS) == isinstance(value, list) else RAW
    if kind == RAW:
        shown = "" if value is None else json.dumps(value, ensure_ascii=False)
        return Node("test", name, op, RAW if shown else TEXT, (shown,) if shown else ())
    return Node("test", name, op, kind, tuple(_shown(item, kind) for item in listed))


def _kind_of(values: Sequence[Any]) -> str:
    if values and all(
        isinstance(item, str) and item == item.strip() and item and item.isprintable() for item in values
    ):
        return TEXT
    if values and all(isinstance(item, bool) for item in values):
        return TRUTH
    if values and all(isinstance(item, int | float) and not isinstance(item, bool) for item in values):
        return NUMBER
    return RAW


def _shown(item: Any, kind: str) -> str:
    return item if kind == TEXT else json.dumps(item)


def condition_of(node: Node) -> Any:
    """The condition that the rows say. A control with a text that is none of its kind is sent on as it stands."""
    if node.mode == "not":
        parts = [condition_of(part) for part in node.parts]
        return {"not": parts[0] if len(parts) == 1 else {"all": parts}}
    if not node.is_test:
        return {node.mode: [condition_of(part) for part in node.parts]}
    if not node.op and node.field.startswith("{"):
        return _read(node.field, RAW)
    test: dict[str, Any] = {"field": node.field, "op": node.op}
    if node.op in BARE:
        return test
    values = [_read(text, node.kind) for text in node.values if text]
    if node.kind == RAW:
        return test | ({"value": values[0]} if values else {})
    if node.op in LISTS or len(values) > 1:
        return test | {"value": values}
    return test | ({"value": values[0]} if values else {})


def _read(text: str, kind: str) -> Any:
    if kind == TEXT:
        return text
    if kind == TRUTH:
        return TRUTHS.get(text.lower(), text)
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if kind == RAW or (isinstance(found, int | float) and not isinstance(found, bool)) else text


def node_of_form(path: str, names: Mapping[str, Sequence[str]], depth: int = 1) -> Node | None:
    """The node at `path` of the posted form, none where nothing was posted. names: what was posted, by name."""

    def get(name: str, default: str = "") -> str:
        found = names.get(f"{path}.{name}")
        return found[0] if found else default

    mode = get("mode")
    if mode in GROUPS:
        parts = []
        for n in range(MOST_PARTS + 1):
            part = node_of_form(f"{path}.{n}", names, depth + 1) if depth <= DEEPEST else None
            if part is None:
                break
            parts.append(part)
        return Node(mode, parts=tuple(parts))
    if mode != "test":
        return None
    values = tuple(names.get(f"{path}.value", ()))
    op, kind = get("op", "eq"), get("kind", TEXT)
    return Node("test", get("field"), op, kind if kind in KINDS else TEXT, values)


def changed(root: Node | None, act: str, steps: Sequence[int]) -> Node | None:
    """The tree after a button. act: `add` (a condition beside, or a first one), `nest` (a group of two beside), `not`
    (negate, or take the negation away), `drop` (remove), `value` (room for one more), `cut-2` (without the third)."""
    if not steps:
        return _changed_here(root, act)
    if root is None or steps[0] >= len(root.parts):
        return root
    part = changed(root.parts[steps[0]], act, steps[1:])
    kept = [part if n == steps[0] else old for n, old in enumerate(root.parts)]
    parts = tuple(one for one in kept if one is not None)
    if act == "drop" and len(steps) == 1 and len(parts) == 1 and root.mode != "not":
        return parts[0]
    return replace(root, parts=parts) if parts else None


def _changed_here(node: Node | None, act: str) -> Node | None:
    if node is None:
        return EMPTY if act == "add" else None
    if act.startswith("cut-"):
        return replace(node, values=tuple(text for n, text in enumerate(node.values) if f"cut-{n}" != act))
    match act:
        case "add":
            return replace(node, parts=(*node.parts, EMPTY)) if not node.is_test else Node("all", parts=(node, EMPTY))
        case "nest":
            inner = Node("all" if node.mode == "any" else "any", parts=(EMPTY, EMPTY))
            return Node("all", parts=(node, inner)) if node.is_test else replace(node, parts=(*node.parts, inner))
        case "not":
            return node.parts[0] if node.mode == "not" and len(node.parts) == 1 else Node("not", parts=(node,))
        case "value":
            return replace(node, values=(*node.values, ""))
        case "drop":
            return None
    return node


def pointers(node: Node, at: str) -> list[str]:
    """Where in the request the parts of a group stand, its own pointer being `at`."""
    if node.mode == "not":
        alone = len(node.parts) == 1
        return [f"{at}/not" if alone else f"{at}/not/all/{n}" for n in range(len(node.parts))]
    return [f"{at}/{node.mode}/{n}" for n in range(len(node.parts))]
