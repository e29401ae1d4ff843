"""Databases and the running house for all tests. See tests/databases.py and tests/house.py."""

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from deploy.database_url import DatabaseUrl
from tests import databases
from tests.databases import Clone
from tests.house import House

_server: databases.Server | None = None


def _running_server() -> databases.Server:
    global _server
    if _server is None:
        _server = databases.Server()
        _server.make_template()
    return _server


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Before a parallel worker starts: the server of the whole run is the controller's."""
    node.workerinput["admin_url"] = _running_server().admin.libpq()  # type: ignore[attr-defined]  # xdist's node


def pytest_unconfigure() -> None:
    global _server
    if _server is not None:
        _server.stop()
        _server = None


@pytest.fixture(scope="session")
def admin_url(request: pytest.FixtureRequest) -> DatabaseUrl:
    """The superuser's address of the run's server, with the migrated template in it."""
    given: dict[str, str] = getattr(request.config, "workerinput", {})
    return DatabaseUrl.parse(given["admin_url"]) if given else _running_server().admin


@pytest.fixture(scope="session")
def database(admin_url: DatabaseUrl) -> Iterator[Clone]:
    """One database for all tests of this worker: each makes its own records and counts on nobody else's."""
    copy = databases.clone(admin_url)
    yield copy
    databases.drop(copy)


@pytest.fixture(scope="session")
def database_url(database: Clone) -> str:
    """SQLAlchemy's address of that database, as the owner of the schema."""
    return database.url()


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[AsyncSession]:
    """A session of the owner; whatever the test does is rolled back."""
    engine = create_async_engine(database_url)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        yield session
        await session.rollback()
    await engine.dispose()


@pytest.fixture
def committed_db(admin_url: DatabaseUrl) -> Iterator[Clone]:
    """A fresh database for one test: for workers, locks, races, and whatever wants to find it empty."""
    copy = databases.clone(admin_url)
    yield copy
    databases.drop(copy)


@pytest.fixture(scope="session")
def house(database: Clone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Services, gateway and worker on real sockets, started as they are asked for, on the worker's database."""
    made = House(database, tmp_path_factory.mktemp("house"))
    yield made
    made.stop()


@pytest.fixture
def fresh_house(committed_db: Clone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of one test, on an empty database."""
    made = House(committed_db, tmp_path_factory.mktemp("house"))
    yield made
    made.stop()
