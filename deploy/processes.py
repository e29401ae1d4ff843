"""A child that does not outlive its parent."""

import ctypes
import os
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def die_with_parent(stop_signal: int) -> Callable[[], None]:
    """Called in the child after the change of user: the kernel sends it the signal when its parent dies.

    The "parent" is the thread that made it, so children are started from the main thread. Linux only; elsewhere
    nothing replaces it.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def call() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
            if os.getppid() != parent:  # it died before the line above
                os.kill(os.getpid(), stop_signal)

    return call
