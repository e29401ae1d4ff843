"""A child that does not outlive its parent, and follows a `make` above it."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1


def end_with_parent(stop_signal: int, parent: int) -> None:
    """Have the kernel send this process the signal when the parent with that process id dies.

    The "parent" is the thread that made it, so children are started from the main thread. Linux only; elsewhere
    nothing replaces it.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above
        os.kill(os.getpid(), stop_signal)


def die_with_parent(stop_signal: int) -> Callable[[], None]:
    """For `preexec_fn`: called in the child, after the change of user, which would undo it."""
    parent = os.getpid()
    return lambda: end_with_parent(stop_signal, parent)


def parent_is_make() -> bool:
    """Whether this process was started by a recipe."""
    try:
        return Path(f"/proc/{os.getppid()}/comm").read_text().strip() in ("make", "gmake")
    except OSError:
        return False


async def make_is_interrupted(pid: int) -> None:
    """Returns once that `make` has been sent SIGINT or SIGHUP.

    It passes SIGTERM on, but takes these two for something that a terminal sends to everybody, and waits for the
    recipe to end by itself. It is seen in the signals that it catches: the one that came, it catches no longer.
    """
    watched = (1 << signal.SIGINT - 1) | (1 << signal.SIGHUP - 1)
    before = _caught_by(pid) & watched
    while _caught_by(pid) & watched == before:  # noqa: ASYNC110  # no event tells of it
        await asyncio.sleep(0.5)


def _caught_by(pid: int) -> int:
    """Bit n-1 stands for signal n; 0 where the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1], 16) for line in lines if line.startswith("SigCgt:")), 0)
