"""The body of the intake, as its description says it; it is decoded by `rules.py`, a line at a time."""

from typing import Any

import msgspec
from msgspec.structs import fields

from services.kernel.describing import body_of
from services.sla.events.rules import LONGEST_TEXT, MOST_ATTRIBUTES, MOST_EVENTS, Line

INSTANT = {"type": "string", "format": "date-time", "examples": ["2016-02-29T08:53:00+08:00"]}
ATTRIBUTES: dict[str, Any] = {
    "type": "object", "maxProperties": MOST_ATTRIBUTES, "examples": [{"state": "Resolved", "priority": "3"}],
    "additionalProperties": {"type": ["string", "number", "boolean", "null"], "maxLength": LONGEST_TEXT},
}  # fmt: skip
EVENT: dict[str, Any] = {
    "type": "object", "additionalProperties": False,
    "required": [field.name for field in fields(Line) if field.required],
    "properties": {field.name: msgspec.json.schema(field.type) for field in fields(Line)}
    | {"occurred_at": INSTANT, "attributes": ATTRIBUTES},
}  # fmt: skip
EVENTS = body_of(
    {
        "application/json": {"type": "array", "items": EVENT, "maxItems": MOST_EVENTS},
        "application/x-ndjson": {"type": "string", "description": "the same events, one a line"},
    }
)
