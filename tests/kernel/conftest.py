"""Services' databases in the test's own loop, on a database of the test's own."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence

import pytest

from services.kernel.database import Database
from tests.databases import Clone

Open = Callable[..., Database]


@pytest.fixture
async def open_database(committed_db: Clone) -> AsyncIterator[Open]:
    """open_database("suppliers", subscribers={…}): as that service sees the database."""
    opened: list[Database] = []

    def open_one(service: str, subscribers: Mapping[str, Sequence[str]] | None = None) -> Database:
        opened.append(Database(committed_db.url(f"svc_{service}"), service, subscribers=subscribers))
        return opened[-1]

    yield open_one
    for database in opened:
        await database.dispose()
