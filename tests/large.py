"""A large house in a few statements (`large.sql`): what years of use leave, so that reading it can be measured.

A hundred agreements, tickets with two clocks each, one breach in twelve cycles. The large firm has half of it. The
small one has one agreement, and its tickets are the oldest: whoever walks the latest rows until its own turn up reads
nearly all.
"""

from pathlib import Path

import asyncpg

from tests.databases import Clone

SMALL_FIRM, LARGE_FIRM, NO_FIRM = 0, 1, 999_999
STATEMENTS = Path(__file__).with_suffix(".sql")


def firm_id(number: int) -> str:
    """The id that the fill gives to the firm of that number."""
    return f"{number:08x}-0000-7000-8000-000000000001"


async def fill(database: Clone, *, tickets: int, firms: int = 2_000, contracts: int = 5_000, months: int = 36) -> None:
    """months: closed ones, of each agreement."""
    connection = await asyncpg.connect(database.libpq())
    try:
        for name, number in {"tickets": tickets, "firms": firms, "contracts": contracts, "months": months}.items():
            await connection.execute("SELECT set_config($1, $2, false)", f"large.{name}", str(number))
        await connection.execute(STATEMENTS.read_text(encoding="utf-8"))
    finally:
        await connection.close()
