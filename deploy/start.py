"""`heyue run`: database, four services, worker and gateway, from nothing to one line with an address."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from typing import IO

import asyncpg

from deploy import checkout, known_accounts, migrate, ports, postgres, probe, roles, token_keys
from deploy.attempt import Stop
from deploy.database_url import DatabaseUrl
from deploy.environment import Environment, unknown
from deploy.processes import die_with_parent, end_with_parent, make_is_interrupted, parent_is_make
from deploy.supervisor import Child, Program, Supervisor, ignore_a_closed_terminal, to_terminal

SERVICES = ("contracts", "suppliers", "sla", "security")
DATABASE = "heyue"
FIRST_PORT = 8080
GATEWAY_RANK, SERVICE_RANK, WORKER_RANK, POSTGRES_RANK = range(4)  # the order in which they are stopped
READY_SECONDS = 180.0
DATABASE_SECONDS = 120.0  # after a crash Postgres first reads its log again
WORKER_SECONDS = 1.5
WATCH_SECONDS = 3.0
HOPELESS = 4  # ends in a row before anybody has seen it ready


async def everything(environment: Environment) -> int:
    """Start all of it, keep it running until a signal comes, stop all of it. Exit code 0 after a clean stop."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)
    if parent_is_make():
        end_with_parent(signal.SIGTERM, os.getppid())  # a `make run` that is killed takes the house with it
        following = asyncio.create_task(make_is_interrupted(os.getppid()))
        following.add_done_callback(lambda _: stopped.set())
    with _only_one_here():
        checkout.RUN_FILE.unlink(missing_ok=True)  # of a start that was killed
        house = House(environment)
        try:
            await _until_stopped(house, stopped)
        finally:
            await house.stop()
    ignore_a_closed_terminal()
    return 0


