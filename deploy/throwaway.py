"""A Postgres that forgets everything: for tests, checks and benchmarks."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from deploy import ports, postgres
from deploy.database_url import DatabaseUrl

START_SECONDS = 60.0


class Throwaway:
    """A cluster in a temporary folder, gone with this process."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="heyue-pg-"))
        binaries = postgres.installation()
        if binaries.user:
            os.chown(self._folder, binaries.user.pw_uid, binaries.user.pw_gid)
        self._cluster = postgres.made(binaries, self._folder)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self, *, durable: bool = False) -> DatabaseUrl:
        """Start, or start again, and wait until it answers. Gives the superuser's address. durable: commits reach
        the disk, as in earnest, for whoever measures."""
        self.port = self.port or ports.free()
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._cluster.command(self.port, durable=durable),
                stdout=log,
                stderr=log,
                **postgres.spawn_options(self._cluster.installation.user),
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._cluster.is_ready(self._process.pid):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise postgres.PostgresUnavailable((self._folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.02)
        return self._cluster.url(self.port)

    def halt(self) -> None:
        """Stop it and keep its data; `start` goes on with them, at the same address."""
        if self._process is not None:
            self._process.send_signal(postgres.STOP_SIGNAL)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Stop it and remove all of it."""
        self.halt()
        shutil.rmtree(self._folder, ignore_errors=True)
