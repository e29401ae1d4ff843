"""Sets of like rows in a form, as `contacts.0.name`, `contacts.1.name`: read, one more, one less."""

from collections.abc import Mapping, Sequence
from typing import Any

MOST_ROWS = 200


def cells(
    values: Mapping[str, Any], stem: str, names: Sequence[str], *, keep_empty: bool = False
) -> list[dict[str, str]]:
    """The rows in order. Those that nobody filled in are left out, unless they are to be drawn again."""
    places = sorted({int(parts[1]) for parts in map(_parts, values) if parts and parts[0] == stem})[:MOST_ROWS]
    rows = [{name: str(values.get(f"{stem}.{place}.{name}") or "").strip() for name in names} for place in places]
    return rows if keep_empty else [row for row in rows if any(row.values())]


def _parts(name: str) -> tuple[str, str] | None:
    stem, _, rest = name.partition(".")
    place = rest.partition(".")[0]
    return (stem, place) if place.isascii() and place.isdigit() and len(place) < 5 else None


def numbered(rows: Sequence[Mapping[str, str]], stem: str) -> dict[str, str]:
    """Rows as a form's values."""
    return {f"{stem}.{place}.{name}": value for place, row in enumerate(rows) for name, value in row.items()}


def after(data: Mapping[str, Any], values: Mapping[str, Any], stem: str, names: Sequence[str]) -> dict[str, Any] | None:
    """What the form holds after a click on `add-line` or `drop-line.<place>`; None for any other button."""
    button = str(data.get("do", ""))
    if not button.startswith(("add-line", "drop-line.")):
        return None
    rows = cells(values, stem, names, keep_empty=True)
    if button == "add-line":
        rows.append(dict.fromkeys(names, ""))
    elif (place := button.partition(".")[2]).isdigit() and int(place) < len(rows):
        del rows[int(place)]
    rest = {name: value for name, value in values.items() if not name.startswith(f"{stem}.")}
    return rest | numbered(rows, stem)
