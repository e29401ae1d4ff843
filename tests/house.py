"""The whole house inside the test process: every app on a real socket, each with its own database role.

A program that is asked for is started; others that it would ask are down until they are started too, as in life.
"""

import asyncio
import importlib
import threading
import time
from collections.abc import Generator, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy import ports, token_keys
from services.kernel.database import Database
from services.kernel.identity import Actor, Kind, Role, TokenSigner
from services.kernel.settings import Settings
from tests.databases import Clone

SERVICES = ("contracts", "suppliers", "sla", "security")
APPS = {"gateway": "gateway.app", **{name: f"services.{name}.app" for name in SERVICES}}
WORKER = "sla-worker"
SOMEONE = UUID("0190aaaa-0000-7000-8000-000000000000")
START_SECONDS = 60.0


class House:
    """house.client("suppliers", "procurement_officer") speaks to a service as a person with that role."""

    def __init__(self, database: Clone, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self._ports = {name: ports.free() for name in APPS}
        self._running: dict[str, _Program] = {}
        self._key = folder / "token.pem"
        token_keys.make(self._key, folder / "token.pub", Ed25519PrivateKey.generate())
        self._signer = TokenSigner(self._key.read_bytes())

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    @property
    def gateway_url(self) -> str:
        """The gateway with everything behind it."""
        self.start_all()
        return self.url("gateway")

    def settings(self, name: str) -> Settings:
        """What the process `name` is told."""
        role = "svc_sla" if name == WORKER else f"svc_{name}"
        return Settings(
            process=name,
            database_url=self.database.url(role),
            bind_port=self._ports.get(name, 0),
            **{f"url_{app}": self.url(app) for app in APPS},
            token_public_key=self.folder / "token.pub",
            token_private_key=self._key if name == "gateway" else None,
            log_level="warning",
        )

    def start(self, *names: str) -> "House":
        """Start these programs and wait until they answer; those that run already are left alone."""
        fresh = [name for name in names if name not in self._running]
        for name in fresh:
            settings = self.settings(name)
            self._running[name] = _Worker(settings) if name == WORKER else _App(APPS[name], settings)
        for name in fresh:
            try:
                self._running[name].wait()
            except BaseException:
                del self._running[name]
                raise
        return self

    def start_all(self) -> "House":
        return self.start(*SERVICES, "gateway", WORKER)

    def stop(self, *names: str) -> None:
        """Stop these programs (all, when none is named)."""
        stopping = [self._running.pop(name) for name in names or tuple(self._running) if name in self._running]
        for program in stopping:
            program.ask_to_stop()
        for program in stopping:
            program.join()

    def actor(
        self,
        role: str | Iterable[str] | None = "procurement_officer",
        *,
        supplier: Any = None,
        scopes: Iterable[str] | None = None,
        name: str | None = None,
    ) -> Actor:
        """A person with these roles, or a key with these scopes. supplier: a record or dict with `id` and `number`."""
        roles = frozenset(Role(r) for r in ([role] if isinstance(role, str) else role or []))
        kind = Kind.PERSON if scopes is None else Kind.KEY
        called = name or (".".join(sorted(roles)) if scopes is None else "key")
        fields = supplier if isinstance(supplier, dict) or supplier is None else vars(supplier)
        return Actor(
            id=uuid5(SOMEONE, called),
            name=called,
            kind=kind,
            roles=roles if scopes is None else frozenset(),
            scopes=frozenset(scopes or ()),
            supplier_id=UUID(str(fields["id"])) if fields else None,
            supplier_number=fields["number"] if fields else None,
            client="127.0.0.1",
        )

    def client(
        self,
        service: str,
        role: str | Iterable[str] | None = "procurement_officer",
        *,
        supplier: Any = None,
        scopes: Iterable[str] | None = None,
        name: str | None = None,
    ) -> httpx.AsyncClient:
        """Speaks to a service directly, with a token as the gateway signs it. Paths are whole: `/api/sla/v1/…`."""
        self.start(service)
        return self.client_of(service, self.actor(role, supplier=supplier, scopes=scopes, name=name))

    def client_of(self, service: str, who: Actor) -> httpx.AsyncClient:
        self.start(service)
        return httpx.AsyncClient(base_url=self.url(service), auth=_Signed(self._signer, who), timeout=60)

    def anonymous(self, name: str) -> httpx.AsyncClient:
        """Without any identity."""
        self.start(name)
        return httpx.AsyncClient(base_url=self.url(name), timeout=60)

    def service_database(self, service: str) -> Database:
        """The database as that service sees it, for use in the test's own loop; dispose it afterwards."""
        return Database(self.database.url(f"svc_{service}"), service)


class _Signed(httpx.Auth):
    """A new token for each request: one holds for a minute only."""

    def __init__(self, signer: TokenSigner, who: Actor) -> None:
        self._signer, self._who = signer, who

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._signer.sign(self._who, datetime.now(UTC))}"
        yield request


class _Program:
    """A thread with its own loop."""

    def __init__(self) -> None:
        self.problem: BaseException | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.serve()
        except BaseException as problem:
            self.problem = problem  # told by wait()

    def serve(self) -> None:
        raise NotImplementedError

    def is_up(self) -> bool:
        raise NotImplementedError

    def ask_to_stop(self) -> None:
        raise NotImplementedError

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_up():
            if self.problem:
                raise self.problem
            if not self.thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"{self} did not start")
            time.sleep(0.01)

    def join(self) -> None:
        self.thread.join(10)


class _App(_Program):
    def __init__(self, module: str, settings: Settings) -> None:
        app = importlib.import_module(module).build(settings)
        self.server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=settings.bind_host,
                port=settings.bind_port,
                loop="uvloop",
                http="httptools",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=2,
            )
        )
        super().__init__()

    def serve(self) -> None:
        self.server.run()

    def is_up(self) -> bool:
        return self.server.started

    def ask_to_stop(self) -> None:
        self.server.should_exit = True


class _Worker(_Program):
    def __init__(self, settings: Settings) -> None:
        self._work = importlib.import_module("services.sla.worker").run(settings)
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        super().__init__()

    def serve(self) -> None:
        self._task = self._loop.create_task(self._work)
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    def is_up(self) -> bool:
        return self._task is not None

    def ask_to_stop(self) -> None:
        if self._task is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._task.cancel)
