"""A desk under an agreement in force, with the worker running."""

from collections.abc import AsyncIterator

import pytest

from tests.house import House
from tests.sla.desk import Desk, open_desk


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with open_desk(house) as desk:
        yield desk
