"""The embedded Postgres: it knows Chinese, asks for a password, and is whole or not there."""

import asyncpg
import pytest

from deploy import postgres
from deploy.database_url import DatabaseUrl


async def test_trigrams_find_chinese(admin_url: DatabaseUrl) -> None:
    """With the plain C locale they would find no letters, and a search by similarity silently nothing."""
    connection = await asyncpg.connect(admin_url.libpq())
    await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    found = await connection.fetchval("SELECT cardinality(show_trgm('服务合同'))")
    await connection.close()
    assert found == 5


async def test_nobody_gets_in_without_the_password(admin_url: DatabaseUrl) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(admin_url.signed_in_as("postgres", "guessed").libpq())


async def test_it_counts_in_utc_and_is_new_enough(admin_url: DatabaseUrl) -> None:
    connection = await asyncpg.connect(admin_url.libpq())
    zone, number = await connection.fetchrow(
        "SELECT current_setting('timezone'), current_setting('server_version_num')"
    )
    await connection.close()
    assert zone == "UTC"
    assert int(number) // 10000 >= postgres.OLDEST


def test_it_listens_on_loopback_alone() -> None:
    settings = postgres.server_settings(5432)
    assert (settings["listen_addresses"], settings["unix_socket_directories"]) == ("127.0.0.1", "")
