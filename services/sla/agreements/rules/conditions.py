"""Conditions over a ticket's attributes: what makes a clock start, stop, wait, and which goal holds.

A missing attribute equals nothing and is in no set; values of different JSON types are unequal and unordered.
Source: SLA semantics, rule 12.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

Value = str | int | float | bool
"""An attribute's value as JSON has it. A number compares with a number, never with a text or a boolean."""
Attributes = Mapping[str, Value]
"""What is known of a ticket after an event. An attribute that was removed is not in it."""
Holds = Callable[[Attributes], bool]


class Op(StrEnum):
    """How one attribute is tested."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    NOT_IN = "not_in"
    SET = "set"
    UNSET = "unset"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One attribute against a value: a tuple of values for `in` and `not_in`, None for `set` and `unset`."""

    field: str
    op: Op
    value: Value | tuple[Value, ...] | None = None


@dataclass(frozen=True, slots=True)
class All:
    """True where every part is."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Any:
    """True where one part is."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is not."""

    part: "Condition"


Condition = Comparison | All | Any | Not


def signed_comparisons_of(condition: Condition, denied: bool = False) -> Iterator[tuple[Comparison, bool]]:
    """The single tests in a condition, from left to right, and whether each stands under an odd number of `not`."""
    match condition:
        case Comparison():
            yield condition, denied
        case Not(part):
            yield from signed_comparisons_of(part, not denied)
        case All(parts) | Any(parts):
            for part in parts:
                yield from signed_comparisons_of(part, denied)


def comparisons_of(condition: Condition) -> Iterator[Comparison]:
    """The single tests in a condition, from left to right."""
    return (test for test, _denied in signed_comparisons_of(condition))


def fields_of(condition: Condition) -> tuple[str, ...]:
    """The attributes that a condition looks at, each once, in the order in which it names them."""
    return tuple(dict.fromkeys(test.field for test in comparisons_of(condition)))


def compiled(condition: Condition) -> Holds:
    """The condition as a function of the attributes, for judging many tickets."""
    match condition:
        case Comparison():
            return _compiled_comparison(condition)
        case Not(part):
            inner = compiled(part)
            return lambda attributes: not inner(attributes)
        case All(parts):
            every = tuple(compiled(part) for part in parts)
            return lambda attributes: all(holds(attributes) for holds in every)
        case Any(parts):
            some = tuple(compiled(part) for part in parts)
            return lambda attributes: any(holds(attributes) for holds in some)


def same(one: Value | None, other: Value | None) -> bool:
    """Equal as JSON values: 1 and 1.0 are one number, 1 and true are not the same."""
    return one is not None and one == other and isinstance(one, bool) == isinstance(other, bool)


def _compiled_comparison(test: Comparison) -> Holds:
    field, wanted = test.field, test.value
    match test.op:
        case Op.SET:
            return lambda attributes: field in attributes
        case Op.UNSET:
            return lambda attributes: field not in attributes
        case Op.IN | Op.NOT_IN:
            return _membership(field, wanted if isinstance(wanted, tuple) else (), test.op is Op.IN)
        case Op.EQ | Op.NE:
            single = None if isinstance(wanted, tuple) else wanted
            if test.op is Op.EQ:
                return lambda attributes: same(attributes.get(field), single)
            return lambda attributes: not same(attributes.get(field), single)
        case _:
            return _ordering(field, test.op, None if isinstance(wanted, tuple) else wanted)


def _membership(field: str, values: tuple[Value, ...], wanted: bool) -> Holds:
    def holds(attributes: Attributes) -> bool:
        found = attributes.get(field)
        return any(same(found, value) for value in values) is wanted

    return holds


def _ordering(field: str, op: Op, bound: Value | None) -> Holds:
    def holds(attributes: Attributes) -> bool:
        order = _order(attributes.get(field), bound)
        if order is None:
            return False
        match op:
            case Op.LT:
                return order < 0
            case Op.LE:
                return order <= 0
            case Op.GT:
                return order > 0
            case _:
                return order >= 0

    return holds


def _order(one: Value | None, other: Value | None) -> int | None:
    """Negative, 0 or positive as `one` lies before, at or after `other`; None where the two have no order."""
    if isinstance(one, str) and isinstance(other, str):
        return (one > other) - (one < other)
    if isinstance(one, bool) or isinstance(other, bool):
        return None
    if isinstance(one, int | float) and isinstance(other, int | float):
        return (one > other) - (one < other)
    return None
