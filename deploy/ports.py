"""Free ports, kept for as long as this process lives, so that two checkouts that start together do not collide."""

import random
import socket
import sys

# Below the range from which the kernel takes the near ends of outgoing connections: a service that is started again
# would otherwise now and then find its port taken by one of them.
QUIET = range(20000, 32000)
_reserved: dict[int, socket.socket] = {}


class PortTaken(Exception):
    """Another program listens on this port."""


def reserve(port: int, host: str = "127.0.0.1") -> int:
    """Keep this port for a child of this process. Refuses PortTaken."""
    if not _claim(port):
        raise PortTaken(port)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of the last run may still fade
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            release(port)
            raise PortTaken(port) from None
    return port


def release(port: int) -> None:
    claim = _reserved.pop(port, None)
    if claim is not None:
        claim.close()


def first_free(start: int, host: str, tries: int = 100) -> int:
    """The first free port from `start` upwards. Refuses PortTaken when there is none among so many."""
    for port in range(start, min(start + tries, 65536)):
        try:
            return reserve(port, host)
        except PortTaken:
            continue
    raise PortTaken(start)


def free() -> int:
    """Any free port of the quiet range."""
    for port in random.sample(QUIET, 200):
        try:
            return reserve(port)
        except PortTaken:
            continue
    raise PortTaken(QUIET.start)


def _claim(port: int) -> bool:
    """Take the port's name in the abstract socket namespace (Linux): one holder on a machine, freed at its death."""
    if port in _reserved:
        return False
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if sys.platform == "linux":
        try:
            claim.bind(f"\0heyue-port-{port}")
        except OSError:
            claim.close()
            return False
    _reserved[port] = claim
    return True
