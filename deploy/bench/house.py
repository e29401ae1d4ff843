"""A house of its own for the bench: real processes and a durable Postgres that is thrown away, beside whatever runs."""

import asyncio
import os
import secrets
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy import accounts, environment, roles, token_keys
from deploy.api_client import Api, Json
from deploy.database_url import DatabaseUrl
from deploy.demo.accounts import SCOPES
from deploy.start import DATABASE, House
from deploy.supervisor import Supervisor
from deploy.throwaway import Throwaway
from services.kernel.database import Database

WORKER = "sla-worker"
LOGIN = "bench"


@dataclass(frozen=True)
class Keys:
    """How the bench gets in: as a person for pages, by a key for the API."""

    gateway: str
    login: str
    password: str
    key: str

    @property
    def account(self) -> Json:
        return {"login": self.login, "password": self.password}

    def api(self) -> Api:
        return Api(self.gateway, self.key)


class BenchHouse(House):
    """The processes of `make run`, without its files: another house in this checkout keeps its own."""

    def __init__(self, database: DatabaseUrl, folder: Path) -> None:
        settings = {"DATABASE_URL": database.libpq(), "HEYUE_DEMO": "0", "HEYUE_SECRETS": str(folder / "secrets.json")}
        super().__init__(environment.read(settings))
        self.supervisor = Supervisor(folder / "log", self.tell)

    async def start(self) -> None:
        self._choose_ports()
        token_keys.ensure()
        if self.environment.database is None:
            raise RuntimeError("the bench brings its own database")
        await roles.initialise(self.environment.database, self._secret)
        self._database = self.environment.database
        await self._migrate()
        self._start_programs()
        await self._wait_for_all()

    async def stop(self) -> None:
        await self.supervisor.stop()

    async def let_in(self) -> "Keys":
        """A procurement officer with a password, and a key with every scope."""
        address = self.owner.signed_in_as("svc_gateway", self._secret["svc_gateway"])
        database = Database(address.sqlalchemy(), "gateway")
        password = secrets.token_urlsafe(16)
        try:
            await accounts.add_with_password(database, LOGIN, LOGIN, "procurement_officer", password, datetime.now(UTC))
            key = await accounts.add_key(database, "bench", SCOPES["everything"])
        finally:
            await database.dispose()
        return Keys(self.url("gateway"), LOGIN, password, key)

    @contextmanager
    def worker_asleep(self) -> Iterator[None]:
        """While something else is measured alone, no clock is computed."""
        pids = [child.pid for name, child in self.supervisor.children.items() if name.startswith(WORKER)]
        for pid in pids:
            os.kill(pid or 0, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid or 0, signal.SIGCONT)


@asynccontextmanager
async def house() -> AsyncIterator[BenchHouse]:
    """Started and ready; gone afterwards, with all that it stored."""
    server = Throwaway()
    try:
        admin = await asyncio.to_thread(server.start, durable=True)
        with tempfile.TemporaryDirectory(prefix="heyue-bench-") as folder:
            made = BenchHouse(admin.on(DATABASE), Path(folder))
            try:
                await made.start()
                yield made
            finally:
                await made.stop()
    finally:
        server.stop()
