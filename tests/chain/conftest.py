"""Programs outside of one house, and the chain that one of them has lived through."""

from datetime import UTC, datetime

import pytest

from tests.chain.program import Program, program
from tests.chain.story import Chain, in_force, lived_through
from tests.house import House


@pytest.fixture(scope="session")
def outside(house: House) -> Program:
    """With every scope."""
    return program(house)


@pytest.fixture(scope="session")
def second(house: House) -> Program:
    """Another key with every scope."""
    return program(house)


@pytest.fixture(scope="session")
def chain(outside: Program, second: Program) -> Chain:
    return lived_through(outside, second, datetime.now(UTC))


@pytest.fixture(scope="session")
def busy(outside: Program) -> Chain:
    """Another chain, whose source takes whatever tests send; the first stays as it was told."""
    return in_force(outside)
