"""A house of its own for the bench: real processes and a durable Postgres that is thrown away, beside whatever runs."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from deploy import environment, roles, token_keys
from deploy.database_url import DatabaseUrl
from deploy.start import DATABASE, House
from deploy.supervisor import Supervisor
from deploy.throwaway import Throwaway

WORKER = "sla-worker"


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
