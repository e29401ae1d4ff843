"""What contracts know of suppliers: a copy with the source's version, from news or from an answer to a question."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.contracts.contract import queries
from services.contracts.contract.tables import Contract, SupplierState
from services.kernel.database import Transaction
from services.kernel.search import folded, grams, pinyin_initials, pinyin_key

REFRESH_BATCH = 500


async def keep_supplier(tx: Transaction, facts: Mapping[str, Any]) -> SupplierState:
    """Store what suppliers say, unless something newer is known, and let the contracts' search words follow."""
    supplier_id = UUID(str(facts["id"]))
    row = {name: facts[name] for name in ("number", "legal_name", "short_name", "credit_code", "state", "version")}
    known = await tx.scalar(select(SupplierState.version).where(SupplierState.supplier_id == supplier_id))
    statement = insert(SupplierState).values(supplier_id=supplier_id, **row)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[SupplierState.supplier_id],
            set_={name: statement.excluded[name] for name in row},
            where=SupplierState.version < statement.excluded.version,
        )
    )
    kept = await tx.session.get_one(SupplierState, supplier_id, populate_existing=True)
    if known is not None and known < kept.version:
        await _rename(tx, kept)
    return kept


async def _rename(tx: Transaction, supplier: SupplierState) -> None:
    """The supplier's contracts carry its present name. In batches by key: a large supplier has many."""
    last = UUID(int=0)
    while True:
        contracts = (
            await tx.session.scalars(
                select(Contract)
                .where(Contract.supplier_id == supplier.supplier_id, Contract.id > last)
                .where(Contract.supplier_name != supplier.short_name)
                .order_by(Contract.id)
                .limit(REFRESH_BATCH)
            )
        ).all()
        if not contracts:
            return
        for contract in contracts:
            set_words(contract, supplier)
        await tx.flush()
        last = contracts[-1].id


def set_words(contract: Contract, supplier: SupplierState) -> None:
    """All that a contract is sorted and found by."""
    contract.supplier_id, contract.supplier_name = supplier.supplier_id, supplier.short_name
    contract.supplier_key = pinyin_key(supplier.short_name)
    contract.title_key = pinyin_key(contract.title)
    words = queries.found_by(contract, supplier, pinyin_initials(supplier.short_name))
    contract.search_text = "\n".join(folded(word) for word in words)
    contract.grams = grams(*words)
