"""What is done with suppliers; each use case is one transaction, committed before the answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from services.kernel.database import Database, Transaction
from services.kernel.events import Event
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.refusals import Conflict, FieldError
from services.kernel.search import folded, grams, pinyin_initials, pinyin_key
from services.suppliers.supplier import queries
from services.suppliers.supplier.rules import MOVES, Namesake, State, core_name
from services.suppliers.supplier.schemas import SupplierIn, SupplierPatch
from services.suppliers.supplier.tables import ExternalRef, Supplier

PREFIX = "GYS"


class DuplicateCode(Conflict):
    """A supplier with this credit code is registered already; the link leads to it."""


async def register(db: Database, who: Actor, given: SupplierIn, now: datetime) -> dict[str, Any]:
    """A new candidate; suppliers with a similar name are named as warnings. Refuses DuplicateCode."""
    number = await db.next_number(PREFIX, now)
    try:
        async with db.transaction(who, "supplier.register") as tx:
            alike = await queries.namesakes(tx, given.legal_name)
            supplier = _new(given, number, now)
            tx.add(supplier)
            await _tell(tx, supplier)
            record = await queries.one(tx, who, supplier.id)
    except IntegrityError as fault:
        raise await _duplicate(db, who, given.credit_code) from fault
    return record | {"warnings": [_warning(namesake) for namesake in alike]}


async def edit(db: Database, who: Actor, ident: str, seen: int, patch: SupplierPatch, now: datetime) -> dict[str, Any]:
    """Change own fields. Refuses NotFound, Stale, DuplicateCode, Conflict once it is blacklisted or retired."""
    changed = patch.model_dump(exclude_unset=True)
    if patch.contacts is not None:
        changed["contacts"] = [contact.model_dump() for contact in patch.contacts]  # whole, as of a new supplier
    try:
        async with db.transaction(who, "supplier.edit") as tx:
            supplier = await tx.load(Supplier, ident, seen)
            _refuse_closed(supplier)
            _apply(supplier, changed, now)
            alike = await queries.namesakes(tx, supplier.legal_name, supplier.id) if "legal_name" in changed else []
            await _tell(tx, supplier)
            record = await queries.one(tx, who, supplier.id)
    except IntegrityError as fault:
        raise await _duplicate(db, who, str(changed.get("credit_code"))) from fault
    return record | {"warnings": [_warning(namesake) for namesake in alike]}


async def act(
    db: Database, who: Actor, ident: str, action: str, seen: int, reason: str, now: datetime
) -> dict[str, Any]:
    """Move a supplier through its life. Refuses NotFound, Stale, MoveNotAllowed."""
    async with db.transaction(who, f"supplier.{action}") as tx:
        supplier = await tx.load(Supplier, ident, seen)
        move = MOVES.move(State(supplier.state), action)
        supplier.state, supplier.state_reason, supplier.updated_at = move.target, reason, now
        await _tell(tx, supplier)
        return await queries.one(tx, who, supplier.id)


async def put_by_ref(
    db: Database, who: Actor, system: str, ref: str, given: SupplierIn, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Create, or replace the own fields of, the supplier that another system calls so. True where it was made.

    Refuses DuplicateCode: another supplier has the code.
    """
    number = await db.next_number(PREFIX, now)
    try:
        async with db.transaction(who, "supplier.put") as tx:
            await tx.queue_for("by-ref", system, ref)
            known = await tx.scalar(
                select(ExternalRef.supplier_id).where(ExternalRef.system == system, ExternalRef.ref == ref)
            )
            if known is None:
                supplier = _new(given, number, now)
                tx.add(supplier)
                await tx.flush()
                tx.add(ExternalRef(system=system, ref=ref, supplier_id=supplier.id))
            else:
                supplier = await tx.load(Supplier, known)
                _refuse_closed(supplier)
                _apply(supplier, given.model_dump(), now)
            await _tell(tx, supplier)
            record = await queries.one(tx, who, supplier.id)
    except IntegrityError as fault:
        raise await _duplicate(db, who, given.credit_code) from fault
    return record, known is None


def _new(given: SupplierIn, number: str, now: datetime) -> Supplier:
    supplier = Supplier(number=number, state=State.CANDIDATE, created_at=now)
    _apply(supplier, given.model_dump(), now)
    return supplier


def _apply(supplier: Supplier, fields: dict[str, Any], now: datetime) -> None:
    """Set fields, and all that is derived from names."""
    for name, value in fields.items():
        setattr(supplier, name, value)
    supplier.short_name = supplier.short_name or supplier.legal_name
    supplier.scope, supplier.contacts = supplier.scope or [], supplier.contacts or []
    found_by = (supplier.legal_name, supplier.short_name, supplier.credit_code, supplier.number)
    supplier.name_key = pinyin_key(supplier.short_name)
    supplier.initials = pinyin_initials(supplier.short_name)
    supplier.search_text = "\n".join(folded(text) for text in found_by)
    supplier.grams = grams(*found_by)
    supplier.name_grams = grams(core_name(folded(supplier.legal_name)))
    supplier.updated_at = now


def _refuse_closed(supplier: Supplier) -> None:
    if supplier.state in (State.BLACKLISTED, State.RETIRED):
        raise Conflict(
            detail=N_("A supplier that is blacklisted or retired is not edited"),
            allowed=[move.action for move in MOVES.leaving(State(supplier.state))],
        )


async def _tell(tx: Transaction, supplier: Supplier) -> None:
    await tx.flush()
    subject = f"{queries.PATH}/{supplier.id}"
    tx.emit(Event(f"supplier.{supplier.state}", supplier.id, subject, supplier.version, queries.facts(supplier)))


async def _duplicate(db: Database, who: Actor, code: str) -> Conflict:
    async with db.reading(who) as tx:
        holder = await tx.scalar(select(Supplier.id).where(Supplier.credit_code == code))
    return DuplicateCode(
        errors=[
            FieldError(
                "duplicate", "/credit_code", N_("A supplier with this credit code is registered already"),
                N_("Open it instead of registering it again"), link=f"{queries.PATH}/{holder}" if holder else None,
            )
        ]
    )  # fmt: skip


def _warning(namesake: Namesake) -> dict[str, str]:
    return {
        "code": "similar_name", "legal_name": namesake.legal_name, "number": namesake.number,
        "link": f"{queries.PATH}/{namesake.number}",
    }  # fmt: skip
