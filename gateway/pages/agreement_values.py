"""An agreement's values as people write them, and back: lengths in hours, shares in per cent. Nothing is judged here.

A text that is no such value is sent on as it stands: the service says what is wrong with it.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

Json = Mapping[str, Any]

UNITS = {"h": 3600, "min": 60, "s": 1}
DAYS, NOT_RATED = "d", "none"
DEFAULTS: dict[str, Any] = {
    "name": {}, "kind": "clock", "on_goal_change": "retroactive", "count_stopped": False, "warn_at": [],
    "min_volume": 0, "allocation": "0", "tiers": [], "day_seconds": None,
}  # fmt: skip
_SHARE = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def length_text(seconds: Any, day: Any) -> tuple[str, str]:
    """Seconds as a number and the largest unit in which it is whole; days where it is said what a day is."""
    if seconds is None:
        return "", NOT_RATED
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        return str(seconds), "s"
    if isinstance(day, int) and day > 0 and seconds and seconds % day == 0:
        return str(seconds // day), DAYS
    unit = next(unit for unit, size in UNITS.items() if seconds % size == 0)
    return str(seconds // UNITS[unit]), unit


def seconds_of(text: str, unit: str, day: Any) -> int | str | None:
    """The length in seconds; none for one that is not rated. day: the seconds of a day, where that is said."""
    if unit == NOT_RATED:
        return None
    return _product(text, day if unit == DAYS else UNITS.get(unit, 1))


def _product(text: str, size: Any) -> int | str:
    try:
        seconds = Decimal(text.replace(",", "")) * size
    except (InvalidOperation, TypeError):
        return text
    return int(seconds) if seconds.is_finite() and seconds == int(seconds) else text


def hours_text(seconds: Any) -> str:
    """The length of a day in hours, `7.5`; in seconds where no two places say it."""
    if seconds is None:
        return ""
    if isinstance(seconds, int) and seconds % 36 == 0:
        return f"{Decimal(seconds) / 3600:f}"
    return f"{seconds} s"


def seconds_of_hours(text: str) -> int | str | None:
    """`7.5` hours in seconds; none where nothing stands."""
    if not text:
        return None
    if text.endswith("s"):
        return whole_of(text[:-1].strip())
    return _product(text, 3600)


def whole_of(text: str) -> int | str:
    """A whole number."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else text


def percents_of(text: str) -> list[int | str]:
    """`75 %, 90` as [75, 90]."""
    parts = [part.rstrip(" %") for part in re.split(r"[,，、;；\s]+(?!%)", text)]
    return [whole_of(part) for part in parts if part]


def as_percent(share: Any) -> str:
    """`0.40` as `40`."""
    if share is None:
        return ""
    if isinstance(share, str) and _SHARE.fullmatch(share):
        return _short(Decimal(share) * 100)
    return str(share)


def of_percent(text: str) -> str:
    """`40`, `40 %` as `0.4`."""
    typed = text.rstrip(" %").strip()
    return _short(Decimal(typed) / 100) if _SHARE.fullmatch(typed) else text


def _short(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def merged(base: Json, said: Json) -> dict[str, Any]:
    """What was said, written as `base` wrote it wherever that says the same; defaults that it left out stay out."""
    found: dict[str, Any] = {key: value for key, value in base.items() if key not in said}
    for key, value in said.items():
        if key in base and _plain(key, base[key]) == _plain(key, value):
            found[key] = base[key]
        elif key in base or key not in DEFAULTS or _plain(key, value) != _plain(key, DEFAULTS[key]):
            found[key] = value
    return found


def _plain(key: str, value: Any) -> Any:
    """A setting as it is compared: shares by their number, missing and null alike, kinds of JSON apart."""
    if value is None:
        value = DEFAULTS.get(key)
    if key == "allocation":
        return _number(value)
    if key == "tiers" and isinstance(value, list):
        return [(_number(tier.get("below")), _number(tier.get("rate"))) for tier in value]
    return json.dumps(_without_nulls(value), sort_keys=True)


def _number(share: Any) -> Decimal | str:
    return Decimal(share) if isinstance(share, str) and _SHARE.fullmatch(share) else str(share)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None or k == "seconds"}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
