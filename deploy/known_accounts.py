"""Whose passwords and which keys this checkout knows, as the database stands: for var/run.json and the terminal."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from deploy import checkout
from deploy.database_url import DatabaseUrl

Json = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """accounts, keys: as var/run.json has them; a password or key that holds no longer is None."""

    accounts: list[Json] = field(default_factory=list)
    keys: dict[str, str | None] = field(default_factory=dict)


async def how_many(owner: DatabaseUrl) -> int:
    """How many people there are; none means that the database is new."""
    connection = await asyncpg.connect(owner.libpq(), timeout=10)
    try:
        return int(await connection.fetchval('SELECT count(*) FROM (SELECT FROM gateway."user" LIMIT 1)'))
    finally:
        await connection.close()


def is_demo_unfinished() -> bool:
    """Whether an earlier start began to load the demo and did not come to the end."""
    return _read(checkout.DEMO_FILE).get("loaded") is False


async def read(owner: DatabaseUrl) -> Known:
    """What holds at this moment. The one-time administrator's password is forgotten once it has been used."""
    demo, first = _read(checkout.DEMO_FILE), _read(checkout.ADMINISTRATOR_FILE)
    connection = await asyncpg.connect(owner.libpq(), timeout=10)
    try:
        accounts = [
            await _as_it_stands(connection, account, demo.get("set_at", {}).get(account["login"]))
            for account in demo.get("accounts", [])
        ]
        keys = {name: await _if_it_holds(connection, key) for name, key in demo.get("api_keys", {}).items()}
        if first and await _is_used(connection, first["login"]):
            checkout.ADMINISTRATOR_FILE.unlink(missing_ok=True)
        elif first:
            accounts.append(first)
    finally:
        await connection.close()
    return Known([account for account in accounts if account], keys)


async def _as_it_stands(connection: "asyncpg.Connection[asyncpg.Record]", account: Json, set_at: str | None) -> Json:
    """The account; without its password when another has been set; empty when this database has no such person."""
    row = await connection.fetchrow(
        'SELECT password_changed_at, active FROM gateway."user" WHERE login = $1', account["login"]
    )
    if row is None:
        return {}
    changed = row["password_changed_at"]
    holds = row["active"] and changed is not None and changed.isoformat() == set_at
    return account if holds else account | {"password": None}


async def _if_it_holds(connection: "asyncpg.Connection[asyncpg.Record]", key: str) -> str | None:
    found = await connection.fetchval(
        "SELECT true FROM gateway.api_key WHERE key_id = $1 AND revoked_at IS NULL", key.split("_")[1]
    )
    return key if found else None


async def _is_used(connection: "asyncpg.Connection[asyncpg.Record]", login: str) -> bool:
    """Somebody has signed in with it, or it is gone."""
    found = await connection.fetchval(
        """SELECT password_changed_at IS NOT NULL OR NOT active
                  OR EXISTS (SELECT FROM gateway.session WHERE user_id = "user".id)
             FROM gateway."user" WHERE login = $1""",
        login,
    )
    return found is not False


def _read(path: Path) -> Json:
    try:
        kept: Json = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept
