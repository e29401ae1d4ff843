"""UUIDv7: keys whose order is that of their making."""

import secrets
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """A new key: 48 bits of milliseconds, then randomness (RFC 9562). Of two made here the second is the greater."""
    global _last
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    with _lock:
        # In the same millisecond, or when the clock was set back: the next one after the last.
        _last = value = max(value, _last + 1)
    return UUID(int=value)
