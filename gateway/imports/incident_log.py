"""The incident log of an IT company, as published by UCI (doi:10.24432/C57S4H): its rows as events.

One event a row, and before the first row of each number one that says when the ticket was opened. The log's times are
wall-clock times of São Paulo without a zone. Pure: rows in, events out.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from gateway.imports.log_file import Adapter, Event, Row

ZONE_NAME = "America/Sao_Paulo"
NOT_GIVEN = frozenset({"", "?"})
NO_STATE = NOT_GIVEN | {"-100"}
STATE_COLUMNS = ("incident_state", "ident_state")
PLAIN_COLUMNS = ("number", "opened_at", "sys_updated_at", "sys_updated_by", "priority", "category")
OPTIONAL_COLUMNS = ("assignment_group", "assigned_to")


@lru_cache(maxsize=1)
def _zone() -> ZoneInfo:
    # The pinned tzdata package, not the machine's: two machines must read the same log the same way.
    with files("tzdata").joinpath("zoneinfo", *ZONE_NAME.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=ZONE_NAME)


@lru_cache(maxsize=1 << 17)
def local_instant(text: str) -> datetime | None:
    """The instant of a naive `d/m/Y H:M` of São Paulo; None where the text is no such time.

    A time that does not exist moves forward by the gap; one that exists twice means the first.
    Source: SLA semantics, rule 2.
    """
    try:
        day, _, clock = text.strip().partition(" ")
        date, month, year = day.split("/")
        hour, minute = clock.split(":")
        naive = datetime(int(year), int(month), int(date), int(hour), int(minute))  # noqa: DTZ001  # a wall-clock time, its zone follows
    except ValueError:
        return None
    # Fold 0: of two the first; and in a gap the offset from before it, which moves the time forward by the gap.
    offset = naive.replace(tzinfo=_zone(), fold=0).utcoffset() or timedelta()
    instant = (naive - offset).replace(tzinfo=UTC)
    # With a fixed offset: two times of one zone would be compared by their wall clocks.
    return instant.astimezone(timezone(instant.astimezone(_zone()).utcoffset() or timedelta()))


def missing_columns(header: Row) -> list[str]:
    """The columns that the adapter needs and `header` lacks, in the log's own names."""
    names = _names(header)
    missing = [name for name in (*PLAIN_COLUMNS, *OPTIONAL_COLUMNS) if name not in names]
    if not any(name in names for name in STATE_COLUMNS):
        missing.insert(1 if "number" in missing else 0, STATE_COLUMNS[0])
    if "category" in names and "subcategory" not in names and names.count("category") < 2:
        missing.append("subcategory")
    return missing


def events(header: Row, rows: Iterator[Row]) -> Iterator[Event]:
    """The events of `rows`, in file order: `<number>:0` before the first row of a number, then `<number>:1`, …

    A cell that cannot be read (a time that is none) is passed on as it is, so that the intake refuses that event by
    its id and says why, and no other.
    """
    cell = _cells(header)
    ordinals: dict[str, int] = {}
    for row in rows:
        number = cell["number"](row).removeprefix("INC")
        if number not in ordinals:
            yield _opened(number, row, cell)
        ordinals[number] = ordinal = ordinals.get(number, 0) + 1
        yield _updated(number, ordinal, row, cell)


Cell = Callable[[Row], str]


def _names(header: Row) -> list[str]:
    return [name.strip().lower() for name in header]


def _cells(header: Row) -> dict[str, Cell]:
    """For each column that is read, how to take it from a row. A short row lacks its last cells."""
    names = _names(header)
    place = {name: names.index(name) for name in (*PLAIN_COLUMNS, *OPTIONAL_COLUMNS)}
    place["state"] = next(names.index(name) for name in STATE_COLUMNS if name in names)
    second = [i for i, name in enumerate(names) if name == "category"][1:]
    place["subcategory"] = second[0] if second else names.index("subcategory")

    def at(index: int) -> Cell:
        return lambda row: row[index].strip() if index < len(row) else ""

    return {name: at(index) for name, index in place.items()}


def _opened(number: str, row: Row, cell: dict[str, Cell]) -> Event:
    """The ticket's opening: at `opened_at`, or at the first row where that lies earlier."""
    opened, updated = cell["opened_at"](row), cell["sys_updated_at"](row)
    known = [instant for instant in (local_instant(opened), local_instant(updated)) if instant]
    attributes = {"state": "New"} | _given(row, cell, ("priority",))
    return {
        "ticket": number,
        "event_id": f"{number}:0",
        "type": "opened",
        "occurred_at": min(known).isoformat() if known else opened,
        "sequence": 0,
        "attributes": attributes,
    }


def _updated(number: str, ordinal: int, row: Row, cell: dict[str, Cell]) -> Event:
    attributes = _given(row, cell, ("priority", "category", "subcategory", *OPTIONAL_COLUMNS))
    state = cell["state"](row)
    if state not in NO_STATE:
        attributes = {"state": state} | attributes
    updated, by = cell["sys_updated_at"](row), cell["sys_updated_by"](row)
    instant = local_instant(updated)
    event: Event = {
        "ticket": number,
        "event_id": f"{number}:{ordinal}",
        "type": "updated",
        "occurred_at": instant.isoformat() if instant else updated,
        "sequence": ordinal,
        "attributes": attributes,
    }
    if by not in NOT_GIVEN:
        event["actor"] = by
    return event


def _given(row: Row, cell: dict[str, Cell], names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name in names if (value := cell[name](row)) not in NOT_GIVEN}


INCIDENT_LOG = Adapter("incident-log", missing_columns, events)

#: The kinds of log that can be read, by the name that the command and the page use.
ADAPTERS = {INCIDENT_LOG.name: INCIDENT_LOG}
