"""Passwords are kept as Argon2id; hashing takes its time in a thread of its own."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# RFC 9106's second choice for memory-bound machines, lightened to 32 MiB so that a burst of sign-ins fits in memory.
_hasher = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
_nobody = _hasher.hash("the password of nobody: hashed so that an unknown login takes as long as a known one")


async def hashed(password: str) -> str:
    """The Argon2id hash, with its salt and parameters."""
    return await asyncio.to_thread(_hasher.hash, password)


async def matches(stored: str | None, password: str) -> bool:
    """Whether the password is right. An account without one, or no account at all, takes as long to say no."""

    def verify() -> bool:
        try:
            return _hasher.verify(stored or _nobody, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    return await asyncio.to_thread(verify)
