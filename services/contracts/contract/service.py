"""What is done with contracts; each use case is one transaction, committed before the answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from services.contracts.contract import copies, queries
from services.contracts.contract.rules import (
    MOVES,
    SUPPLIERS,
    Period,
    State,
    SupplierStanding,
    day_of_ending,
    period_faults,
    reasons_against_activation,
)
from services.contracts.contract.schemas import ContractIn, ContractPatch, TermIn
from services.contracts.contract.tables import Contract, ExternalRef, SupplierState, Term
from services.kernel.database import Database, Transaction
from services.kernel.events import Event
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.questions import Questions
from services.kernel.refusals import Conflict, FieldError, Invalid, NotFound

PREFIX = "HT"


class NotActivated(Conflict):
    """All the reasons why a contract cannot become active now."""


async def draft(db: Database, suppliers: Questions, who: Actor, given: ContractIn, now: datetime) -> dict[str, Any]:
    """A new draft. Refuses Invalid (unknown supplier, dates, currencies), Unavailable while suppliers is away."""
    _refuse_faults(given)
    facts = await _ask_supplier(suppliers, who, given.supplier)
    number = await db.next_number(PREFIX, now)
    async with db.transaction(who, "contract.draft") as tx:
        contract = await _add(tx, who, given, facts, number, now)
        return await queries.one(tx, who, contract.id)


async def copy(db: Database, who: Actor, ident: str, now: datetime) -> dict[str, Any]:
    """A new draft with the same contents, looked after by whoever copies. Refuses NotFound."""
    number = await db.next_number(PREFIX, now)
    async with db.transaction(who, "contract.copy") as tx:
        source = await tx.load(Contract, ident)
        made = Contract(
            number=number, state=State.DRAFT, title=source.title, owner=who.name, type=source.type,
            value=source.value, currency=source.currency, starts_on=source.starts_on, ends_on=source.ends_on,
            created_at=now, updated_at=now,
        )  # fmt: skip
        supplier = await tx.session.get_one(SupplierState, source.supplier_id)
        copies.set_words(made, supplier)
        tx.add(made)
        await tx.flush()
        for term in await tx.session.scalars(select(Term).where(Term.contract_id == source.id)):
            tx.add(Term(contract_id=made.id, starts_on=term.starts_on, monthly_charge=term.monthly_charge,
                        at_risk_share=term.at_risk_share))  # fmt: skip
        await tx.flush()
        return await queries.one(tx, who, made.id)


async def edit(
    db: Database, suppliers: Questions, who: Actor, ident: str, seen: int, patch: ContractPatch, now: datetime
) -> dict[str, Any]:
    """Change a draft, or the owner at any time. Refuses NotFound, Stale, Conflict, Invalid, Unavailable."""
    given = patch.model_fields_set
    facts = await _ask_supplier(suppliers, who, patch.supplier) if patch.supplier else None
    async with db.transaction(who, "contract.edit") as tx:
        contract = await tx.load(Contract, ident, seen)
        if contract.state != State.DRAFT and given - {"owner"}:
            raise Conflict(
                detail=N_("Only a draft is edited; of a contract that is in force or ended, the owner is changed"),
                allowed=queries.actions(State(contract.state), who),
            )
        if facts:
            supplier = await copies.keep_supplier(tx, facts)
        else:
            supplier = await tx.session.get_one(SupplierState, contract.supplier_id)
        # All at once, before anything is asked of the database: one change is one version and one entry of the trail.
        _set(contract, patch)
        copies.set_words(contract, supplier)
        contract.updated_at = now
        if patch.terms is not None:
            await _replace_terms(tx, contract, patch.terms)
        await _refuse_stored_faults(tx, contract)
        await tx.flush()
        return await queries.one(tx, who, contract.id)


async def activate(
    db: Database, suppliers: Questions, who: Actor, ident: str, seen: int, now: datetime
) -> dict[str, Any]:
    """Put a draft in force. Its supplier's owner is asked at this moment.

    Refuses NotFound, Stale, MoveNotAllowed, NotActivated with all reasons, Unavailable while suppliers is away.
    """
    async with db.reading(who) as reading:
        supplier_id = (await queries.standing(reading, ident))["supplier"]["id"]
    facts = await _ask_supplier(suppliers, who, supplier_id)
    async with db.transaction(who, "contract.activate") as tx:
        contract = await tx.load(Contract, ident, seen)
        move = MOVES.move(State(contract.state), "activate")
        await copies.keep_supplier(tx, facts)
        terms = await queries.terms(tx, contract.id, contract.currency)
        supplier = SupplierStanding(facts["id"], facts["number"], facts["short_name"], facts["state"])
        reasons = reasons_against_activation(f"{queries.PATH}/{contract.id}", supplier, len(terms))
        if str(contract.supplier_id) != facts["id"]:
            raise Conflict(detail=N_("The supplier of this contract has just been changed; read it again"))
        if reasons:
            raise NotActivated(errors=reasons, allowed=queries.actions(State(contract.state), who))
        contract.state, contract.updated_at = move.target, now
        return await _told(tx, who, contract, "contract.activated")


async def end(db: Database, who: Actor, ident: str, seen: int, now: datetime) -> dict[str, Any]:
    """End an active contract today. Refuses NotFound, Stale, MoveNotAllowed."""
    async with db.transaction(who, "contract.end") as tx:
        contract = await tx.load(Contract, ident, seen)
        move = MOVES.move(State(contract.state), "end")
        contract.state, contract.updated_at = move.target, now
        contract.ended_on = day_of_ending(now, contract.starts_on)
        return await _told(tx, who, contract, "contract.ended")


async def discard(db: Database, who: Actor, ident: str, seen: int) -> None:
    """Delete a draft; the trail keeps it. Refuses NotFound, Stale, Conflict."""
    try:
        async with db.transaction(who, "contract.discard") as tx:
            contract = await tx.load(Contract, ident, seen)
            if contract.state != State.DRAFT:
                raise Conflict(
                    detail=N_("Only a draft can be discarded"), allowed=queries.actions(State(contract.state), who)
                )
            for table in (Term, ExternalRef):
                await tx.execute(delete(table).where(table.contract_id == contract.id))
            await tx.session.delete(contract)
    except IntegrityError as fault:
        raise Conflict(
            detail=N_("Something refers to this draft, an agreement for example; discard that first")
        ) from fault


async def put_by_ref(
    db: Database, suppliers: Questions, who: Actor, system: str, ref: str, given: ContractIn, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Create, or replace the draft, that another system calls so. True where it was made."""
    _refuse_faults(given)
    facts = await _ask_supplier(suppliers, who, given.supplier)
    number = await db.next_number(PREFIX, now)
    async with db.transaction(who, "contract.put") as tx:
        await tx.queue_for("by-ref", system, ref)
        known = await tx.scalar(
            select(ExternalRef.contract_id).where(ExternalRef.system == system, ExternalRef.ref == ref)
        )
        if known is None:
            contract = await _add(tx, who, given, facts, number, now)
            tx.add(ExternalRef(system=system, ref=ref, contract_id=contract.id))
        else:
            contract = await tx.load(Contract, known)
            if contract.state != State.DRAFT:
                raise Conflict(detail=N_("Only a draft is replaced"),
                               allowed=queries.actions(State(contract.state), who))  # fmt: skip
            supplier = await copies.keep_supplier(tx, facts)
            _set(contract, ContractPatch.model_validate(given.model_dump(by_alias=True, exclude_none=True)))
            copies.set_words(contract, supplier)
            contract.updated_at = now
            await _replace_terms(tx, contract, given.terms)
        await tx.flush()
        return await queries.one(tx, who, contract.id), known is None


