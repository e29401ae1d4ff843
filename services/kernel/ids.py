"""UUIDv7: keys whose order is that of their making."""

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """A new key: 48 bits of milliseconds, then randomness (RFC 9562)."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
