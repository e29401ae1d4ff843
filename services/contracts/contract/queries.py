"""Reading contracts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, true

from services.contracts.contract.rules import CLIENT_ZONE, MOVES, OutsourcingType, State
from services.contracts.contract.tables import Contract, ExternalRef, SupplierState, Term
from services.contracts.permissions import PERMISSIONS
from services.kernel.database import Transaction, identified_by
from services.kernel.identity import Actor
from services.kernel.money import Money, amount_text
from services.kernel.paging import Filter, Listing, Sort, named, one_of
from services.kernel.refusals import NotFound
from services.kernel.search import searched

PATH = "/api/contracts/v1/contracts"
COLUMNS: tuple[Any, ...] = (
    Contract.id, Contract.number, Contract.version, Contract.state, Contract.title, Contract.owner,
    Contract.supplier_id, Contract.supplier_name, Contract.type, Contract.value, Contract.currency,
    Contract.starts_on, Contract.ends_on, Contract.ended_on, Contract.created_at, Contract.updated_at,
    SupplierState.number.label("supplier_number"), SupplierState.legal_name.label("supplier_legal_name"),
    SupplierState.state.label("supplier_state"),
)  # fmt: skip
LONGEST_LOOK_AHEAD = 3650


def visible_to(who: Actor) -> ColumnElement[bool]:
    """A supplier's own user sees its firm's contracts once they are agreed; drafts are the client's own affair."""
    if who.is_supplier:
        return and_(Contract.supplier_id == who.supplier_id, Contract.state != State.DRAFT)
    return true()


def selected(who: Actor) -> Select[Any]:
    """Contracts with what is known of their suppliers, as this caller may see them."""
    statement: Select[Any] = select(*COLUMNS)
    return statement.join(SupplierState, SupplierState.supplier_id == Contract.supplier_id).where(visible_to(who))


def document(row: Mapping[str, Any], who: Actor) -> dict[str, Any]:
    """A contract as it travels in a list, with what this caller may do now."""
    return {
        "id": row["id"], "number": row["number"], "version": row["version"], "state": row["state"],
        "title": row["title"], "owner": row["owner"], "type": row["type"],
        "supplier": {
            "id": row["supplier_id"], "number": row["supplier_number"], "short_name": row["supplier_name"],
            "legal_name": row["supplier_legal_name"],
        } | ({} if who.is_supplier else {"state": row["supplier_state"]}),
        "value": Money(row["value"], row["currency"]).as_json(), "from": row["starts_on"], "to": row["ends_on"],
        "ended_on": row["ended_on"], "created_at": row["created_at"], "updated_at": row["updated_at"],
        "actions": actions(State(row["state"]), who), "changes": _changes(State(row["state"]), who),
        "url": f"{PATH}/{row['id']}",
    }  # fmt: skip


def actions(state: State, who: Actor) -> list[str]:
    """What this caller may do now: each is the end of an address to post to."""
    names = MOVES.actions(state, who, PERMISSIONS)
    return [*names, "copy"] if PERMISSIONS.allows(who, "contract.write") else names


def _changes(state: State, who: Actor) -> list[str]:
    """What this caller may do now with PATCH and DELETE."""
    if not PERMISSIONS.allows(who, "contract.write"):
        return []
    return ["edit", "discard"] if state is State.DRAFT else ["change-owner"]


def _sought(word: str) -> ColumnElement[bool]:
    """By title, number, owner, or the supplier's names, initials and code."""
    return searched(word, Contract.grams, Contract.search_text)


def _ends_within(now: datetime) -> Filter:
    def condition(words: Sequence[str]) -> ColumnElement[bool]:
        days = int(words[-1]) if words[-1].isascii() and words[-1].isdigit() else -1
        if not 0 <= days <= LONGEST_LOOK_AHEAD:
            raise ValueError("0", str(LONGEST_LOOK_AHEAD))
        today = now.astimezone(CLIENT_ZONE).date()
        return and_(
            Contract.state == State.ACTIVE, Contract.ends_on >= today, Contract.ends_on <= today + timedelta(days=days)
        )

    return condition