async def _until_stopped(house: "House", stopped: asyncio.Event) -> None:
    waiting = asyncio.create_task(stopped.wait())
    starting = asyncio.create_task(house.start())
    await asyncio.wait({waiting, starting}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        house.tell("stopping, before all of it was started")
        starting.cancel()
        await asyncio.wait({starting})
        return
    starting.result()  # raises what went wrong
    beside = [asyncio.create_task(house.supervisor.trim_logs()), asyncio.create_task(house.watch_the_administrator())]
    await waiting
    for task in beside:
        task.cancel()
    house.tell("stopping")


class House:
    """All programs of one start, and where they are."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.supervisor = Supervisor(checkout.LOGS, self.tell)
        self.ports: dict[str, int] = {}
        self.began = time.monotonic()
        self._secret = roles.passwords(environment.secrets)
        self._database: DatabaseUrl | None = None
        self._known = known_accounts.Known()

    def tell(self, text: str) -> None:
        to_terminal(f"heyue: {text}")

    def url(self, name: str) -> str:
        host = self.environment.host if name == "gateway" else "127.0.0.1"
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - shown, not bound
        return f"http://{shown}:{self.ports[name]}"

    @property
    def owner(self) -> DatabaseUrl:
        """The database as the owner of the namespaces."""
        return self._server().signed_in_as(roles.OWNER, self._secret[roles.OWNER])

    def _server(self) -> DatabaseUrl:
        if self._database is None:
            raise Stop("the database has not been started")
        return self._database

    async def start(self) -> None:
        for name in unknown(os.environ):
            self.tell(f"{name} is no setting and is passed over")
        self._choose_ports()
        token_keys.ensure()
        admin = self.environment.database or await self._start_postgres()
        await roles.initialise(admin, self._secret)
        self._database = admin
        await self._migrate()
        self._start_programs()
        await self._wait_for_all()
        await self._first_start()
        self._known = await known_accounts.read(self.owner)
        self._write_run_file()
        self.supervisor.changed = self._write_run_file
        for line in self._welcome():
            to_terminal(line)

    async def watch_the_administrator(self) -> None:
        """Runs until the one-time administrator has signed in, and then forgets the password."""
        while checkout.ADMINISTRATOR_FILE.exists():
            await asyncio.sleep(WATCH_SECONDS)
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                self._known = await known_accounts.read(self.owner)
        self._write_run_file()

    async def stop(self) -> None:
        """Gateway, services, workers, Postgres. The file that says where all is goes first."""
        self.supervisor.changed = lambda: None
        checkout.RUN_FILE.unlink(missing_ok=True)
        await self.supervisor.stop()

    # --- steps --------------------------------------------------------------------------------------------------------

    def _choose_ports(self) -> None:
        chosen, host = self.environment.port, self.environment.host
        self.ports["gateway"] = ports.reserve(chosen, host) if chosen else ports.first_free(FIRST_PORT, host)
        for name in SERVICES:
            self.ports[name] = ports.free()

    async def _start_postgres(self) -> DatabaseUrl:
        cluster = await asyncio.to_thread(postgres.cluster)
        port = ports.free()
        options = postgres.spawn_options(cluster.installation.user)
        child = self.supervisor.start(
            Program(
                name="postgres",
                command=cluster.command(port),
                rank=POSTGRES_RANK,
                environment=options.pop("env"),
                stop_signal=postgres.STOP_SIGNAL,
                grace=30.0,
                options={name: value for name, value in options.items() if name != "stdin"},
            )
        )
        deadline = time.monotonic() + DATABASE_SECONDS
        while child.pid is None or not cluster.is_ready(child.pid):
            # After a kill its old processes hold the memory for a second or two: more than one try is normal.
            self._give_up_on(child, deadline, tries=2 * HOPELESS)
            await asyncio.sleep(0.03)
        return cluster.url(port, DATABASE)

    async def _migrate(self) -> None:
        newest = migrate.head()
        standing = await migrate.current(self.owner)
        if standing != newest:
            self.tell(f"migrating the database from {standing or 'nothing'} to {newest}")
            await asyncio.to_thread(migrate.upgrade, self.owner)

    def _start_programs(self) -> None:
        for name in SERVICES:
            self._start_program(name, name, SERVICE_RANK)
        for number in range(1, self.environment.workers + 1):
            self._start_program("sla-worker" if number == 1 else f"sla-worker-{number}", "sla", WORKER_RANK)
        self._start_program("gateway", "gateway", GATEWAY_RANK)

    def _start_program(self, name: str, service: str, rank: int) -> None:
        command = [sys.executable, "-m", "deploy.process", name]
        told = self._told(name, service)
        self.supervisor.start(Program(name, command, rank, told, options={"cwd": checkout.ROOT}))

    def _told(self, name: str, service: str) -> dict[str, str]:
        """The environment of a process: its own database role, never the operator's."""
        login = f"svc_{service}"
        kept_back = ("DATABASE_URL", "HEYUE_SECRETS", "PORT")
        told = {key: value for key, value in os.environ.items() if key not in kept_back} | {
            "HEYUE_PROCESS": name,
            "HEYUE_DATABASE_URL": self._server().signed_in_as(login, self._secret[login]).sqlalchemy(),
            "HEYUE_BIND_HOST": self.environment.host if name == "gateway" else "127.0.0.1",
            "HEYUE_BIND_PORT": str(self.ports.get(name, 0)),
            **{f"HEYUE_URL_{other.upper()}": self.url(other) for other in (*SERVICES, "gateway")},
            "HEYUE_TOKEN_PUBLIC_KEY": str(checkout.TOKEN_PUBLIC_KEY),
            "HEYUE_LOG_LEVEL": self.environment.log_level,
            "PYTHONUTF8": "1",
            "PYTHONUNBUFFERED": "1",
        }
        if name == "gateway":
            told["HEYUE_TOKEN_PRIVATE_KEY"] = str(checkout.TOKEN_PRIVATE_KEY)
        return told

    async def _wait_for_all(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        await asyncio.gather(*(self._wait_for(name, deadline) for name in self.supervisor.children))

    async def _wait_for(self, name: str, deadline: float) -> None:
        child = self.supervisor.children[name]
        host = self.environment.host if name == "gateway" else "127.0.0.1"
        if name not in self.ports:  # nothing to ask: it runs for a while, or it ends
            while child.up_seconds < WORKER_SECONDS:
                self._give_up_on(child, deadline)
                await asyncio.sleep(0.05)
            return
        while await probe.status(self.ports[name], "/readyz", host) != 200:
            self._give_up_on(child, deadline)
            await asyncio.sleep(0.05)

    def _give_up_on(self, child: Child, deadline: float, tries: int = HOPELESS) -> None:
        """Refuses Stop, with what the program wrote last."""
        if child.failures < tries and time.monotonic() < deadline:
            return
        for line in child.last_lines():
            to_terminal(f"  {child.program.name}: {line}")
        raise Stop(f"{child.program.name} does not start; see {child.log.relative_to(checkout.ROOT)}")

    async def _first_start(self) -> None:
        """A database without people gets the demo, or one administrator; a load that was cut off is gone on with."""
        people = await known_accounts.how_many(self.owner)
        if self.environment.demo and (people == 0 or known_accounts.is_demo_unfinished()):
            began = time.monotonic()
            self.tell("loading the demo: eight suppliers, twenty contracts, six months of tickets (once)")
            if await self._run("demo") == 0:
                self.tell(f"the demo is loaded ({time.monotonic() - began:.0f} s)")
            else:
                self.tell("goes on without the whole demo; the next start goes on with it")
        elif people == 0:
            await self._run("administrator")

    async def _run(self, what: str) -> int:
        """deploy.first_start beside the house; ended with this start when that is cut off."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "deploy.first_start", what,
            stdin=asyncio.subprocess.DEVNULL,
            cwd=checkout.ROOT,
            env=self._told("gateway", "gateway"),
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )  # fmt: skip
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                process.kill()

    # --- what others read ---------------------------------------------------------------------------------------------

    def _write_run_file(self) -> None:
        processes = {"supervisor": os.getpid()} | {
            name: child.pid for name, child in self.supervisor.children.items() if child.pid is not None
        }
        content = {
            "gateway": self.url("gateway"),
            "version": checkout.version(),
            "database": self.owner.libpq(),
            "services": {name: self.url(name) for name in SERVICES},
            "processes": processes,
            "accounts": self._known.accounts,
            "api_keys": self._known.keys,
        }
        checkout.write_private(checkout.RUN_FILE, json.dumps(content, indent=1, ensure_ascii=False) + "\n")

    def _welcome(self) -> Iterator[str]:
        """The one address, and who may sign in there."""
        yield f"\n  Heyue {checkout.version()} is ready after {time.monotonic() - self.began:.1f} s:\n"
        yield f"    {self.url('gateway')}\n"
        for account in self._known.accounts:
            role = account["role"].replace("_", " ") + (f" of {account['supplier']}" if account["supplier"] else "")
            yield f"    {account['login']:<14} {account['password'] or '(changed since)':<22} {role}"
        yield "\n  Addresses, accounts and keys for programs: var/run.json. Logs: var/log. Ctrl-C stops all of it.\n"


@contextlib.contextmanager
def _only_one_here() -> Iterator[None]:
    """One house in a checkout: the lock falls with the process, however it ends. Refuses Stop."""
    checkout.VAR.mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        try:
            lock: IO[str] = stack.enter_context(checkout.LOCK_FILE.open("w"))
        except PermissionError:
            raise Stop(f"{checkout.VAR} belongs to another user: start as that user") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Stop(f"it runs in this folder already{_where()}") from None
        yield


def _where() -> str:
    try:
        return f": {json.loads(checkout.RUN_FILE.read_text(encoding='utf-8'))['gateway']}"
    except (OSError, ValueError, KeyError):
        return ""
