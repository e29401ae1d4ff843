"""News from suppliers."""

from services.contracts.contract.copies import keep_supplier
from services.kernel.database import Transaction
from services.kernel.events import Handler, News

SUPPLIER_STATES = ("candidate", "screened", "approved", "suspended", "blacklisted", "retired")


async def supplier_changed(tx: Transaction, news: News) -> None:
    """Keep the copy up to date; older news than what is known is passed over."""
    await keep_supplier(tx, news.data)


HANDLERS: dict[str, Handler] = {f"supplier.{state}": supplier_changed for state in SUPPLIER_STATES}
