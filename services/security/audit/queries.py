"""Reading the trail: which rows changed, by whom, in which action. Nothing here writes it; the triggers do."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, Text, any_, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.kernel.database import is_uuid
from services.kernel.identity import Actor
from services.kernel.paging import Listing, Sort, one_of
from services.kernel.tables import NAMESPACES, audit_entry
from services.security.permissions import PERMISSIONS

entry = audit_entry.c
# Of the chain, every member of the staff reads each record's history; of accounts and keys, who may read the trail.
OF_THE_CHAIN = ("contracts", "suppliers", "sla")
NUMBER = func.coalesce(entry.after, entry.before).op("->>")(literal_column("'number'"))


def selected() -> Select[Any]:
    """All entries. before, after: as the database wrote them, since a number read into a float is another number."""
    return select(
        entry.id, entry.at, entry.actor, entry.action, entry.service, entry.table, entry.record,
        cast(entry.before, Text).label("before"), cast(entry.after, Text).label("after"),
        entry.request_id, entry.client,
    )  # fmt: skip


def document(row: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as it travels."""
    return {
        "id": row["id"], "at": row["at"], "actor": row["actor"], "action": row["action"], "service": row["service"],
        "table": row["table"], "record": row["record"], "before": _raw(row["before"]), "after": _raw(row["after"]),
        "request_id": row["request_id"], "client": row["client"],
    }  # fmt: skip


def _raw(text: str | None) -> msgspec.Raw | None:
    return None if text is None else msgspec.Raw(text.encode())


def of_record(words: Sequence[str]) -> ColumnElement[bool]:
    """Entries of records named by their id, or by the human number that one of their entries carries."""
    names = [str(UUID(word)) if is_uuid(word) else word for word in words]
    numbers = [word for word in words if not is_uuid(word)]
    if not numbers:
        return entry.record.in_(names)
    numbered = select(entry.record).where(NUMBER.in_(numbers)).distinct().scalar_subquery()
    # An array, read first: a join would let the planner walk the whole trail.
    found = func.array(numbered, type_=ARRAY(Text)).op("||")(cast(names, ARRAY(Text)))
    return entry.record == any_(found)


def trail() -> Listing:
    """The whole trail, newest first."""
    return _listing(NAMESPACES)


def history(who: Actor) -> Listing:
    """The same, of one record."""
    return _listing(NAMESPACES if PERMISSIONS.allows(who, "audit.read") else OF_THE_CHAIN)


def _listing(services: Sequence[str]) -> Listing:
    return Listing(
        key=entry.id,
        item=document,
        sorts={"at": Sort(entry.at)},
        default="-at",
        filters={
            "service": one_of(entry.service, services),
            "table": one_of(entry.table),
            "record": of_record,
            "actor": one_of(entry.actor),
            "action": one_of(entry.action),
            "request_id": one_of(entry.request_id),
        },
        ranges={"at": entry.at},
    )
