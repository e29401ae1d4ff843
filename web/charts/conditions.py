"""Conditions in words, and which of them held at each event: why there is no clock, or why there is one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.kernel.messages import _, ngettext, pgettext
from web.charts.facts import Json
from web.charts.marks import goal_words
from web.charts.words import chinese

SIGNS = {"eq": "=", "ne": "≠", "in": "∈", "not_in": "∉", "lt": "<", "le": "≤", "gt": ">", "ge": "≥"}
SHOWN = ("start", "stop", "applies", "pause", "resume", "cancel", "reset")
DECIDING = ("start", "applies", "cancel")  # without a cycle, the others decide nothing
EVENTS_NAMED = 4


def condition_name(name: str) -> str:
    """What a condition of a target is called."""
    words = {
        "start": pgettext("condition", "start"),
        "stop": pgettext("condition", "stop"),
        "applies": pgettext("condition", "applies"),
        "pause": pgettext("condition", "pause"),
        "resume": pgettext("condition", "resume"),
        "cancel": pgettext("condition", "cancel"),
        "reset": pgettext("condition", "reset"),
    }
    return words.get(name, name)


def value_words(value: object) -> str:
    """A value as a person reads it: texts bare, true and false as on the wire."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ("、" if chinese() else ", ").join(value_words(one) for one in value)
    return "—" if value is None else str(value)


def say_condition(condition: Json | None, inner: bool = False, called: Callable[[str], str] = str) -> str:
    """`state = Resolved`, `level ∈ VIP, Key`, joined by and, or. inner: in brackets where it has parts.

    called: what the reader calls an attribute.
    """
    if condition is None:
        return ""
    for key, word in (("all", pgettext("condition", "and")), ("any", pgettext("condition", "or"))):
        if key in condition:
            parts = [say_condition(part, True, called) for part in condition[key]]
            said = f" {word} ".join(parts)
            return f"({said})" if inner and len(parts) > 1 else said
    if "not" in condition:
        return _("not (%(condition)s)") % {"condition": say_condition(condition["not"], False, called)}
    field, op = called(condition["field"]), condition["op"]
    if op == "set":
        return _("%(field)s is set") % {"field": field}
    if op == "unset":
        return _("%(field)s is not set") % {"field": field}
    return f"{field} {SIGNS.get(op, op)} {value_words(condition.get('value'))}"


def fields_of(condition: Json | None) -> tuple[str, ...]:
    """The attributes that a condition asks for, each once."""
    if condition is None:
        return ()
    if "field" in condition:
        return (condition["field"],)
    parts: Sequence[Json] = condition.get("all") or condition.get("any") or [condition["not"]]
    return tuple(dict.fromkeys(field for part in parts for field in fields_of(part)))


@dataclass(frozen=True)
class Check:
    """A row of *no clock*. has: the ticket's values now, empty where it has none. holds: as a start needs it."""

    name: str
    needs: str
    has: str
    holds: bool
    words: str


def no_clock_checks(
    steps: Sequence[Json], target: Json, attributes: Mapping[str, object], called: Callable[[str], str] = str
) -> tuple[Check, ...]:
    """Start, applies and cancel of a target that has no clock.

    steps: the target's `why`, one an event. target: of the agreement (`conditions`). attributes: the ticket's.
    called: what the reader calls an attribute.
    """
    conditions: Json = target.get("conditions") or {}
    return tuple(
        _check(name, conditions[name], steps, attributes, called)
        for name in DECIDING
        if conditions.get(name) is not None
    )


def _check(
    name: str, condition: Json, steps: Sequence[Json], attributes: Mapping[str, object], called: Callable[[str], str]
) -> Check:
    wanted = name != "cancel"
    known = [step for step in steps if name in step["conditions"]]
    held = [step["event_id"] for step in known if step["conditions"][name] is wanted]
    values = [value_words(attributes[field]) for field in fields_of(condition) if attributes.get(field) is not None]
    needs = say_condition(condition, called=called)
    return Check(
        name=condition_name(name),
        needs=needs if wanted else _("not (%(condition)s)") % {"condition": needs},
        has=("、" if chinese() else ", ").join(values),
        holds=bool(held),
        words=_held_words(held) if held else _failed_words(len(known), len(steps)),
    )


def _held_words(events: Sequence[str]) -> str:
    listed = ("、" if chinese() else ", ").join(events[:EVENTS_NAMED])
    rest = len(events) - EVENTS_NAMED
    if rest > 0:
        said = ngettext("holds at %(events)s and %(n)s more event", "holds at %(events)s and %(n)s more events", rest)
        return said % {"events": listed, "n": rest}
    return _("holds at %(events)s") % {"events": listed}


def _failed_words(n: int, events: int) -> str:
    if not events:
        return _("no event counts: withdrawn, or still ahead")
    if not n:
        return _("no version of the agreement was in force")
    return ngettext("fails at %(n)s event", "fails at all %(n)s events", n) % {"n": n}


@dataclass(frozen=True)
class HeldRow:
    """An event of the matrix: one mark a column (None: the target has no such condition then)."""

    event_id: str
    marks: tuple[bool | None, ...]
    goal: str
    did: str


@dataclass(frozen=True)
class HeldMatrix:
    """Which condition held at each event. names: the columns between event and goal."""

    names: tuple[str, ...]
    rows: tuple[HeldRow, ...]


def held_matrix(steps: Sequence[Json]) -> HeldMatrix:
    """The `why` of a target as a table; columns are the conditions that it has in any version."""
    used = [name for name in SHOWN if any(name in step["conditions"] for step in steps)]
    rows = tuple(
        HeldRow(
            event_id=step["event_id"],
            marks=tuple(step["conditions"].get(name) for name in used),
            goal=goal_words(step.get("goal_seconds")) if step.get("version") is not None else "—",
            did=_did_words(step),
        )
        for step in steps
    )
    return HeldMatrix(tuple(condition_name(name) for name in used), rows)


def _did_words(step: Json) -> str:
    words = {
        "started": _("a cycle opens"),
        "stopped": _("stops"),
        "cancelled": _("ends as cancelled"),
        "reset": _("ends as reset"),
        "reopened": _("the same cycle goes on"),
        "paused": _("pauses"),
        "resumed": _("goes on"),
        "goal_changed": _("goal %(length)s") % {"length": goal_words(step.get("goal_seconds"))},
    }
    said = [words.get(did, did) for did in step.get("did") or ()]
    return ("，" if chinese() else ", ").join(said) or "—"