def listing(who: Actor, now: datetime) -> Listing:
    """The list, as this caller may see it."""
    return Listing(
        key=Contract.id,
        item=lambda row: document(row, who),
        sorts={
            "title": Sort(Contract.title_key), "to": Sort(Contract.ends_on), "from": Sort(Contract.starts_on),
            "value": Sort(Contract.value), "created_at": Sort(Contract.created_at), "number": Sort(Contract.number),
            "state": Sort(Contract.state), "supplier": Sort(Contract.supplier_key),
        },
        default="-created_at",
        filters={
            "state": one_of(Contract.state, [state.value for state in State]),
            "type": one_of(Contract.type, [kind.value for kind in OutsourcingType]),
            "owner": one_of(Contract.owner),
            "supplier": named(Contract.supplier_id, SupplierState.number, SupplierState.supplier_id),
            "ends_within_days": _ends_within(now),
        },
        ranges={
            "from": Contract.starts_on, "to": Contract.ends_on, "created_at": Contract.created_at,
            "value": Contract.value,
        },
        search=_sought,
    )  # fmt: skip


async def sums(tx: Transaction, statement: Select[Any]) -> list[dict[str, str]]:
    """The value of all contracts of a filtered list, a line a currency."""
    found = statement.with_only_columns(Contract.currency, func.sum(Contract.value).label("total"))
    rows = await tx.rows(found.group_by(Contract.currency).order_by(Contract.currency))
    return [Money(row["total"], row["currency"]).as_json() for row in rows]


async def one(tx: Transaction, who: Actor, ident: str | UUID) -> dict[str, Any]:
    """One contract with its terms. Refuses NotFound."""
    rows = await tx.rows(selected(who).where(identified_by(Contract, ident)))
    if not rows:
        raise NotFound
    record = document(rows[0], who) | {"terms": await terms(tx, rows[0]["id"], rows[0]["currency"])}
    if not who.is_supplier:
        refs = await tx.rows(
            select(ExternalRef.system, ExternalRef.ref).where(ExternalRef.contract_id == rows[0]["id"])
        )
        record["external_refs"] = [dict(ref) for ref in refs]
    return record


async def terms(tx: Transaction, contract_id: UUID, currency: str) -> list[dict[str, Any]]:
    """The dated terms in order."""
    rows = await tx.rows(
        select(Term.starts_on, Term.monthly_charge, Term.at_risk_share)
        .where(Term.contract_id == contract_id)
        .order_by(Term.starts_on)
    )
    return [
        {
            "from": row["starts_on"],
            "monthly_charge": {"amount": amount_text(row["monthly_charge"], currency), "currency": currency},
            "at_risk_share": share_text(row["at_risk_share"]),
        }
        for row in rows
    ]


def share_text(share: Any) -> str:
    """`0.10`: two places, more only where they say something."""
    plain = f"{share.normalize():f}"
    whole, _, places = plain.partition(".")
    return f"{whole}.{places.ljust(2, '0')}"


async def facts(tx: Transaction, contract: Contract) -> dict[str, Any]:
    """What others keep of a contract, and what a question about it is answered with."""
    supplier = await tx.session.get_one(SupplierState, contract.supplier_id)
    return {
        "id": str(contract.id), "number": contract.number, "title": contract.title, "type": contract.type,
        "owner": contract.owner, "state": contract.state,
        "supplier": {
            "id": str(supplier.supplier_id), "number": supplier.number, "legal_name": supplier.legal_name,
            "short_name": supplier.short_name,
        },
        "value": Money(contract.value, contract.currency).as_json(),
        "from": contract.starts_on.isoformat(), "to": contract.ends_on.isoformat(),
        "ended_on": contract.ended_on.isoformat() if contract.ended_on else None,
        "terms": [
            term | {"from": term["from"].isoformat()} for term in await terms(tx, contract.id, contract.currency)
        ],
        "version": contract.version,
    }  # fmt: skip


async def standing(tx: Transaction, ident: str) -> dict[str, Any]:
    """What another service may ask at any time. Refuses NotFound."""
    contract = await tx.scalar(select(Contract).where(identified_by(Contract, ident)))
    if contract is None:
        raise NotFound
    return await facts(tx, contract)


def found_by(contract: Contract, supplier: SupplierState, initials: str) -> tuple[str, ...]:
    """The words by which a contract is found."""
    return (
        contract.title, contract.number, contract.owner, supplier.short_name, supplier.legal_name,
        supplier.credit_code, initials,
    )  # fmt: skip
