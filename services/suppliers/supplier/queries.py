"""Reading suppliers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, cast, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from services.kernel.database import Transaction, identified_by
from services.kernel.identity import Actor
from services.kernel.paging import Listing, Sort, one_of
from services.kernel.refusals import NotFound
from services.kernel.search import folded, grams, searched
from services.suppliers.permissions import PERMISSIONS
from services.suppliers.supplier.rules import ALIKE, MOVES, Namesake, State, core_name, likeness
from services.suppliers.supplier.schemas import SCOPES
from services.suppliers.supplier.tables import ExternalRef, Supplier

PATH = "/api/suppliers/v1/suppliers"
LISTED = (
    Supplier.id, Supplier.number, Supplier.version, Supplier.state, Supplier.state_reason, Supplier.legal_name,
    Supplier.short_name, Supplier.credit_code, Supplier.scope, Supplier.region, Supplier.contacts,
    Supplier.created_at, Supplier.updated_at,
)  # fmt: skip
NAMESAKES_SHOWN = 5


def visible_to(who: Actor) -> ColumnElement[bool]:
    """A supplier's own user sees its own firm; row policies stand behind this."""
    return Supplier.id == who.supplier_id if who.is_supplier else true()


def document(row: Mapping[str, Any], who: Actor) -> dict[str, Any]:
    """A supplier as it travels, with what this caller may do now."""
    record = {column.key: row[column.key] for column in LISTED}
    edited = PERMISSIONS.allows(who, "supplier.write") and row["state"] not in (State.BLACKLISTED, State.RETIRED)
    return record | {
        "actions": MOVES.actions(State(row["state"]), who, PERMISSIONS), "changes": ["edit"] if edited else [],
        "url": f"{PATH}/{row['id']}",
    }  # fmt: skip


def facts(supplier: Supplier) -> dict[str, Any]:
    """What others keep of a supplier, and what a question about its standing is answered with."""
    return {
        "id": str(supplier.id), "number": supplier.number, "legal_name": supplier.legal_name,
        "short_name": supplier.short_name, "credit_code": supplier.credit_code, "state": supplier.state,
        "version": supplier.version,
    }  # fmt: skip


def _sought(word: str) -> ColumnElement[bool]:
    """By name, short name, credit code, number, or pinyin initials."""
    plain = folded(word)
    return or_(
        searched(word, Supplier.grams, Supplier.search_text), Supplier.initials.startswith(plain, autoescape=True)
    )


def listing(who: Actor) -> tuple[Listing, Select[Any]]:
    """The list, as this caller may see it."""
    return (
        Listing(
            key=Supplier.id,
            item=lambda row: document(row, who),
            sorts={
                "name": Sort(Supplier.name_key), "created_at": Sort(Supplier.created_at),
                "number": Sort(Supplier.number), "state": Sort(Supplier.state),
            },
            default="-created_at",
            filters={
                "state": one_of(Supplier.state, [state.value for state in State]),
                "scope": _scope, "region": one_of(Supplier.region), "credit_code": one_of(Supplier.credit_code),
            },
            ranges={"created_at": Supplier.created_at},
            search=_sought,
        ),
        select(*LISTED).where(visible_to(who)),
    )  # fmt: skip


def _scope(words: Sequence[str]) -> ColumnElement[bool]:
    if set(words) - set(SCOPES):
        raise ValueError(*SCOPES)
    return Supplier.scope.bool_op("&&")(cast(list(words), ARRAY(Text)))


async def one(tx: Transaction, who: Actor, ident: str | UUID) -> dict[str, Any]:
    """One supplier, with what other systems call it. Refuses NotFound."""
    rows = await tx.rows(select(*LISTED).where(identified_by(Supplier, ident), visible_to(who)))
    if not rows:
        raise NotFound
    record = document(rows[0], who)
    if not who.is_supplier:
        refs = await tx.rows(
            select(ExternalRef.system, ExternalRef.ref).where(ExternalRef.supplier_id == rows[0]["id"])
        )
        record["external_refs"] = [dict(ref) for ref in refs]
    return record


async def standing(tx: Transaction, ident: str) -> dict[str, Any]:
    """What another service may ask at any time. Refuses NotFound."""
    supplier = await tx.scalar(select(Supplier).where(identified_by(Supplier, ident)))
    if supplier is None:
        raise NotFound
    return facts(supplier)


async def namesakes(tx: Transaction, legal_name: str, beside: UUID | None = None) -> list[Namesake]:
    """Suppliers whose names are much like this one, the likest first."""
    pairs = grams(core_name(folded(legal_name)))
    if not pairs:
        return []
    rows = await tx.rows(
        select(Supplier.id, Supplier.number, Supplier.legal_name, Supplier.name_grams)
        .where(Supplier.name_grams.overlap(cast(pairs, ARRAY(Text))))
        .where(Supplier.state != State.RETIRED)
        .limit(500)
    )
    found = [
        Namesake(row["number"], row["legal_name"], likeness(pairs, row["name_grams"]))
        for row in rows
        if row["id"] != beside
    ]
    alike = [namesake for namesake in found if namesake.likeness >= ALIKE]
    return sorted(alike, key=lambda n: -n.likeness)[:NAMESAKES_SHOWN]
