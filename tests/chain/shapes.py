"""What the API's page says a document looks like, and whether one does. Keys beyond those named are allowed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
DECIMAL = re.compile(r"-?\d+\.\d+")
AMOUNT = re.compile(r"-?\d+\.\d\d")
MONEY = {"amount": AMOUNT, "currency": re.compile(r"[A-Z]{3}")}
PATH = re.compile(r"/api/[a-z]+/v1/.+")


@dataclass(frozen=True)
class Maybe:
    """The shape, or null."""

    shape: Any


def number(prefix: str) -> re.Pattern[str]:
    return re.compile(rf"{prefix}-\d{{4}}-\d{{6}}")


def record(prefix: str) -> dict[str, Any]:
    """What every record carries."""
    return {
        "id": UUID7, "number": number(prefix), "version": int, "state": str, "actions": [str],
        "created_at": INSTANT, "updated_at": INSTANT,
    }  # fmt: skip


def misfits(value: Any, shape: Any, at: str = "") -> list[str]:
    """Every place where the value is not of the shape.

    A shape is a type, a pattern of a whole text, Maybe, a dict of the keys that must be there, a list of the shape of
    each item, a function that says whether it fits, or the value itself.
    """
    if isinstance(shape, Maybe):
        return [] if value is None else misfits(value, shape.shape, at)
    if isinstance(shape, dict):
        return _misfits_of_object(value, shape, at)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{at}: no list, {value!r}"]
        return [fault for place, item in enumerate(value) for fault in misfits(item, shape[0], f"{at}/{place}")]
    return [] if _fits(value, shape) else [f"{at}: {value!r}"]


def _misfits_of_object(value: Any, shape: dict[str, Any], at: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at}: no object, {value!r}"]
    faults = [f"{at}/{name}: missing" for name in shape if name not in value]
    for name, wanted in shape.items():
        if name in value:
            faults += misfits(value[name], wanted, f"{at}/{name}")
    return faults


def _fits(value: Any, shape: Any) -> bool:
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    if isinstance(shape, type):
        return type(value) is shape
    if isinstance(shape, Callable):  # type: ignore[arg-type]  # mypy takes no special form here
        return bool(shape(value))
    return bool(value == shape and type(value) is type(shape))


def of_shape(value: Any, shape: Any) -> Any:
    """The value, once it is of the shape."""
    faults = misfits(value, shape)
    assert not faults, "\n".join(faults)
    return value


SUPPLIER = record("GYS") | {
    "legal_name": str, "short_name": str, "credit_code": re.compile("[0-9A-Z]{18}"), "scope": [str],
    "region": Maybe(str), "contacts": [{"name": str, "email": Maybe(str), "phone": Maybe(str), "role": Maybe(str)}],
}  # fmt: skip
TERMS = [{"from": DATE, "monthly_charge": MONEY, "at_risk_share": DECIMAL}]
CONTRACT = record("HT") | {
    "title": str, "owner": str, "supplier": {"id": UUID7, "number": number("GYS")}, "type": "ITO", "value": MONEY,
    "from": DATE, "to": DATE, "terms": TERMS,
}  # fmt: skip
TARGET = {
    "key": str, "name": {"zh": str, "en": str}, "kind": "clock", "calendar": str, "conditions": dict,
    "goals": [{"seconds": Maybe(int)}], "on_goal_change": str, "on_reopen": str, "count_stopped": bool,
    "warn_at": [int], "min_volume": int, "allocation": DECIMAL, "tiers": [{"below": DECIMAL, "rate": DECIMAL}],
    "sentence": {"zh": str, "en": str},
}  # fmt: skip
AGREEMENT = record("SLA") | {
    "contract": number("HT"), "title": str, "zone": str, "period": "month", "from": DATE, "until": Maybe(DATE),
    "targets": [TARGET],
}  # fmt: skip
CYCLE = {
    "cycle": int, "version": int, "state": str, "started_at": SECOND, "ended_at": Maybe(SECOND),
    "goal_seconds": Maybe(int), "elapsed_seconds": int, "paused_seconds": int, "remaining_seconds": Maybe(int),
    "due_at": Maybe(SECOND), "breached_at": Maybe(SECOND), "provisional": bool, "excluded": bool,
    "judged_by": {"agreement_version": int, "calendar": str, "calendar_version": int},
    "warnings": [{"percent": int, "at": Maybe(SECOND)}],
}  # fmt: skip
LEDGER = {
    "wall_seconds": int, "sums": {"working": int, "paused": int, "stopped": int, "closed": int},
    "rows": [{
        "from": SECOND, "to": SECOND, "kind": re.compile("working|paused|stopped|closed"), "seconds": int,
        "label": Maybe(str), "reason": Maybe(str), "event_id": Maybe(str), "actor": Maybe(str),
    }],
}  # fmt: skip
TICKET = {
    "source": str, "ticket": str, "agreement": number("SLA"), "attributes": dict, "as_of": INSTANT,
    "clocks": [{"target": str, "cycles": [CYCLE]}],
}  # fmt: skip
FLAT_CYCLE = CYCLE | {"source": str, "ticket": str, "agreement": number("SLA"), "target": str}
BREACH = {
    "id": UUID7, "version": int, "source": str, "ticket": str, "target": str, "cycle": int, "breached_at": SECOND,
    "over_seconds": int, "state": re.compile("standing|withdrawn|excluded"), "actions": [str],
    "versions": [{"version": int, "state": str, "event_id": Maybe(str), "at": INSTANT}],
}  # fmt: skip
PERIOD = {
    "agreement": number("SLA"), "period": re.compile(r"\d{4}-\d\d"), "state": "closed", "restatable": bool,
    "from": SECOND, "to": SECOND,
    "terms": {"contract": number("HT"), "monthly_charge": MONEY, "at_risk_share": DECIMAL},
    "targets": [{
        "target": str, "met": int, "breached": int, "excluded": int, "cancelled": int, "reset": int, "expired": int,
        "not_rated": int, "rated": bool,
        "attainment": Maybe({"met": int, "of": int, "share": re.compile(r"\d\.\d{6}")}),
        "tier": Maybe({"below": DECIMAL, "rate": DECIMAL}),
    }],
    "credits": [{"kind": str, "amount": AMOUNT, "currency": str}], "credit_total": MONEY,
    "judged_by": {"agreement_version": int, "calendars": dict},
}  # fmt: skip
NEWS = {
    "cursor": str, "id": str, "type": str, "subject": PATH, "version": int, "at": INSTANT, "data": dict,
}  # fmt: skip
ENTRY = {
    "id": lambda value: isinstance(value, str | int), "at": INSTANT, "actor": str, "action": str, "service": str,
    "table": str, "record": str, "before": Maybe(dict), "after": Maybe(dict), "request_id": str, "client": str,
}  # fmt: skip
ERROR = {"code": re.compile("[a-z_]+"), "at": str, "what": str, "how": str}
BATCH = {
    "batch": UUID7, "accepted": int, "duplicates": int, "rejected": int,
    "lines": [{"line": int, "event_id": Maybe(str), "status": re.compile("accepted|duplicate|rejected")}],
}  # fmt: skip


def problem(status: int, kind: str) -> dict[str, Any]:
    """A problem document."""
    return {"type": f"/problems/{kind}", "title": str, "status": status, "detail": str, "request_id": str}
