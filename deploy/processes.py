"""A child that does not outlive its parent."""

import ctypes
import os
import sys
from collections.abc import Callable

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
