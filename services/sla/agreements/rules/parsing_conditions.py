"""A condition as JSON becomes one that can be judged. Source: SLA semantics, rule 12; shapes: the API's conditions."""

from collections.abc import Mapping
from math import isfinite

from services.kernel.messages import N_
from services.sla.agreements.rules.conditions import All, Any, Comparison, Condition, Not, Op, Value
from services.sla.agreements.rules.faults import Faults

DEEPEST = 20
MOST_PARTS = 100
LONGEST_FIELD = 200
LONGEST_VALUE = 1_000

_KINDS = ("all", "any", "not")
_ORDERED = (Op.LT, Op.LE, Op.GT, Op.GE)


def parse_condition(given: object, at: str, faults: Faults, depth: int = 1) -> Condition | None:
    """The condition, or None and what is wrong with it. at: its JSON pointer."""
    if depth > DEEPEST:
        what, how = N_("This condition is nested too deeply"), N_("Nest at most %(most)s conditions")
        faults.add("too_deep", at, what, how, most=DEEPEST)
        return None
    if isinstance(given, Mapping):
        for kind in _KINDS:
            if kind in given:
                return _combined(given, kind, at, faults, depth)
    return _test(given, at, faults)


def _combined(given: Mapping[str, object], kind: str, at: str, faults: Faults, depth: int) -> Condition | None:
    faults.object_of(given, at, (kind,))
    where = f"{at}/{kind}"
    if kind == "not":
        part = parse_condition(given[kind], where, faults, depth + 1)
        return None if part is None else Not(part)
    items = faults.list_of(given[kind], where, MOST_PARTS)
    if isinstance(given[kind], list) and not given[kind]:
        faults.missing(where, N_("Give at least one condition"))
    parts = [parse_condition(item, f"{where}/{place}", faults, depth + 1) for place, item in enumerate(items)]
    whole = tuple(part for part in parts if part is not None)
    if not whole or len(whole) < len(parts):
        return None
    return All(whole) if kind == "all" else Any(whole)


def _test(given: object, at: str, faults: Faults) -> Condition | None:
    fields = faults.object_of(given, at, ("field", "op", "value", *_KINDS))
    if fields is None:
        return None
    before = len(faults.found)
    name, op = None, None
    if fields.get("field") is None:
        faults.missing(f"{at}/field", N_("Name the attribute that is looked at"))
    else:
        name = faults.text(fields["field"], f"{at}/field", LONGEST_FIELD)
    if fields.get("op") is None:
        faults.missing(f"{at}/op", N_("Say how the attribute is compared"))
    elif isinstance(fields["op"], str) and fields["op"] in set(Op):
        op = Op(fields["op"])
    else:
        what, how = N_("There is no operator “%(op)s”"), N_("Known are: %(known)s")
        faults.add("unknown_operator", f"{at}/op", what, how, op=str(fields["op"])[:100], known=", ".join(Op))
    value = None if op is None else _value(fields, op, at, faults)
    return None if len(faults.found) > before or name is None or op is None else Comparison(name, op, value)


def _value(fields: Mapping[str, object], op: Op, at: str, faults: Faults) -> Value | tuple[Value, ...] | None:
    given, where = fields.get("value"), f"{at}/value"
    if op in (Op.SET, Op.UNSET):
        if given is not None:
            what, how = N_("“%(op)s” takes no value"), N_("Leave the value out")
            faults.add("unexpected_value", where, what, how, op=op)
        return None
    if given is None:
        faults.missing(where, N_("Give the value to compare with"))
        return None
    if op in (Op.IN, Op.NOT_IN):
        items = faults.list_of(given, where, MOST_PARTS)
        if isinstance(given, list) and not given:
            faults.missing(where, N_("Give at least one value"))
        found = [_single(item, f"{where}/{place}", faults) for place, item in enumerate(items)]
        return tuple(value for value in found if value is not None)
    value = _single(given, where, faults)
    if isinstance(value, bool) and op in _ORDERED:
        faults.bad_type(where, N_("Send a number or a text: true and false have no order"))
    return value


def _single(given: object, at: str, faults: Faults) -> Value | None:
    if isinstance(given, str):
        if len(given) <= LONGEST_VALUE:
            return given
        faults.too_long(at, LONGEST_VALUE)
    elif isinstance(given, bool | int) or (isinstance(given, float) and isfinite(given)):
        return given
    else:
        faults.bad_type(at, N_("Send a text, a number, true or false here"))
    return None
