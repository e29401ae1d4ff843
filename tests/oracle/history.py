"""What has happened to a ticket: its effective events in order, and conditions over attributes (rules 7 to 12)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.oracle.working_time import microseconds

Event = dict[str, Any]


def same_value(one: Any, other: Any) -> bool:
    """Equality of JSON values: true is not 1 and "1" is not 1, but 1.0 is 1."""
    return json_type(one) == json_type(other) and bool(one == other)


def json_type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string"


def attributes_of(event: Event) -> dict[str, Any]:
    return event.get("attributes") or {}


def known_events(arrivals: list[Event]) -> list[Event]:
    """The events of a ticket after duplicates and id conflicts: the first delivery of an id holds."""
    known: dict[str, Event] = {}
    for event in arrivals:
        if event["event_id"] not in known:
            known[event["event_id"]] = event
    return list(known.values())


def effective_events(arrivals: list[Event], as_of: str | datetime | int) -> list[Event]:
    """The events that hold at an instant of looking, in order (rules 8 and 9).

    Corrections and withdrawals apply first, whatever their own instants. Only an original can be corrected or
    withdrawn; what names anything else, or nothing that is there, has no effect.
    """
    events = known_events(arrivals)
    originals = [event for event in events if event.get("corrects") is None and event.get("withdraws") is None]
    holding: list[Event] = []
    for original in originals:
        name = original["event_id"]
        if any(event.get("withdraws") == name and event.get("corrects") is None for event in events):
            continue
        corrections = [event for event in events if event.get("corrects") == name and event.get("withdraws") is None]
        holding.append(max(corrections, key=sequence_then_id) if corrections else original)
    seen = [event for event in holding if microseconds(event["occurred_at"]) <= microseconds(as_of)]
    return sorted(seen, key=lambda event: (microseconds(event["occurred_at"]), *sequence_then_id(event)))


def sequence_then_id(event: Event) -> tuple[bool, int, bytes]:
    """Orders by sequence, a missing one last, then by the bytes of the id."""
    sequence = event.get("sequence")
    return (sequence is None, 0 if sequence is None else sequence, event["event_id"].encode())


def agreement_named(arrivals: list[Event], as_of: str | datetime | int, of_source: str | None) -> str | None:
    """The agreement of a ticket: named by the first effective event that names one, else its source's (rule 10)."""
    for event in effective_events(arrivals, as_of):
        if event.get("agreement") is not None:
            return str(event["agreement"])
    return of_source


def patched(attributes: dict[str, Any], event: Event) -> dict[str, Any]:
    """The attributes after an event: absent stays, null removes."""
    after = dict(attributes)
    for name, value in attributes_of(event).items():
        if value is None:
            after.pop(name, None)
        else:
            after[name] = value
    return after


def holds(condition: dict[str, Any], attributes: dict[str, Any]) -> bool:
    """Is a condition true of the attributes? A missing attribute equals nothing and is in no set (rule 12)."""
    if "all" in condition:
        return all(holds(part, attributes) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, attributes) for part in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], attributes)
    return comparison_holds(condition["op"], attributes.get(condition["field"]), condition.get("value"))


def comparison_holds(op: str, found: Any, wanted: Any) -> bool:
    """One comparison; `found` is None where the attribute is missing."""
    present = found is not None
    if op == "set":
        return present
    if op == "unset":
        return not present
    if op == "eq":
        return present and same_value(found, wanted)
    if op == "ne":
        return not (present and same_value(found, wanted))
    if op == "in":
        return present and any(same_value(found, one) for one in wanted)
    if op == "not_in":
        return not (present and any(same_value(found, one) for one in wanted))
    if not present or json_type(found) != json_type(wanted):
        return False
    return bool({"lt": found < wanted, "le": found <= wanted, "gt": found > wanted, "ge": found >= wanted}[op])


def fields_of(condition: dict[str, Any]) -> set[str]:
    """The attributes that a condition looks at."""
    if "not" in condition:
        return fields_of(condition["not"])
    parts = condition.get("all", condition.get("any"))
    if parts is not None:
        return {name for part in parts for name in fields_of(part)}
    return {condition["field"]}
