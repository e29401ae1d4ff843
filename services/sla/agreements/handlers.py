"""News from contracts."""

from services.kernel.database import Transaction
from services.kernel.events import Handler, News
from services.sla.agreements import service


async def contract_activated(tx: Transaction, news: News) -> None:
    """Keep its terms; its agreements come into force."""
    await service.contract_activated(tx, news.data, news.at)


async def contract_ended(tx: Transaction, news: News) -> None:
    """Keep its end; its agreements end on that day."""
    await service.contract_ended(tx, news.data, news.at)


HANDLERS: dict[str, Handler] = {"contract.activated": contract_activated, "contract.ended": contract_ended}
