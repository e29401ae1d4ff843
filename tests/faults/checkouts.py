"""Another checkout, in a folder with a space and Chinese in its name, and the house that runs in it."""

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from deploy import checkout

CODE = ("deploy", "gateway", "migrations", "services", "web", "pyproject.toml")
READY_SECONDS = 180.0
SECONDS = 60.0  # no test waits so long where all is well


class Checkout:
    """`start` is `make run` without the making of the virtual environment: the test's own Python serves."""

    def __init__(self, folder: Path, name: str = "新 机器") -> None:
        self.root = folder / name
        self.root.mkdir()
        for name in CODE:
            if (checkout.ROOT / name).is_dir():
                shutil.copytree(
                    checkout.ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__", ".*")
                )
            else:
                shutil.copy(checkout.ROOT / name, self.root)
        self._running: subprocess.Popen[str] | None = None

    def run(self, **settings: str) -> subprocess.CompletedProcess[str]:
        """A start that is expected to end by itself."""
        return subprocess.run(
            self._command, cwd=self.root, env=self._environment(settings), capture_output=True, text=True, timeout=60
        )

    def start(self, *, by_make: bool = False, **settings: str) -> dict[str, Any]:
        """Start and wait until `var/run.json` is there; gives what it says."""
        command = self._command
        if by_make:
            (self.root / "Makefile").write_text(f"run:\n\t@exec {shlex.join(command)}\n")
            command = ["make", "run"]
        self._running_file.unlink(missing_ok=True)  # of one that was killed
        with (self.root / "said").open("w") as said:
            self._running = subprocess.Popen(
                command, cwd=self.root, env=self._environment(settings), stdout=said, stderr=said, text=True,
                preexec_fn=_heed_interrupts,  # there are no threads here that hold a lock
            )  # fmt: skip
        wait_until(lambda: self._running_file.exists() or self._has_ended(), READY_SECONDS)
        assert not self._has_ended(), self.said()
        return self.now()

    def now(self) -> dict[str, Any]:
        """What `var/run.json` says at this moment."""
        content: dict[str, Any] = json.loads(self._running_file.read_text(encoding="utf-8"))
        return content

    def said(self) -> str:
        return (self.root / "said").read_text(encoding="utf-8")

    def is_described(self) -> bool:
        return self._running_file.exists()

    def signal(self, number: signal.Signals) -> None:
        if self._running is not None:
            self._running.send_signal(number)

    def exit_code(self) -> int:
        """Wait for the end of the supervisor."""
        assert self._running is not None
        return self._running.wait(SECONDS)

    def halt(self) -> None:
        """Stop what still runs, whatever has become of it."""
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._running.wait(30)
            self._running.kill()

    def remove(self) -> None:
        """Stop it, and remove the database, which as root does not lie in the checkout."""
        self.halt()
        link = self.root / ".data/postgres"
        if link.is_symlink():
            shutil.rmtree(link.readlink().parent, ignore_errors=True)

    @property
    def _running_file(self) -> Path:
        return self.root / "var/run.json"

    @property
    def _command(self) -> list[str]:
        return [sys.executable, "-m", "deploy.cli", "run"]

    def _has_ended(self) -> bool:
        return self._running is not None and self._running.poll() is not None

    def _environment(self, settings: dict[str, str]) -> dict[str, str]:
        ours = ("HEYUE_", "DATABASE_URL", "PORT", "MAKELEVEL")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return kept | {"LANG": "C", "HEYUE_DEMO": "0"} | settings


def _heed_interrupts() -> None:
    """A suite that runs in the background ignores them, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """A zombie that nobody has waited for is dead."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