async def _add(
    tx: Transaction, who: Actor, given: ContractIn, facts: Mapping[str, Any], number: str, now: datetime
) -> Contract:
    supplier = await copies.keep_supplier(tx, facts)
    contract = Contract(
        number=number, state=State.DRAFT, title=given.title, owner=given.owner or who.name, type=given.type,
        value=given.value.amount, currency=given.value.currency, starts_on=given.from_, ends_on=given.to,
        created_at=now, updated_at=now,
    )  # fmt: skip
    copies.set_words(contract, supplier)
    tx.add(contract)
    await tx.flush()
    await _replace_terms(tx, contract, given.terms)
    return contract


def _set(contract: Contract, patch: ContractPatch) -> None:
    names = {"title": "title", "owner": "owner", "type": "type", "from_": "starts_on", "to": "ends_on"}
    for field, column in names.items():
        if (value := getattr(patch, field)) is not None:
            setattr(contract, column, value)
    if patch.value is not None:
        contract.value, contract.currency = patch.value.amount, patch.value.currency


async def _replace_terms(tx: Transaction, contract: Contract, terms: Sequence[TermIn]) -> None:
    faults = period_faults(
        Period(contract.starts_on, contract.ends_on, tuple(term.from_ for term in terms)),
        [term.monthly_charge.currency for term in terms], contract.currency,
    )  # fmt: skip
    if faults:
        raise Invalid(errors=faults)
    await tx.execute(delete(Term).where(Term.contract_id == contract.id))
    for term in terms:
        tx.add(Term(contract_id=contract.id, starts_on=term.from_, monthly_charge=term.monthly_charge.amount,
                    at_risk_share=term.at_risk_share))  # fmt: skip
    await tx.flush()


async def _refuse_stored_faults(tx: Transaction, contract: Contract) -> None:
    """A changed date or currency must still fit the terms that stay."""
    starts = (
        await tx.session.scalars(select(Term.starts_on).where(Term.contract_id == contract.id).order_by(Term.starts_on))
    ).all()
    if faults := period_faults(Period(contract.starts_on, contract.ends_on, tuple(starts)), (), contract.currency):
        raise Invalid(errors=faults)


def _refuse_faults(given: ContractIn) -> None:
    faults = period_faults(
        Period(given.from_, given.to, tuple(term.from_ for term in given.terms)),
        [term.monthly_charge.currency for term in given.terms], given.value.currency,
    )  # fmt: skip
    if faults:
        raise Invalid(errors=faults)


async def _ask_supplier(suppliers: Questions, who: Actor, ident: str) -> dict[str, Any]:
    try:
        return await suppliers.standing(who, SUPPLIERS, ident)
    except NotFound as fault:
        raise Invalid(
            errors=[FieldError("unknown_supplier", "/supplier", N_("There is no supplier %(ident)s"),
                               N_("Give the id or number of a registered supplier"), {"ident": ident})]
        ) from fault  # fmt: skip


async def _told(tx: Transaction, who: Actor, contract: Contract, event: str) -> dict[str, Any]:
    await tx.flush()
    subject = f"{queries.PATH}/{contract.id}"
    tx.emit(Event(event, contract.id, subject, contract.version, await queries.facts(tx, contract)))
    return await queries.one(tx, who, contract.id)
