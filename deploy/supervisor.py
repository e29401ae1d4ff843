"""Keeps programs running: starts them, starts them again when they end, and stops them in order.

Every child leads a session of its own, so that Ctrl-C in a terminal reaches the supervisor alone, and gets its stop
signal from the kernel when the supervisor dies. What a child writes goes into its own file, not through a pipe: a
grandchild that keeps a pipe open would make a dead child look alive, and a child would choke on a dead supervisor.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.processes import die_with_parent

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
STEADY_SECONDS = 10.0  # after so long its next end counts as the first again
LOG_LIMIT = 64 * 2**20
SHOWN_LINES = 12


@dataclass(frozen=True)
class Program:
    """What to start. rank: those with the lowest are stopped first. grace: seconds before it is killed."""

    name: str
    command: list[str]
    rank: int
    environment: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0
    options: Mapping[str, Any] = field(default_factory=dict)


class Child:
    """One program and the process that it is at present."""

    def __init__(self, program: Program, log: Path, tell: Callable[[str], None], changed: Callable[[], None]) -> None:
        self.program = program
        self.log = log
        self.failures = 0
        self._tell, self._changed = tell, changed
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._began = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Of the running process; None between two of them."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def up_seconds(self) -> float:
        """How long the present process has been running."""
        return asyncio.get_running_loop().time() - self._began if self.pid is not None else 0.0

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name=self.program.name)

    async def stop(self) -> None:
        """Ask it to stop, and end it when it does not."""
        self._stopping = True
        if self._task is None:
            return
        if self.pid is None:
            self._task.cancel()
        else:
            self._signal(self.program.stop_signal)
        done, _ = await asyncio.wait({self._task}, timeout=self.program.grace)
        if not done:
            self._tell(f"{self.program.name} does not stop and is killed")
            self._kill_group()
            await asyncio.wait({self._task}, timeout=5)

    def last_lines(self) -> list[str]:
        """What it wrote at the end, to be shown with the news that it ended: not the requests that went well."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - 8192))
                lines = file.read().decode(errors="replace").splitlines()
        except OSError:
            return []
        return [line[:300] for line in lines if line.strip() and '"level": "info"' not in line][-SHOWN_LINES:]

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping:
            self._began = asyncio.get_running_loop().time()
            await self._spawn()
            self._changed()
            if self._process is None:
                return
            code = await self._process.wait()
            self._kill_group()  # what it has left behind
            if self._stopping:
                return
            if asyncio.get_running_loop().time() - self._began > STEADY_SECONDS:
                pause, self.failures = FIRST_PAUSE, 0
            self.failures += 1
            self._tell(f"{self.program.name} ended ({_how(code)}) and is started again in {pause:.1f} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _spawn(self) -> None:
        self._make_room()
        options: dict[str, Any] = {
            "start_new_session": True,
            "preexec_fn": die_with_parent(self.program.stop_signal),
            "env": dict(self.program.environment),
            **self.program.options,
        }
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.program.command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, **options
            )

    def _make_room(self) -> None:
        """One older log is kept."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            shutil.move(self.log, self.log.with_suffix(".log.1"))

    def trim(self) -> None:
        """Keep a running program's log within its limit: the file stays open in it, so it is copied and emptied."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._process is not None:
                self._process.send_signal(number)

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._process is not None:
                os.killpg(self._process.pid, signal.SIGKILL)


class Supervisor:
    """All children. `changed` is called whenever one of them has a new process."""

    def __init__(self, logs: Path, tell: Callable[[str], None]) -> None:
        self.logs = logs
        self.children: dict[str, Child] = {}
        self.changed: Callable[[], None] = lambda: None
        self._tell = tell
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, program: Program) -> Child:
        child = Child(program, self.logs / f"{program.name}.log", self._tell, lambda: self.changed())
        self.children[program.name] = child
        child.start()
        return child

    async def stop(self) -> None:
        """Rank by rank, those of one rank together."""
        for rank in sorted({child.program.rank for child in self.children.values()}):
            await asyncio.gather(*(c.stop() for c in self.children.values() if c.program.rank == rank))

    async def trim_logs(self) -> None:
        """Runs for ever, beside the children."""
        while True:
            await asyncio.sleep(60)
            for child in self.children.values():
                child.trim()


def to_terminal(text: str) -> None:
    """One line for whoever watches; the terminal may be gone."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


def ignore_a_closed_terminal() -> None:
    """At exit Python flushes once more, and would end with an error when nobody listens."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
