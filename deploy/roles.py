"""The database's roles: made here or by a DBA, never by a migration, since they belong to the whole server.

heyue_owner                     owns the namespaces and runs the migrations
heyue_audit                     owns the audit table and its trigger function; nobody signs in as it
svc_<service>, svc_gateway      one login a process; sees its own namespace, by the grants of the migrations
<service>_supplier              what a service becomes for a supplier's user: rows of others do not exist for it
"""

import asyncio
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from deploy import checkout
from deploy.database_url import DatabaseUrl

OWNER = "heyue_owner"
AUDIT = "heyue_audit"
SERVICES = ("contracts", "suppliers", "sla", "security", "gateway")
SUPPLIER_ROLES = {"contracts": "contracts_supplier", "suppliers": "suppliers_supplier", "sla": "sla_supplier"}
LOGINS = (OWNER, *(f"svc_{service}" for service in SERVICES))
ROLES = (*LOGINS, AUDIT, *SUPPLIER_ROLES.values())
OLDEST_SERVER = 180000
OLDEST_SERVER_NAME = "18"


class DatabaseNotReady(Exception):
    """The server lacks something that only its DBA may give; the text says what and how."""


@dataclass(frozen=True)
class Standing:
    """What the user of DATABASE_URL may do, and what is there."""

    may_create: bool
    existing: frozenset[str]


def passwords(path: Path = checkout.SECRETS_FILE) -> dict[str, str]:
    """The passwords of the login roles; those that are missing in the file are made and kept there."""
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    whole = {login: kept.get(login) or secrets.token_urlsafe(24) for login in LOGINS}
    if whole != kept:
        checkout.write_private(path, json.dumps(whole, indent=2) + "\n")
    return whole


def statements(database: str, secret: Mapping[str, str], existing: frozenset[str] = frozenset()) -> Iterator[str]:
    """The SQL that makes every role of this project and lets it into the database; safe to run again."""
    for role in ROLES:
        if role not in existing:
            yield f"CREATE ROLE {role}"
    for login in LOGINS:
        yield f"ALTER ROLE {login} LOGIN PASSWORD {_quoted(secret[login])}"
    # The owner hands tables to heyue_audit, and changes them later through what it inherits.
    yield f"GRANT {AUDIT} TO {OWNER} WITH INHERIT TRUE, SET TRUE"
    for service, role in SUPPLIER_ROLES.items():
        yield f"GRANT {role} TO svc_{service} WITH INHERIT FALSE, SET TRUE"
    yield f"GRANT CREATE, CONNECT, TEMPORARY ON DATABASE {_name(database)} TO {OWNER}"
    yield f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}"  # Alembic's own table lies there
    everyone = ", ".join(LOGINS[1:])
    yield f"GRANT CONNECT, TEMPORARY ON DATABASE {_name(database)} TO {everyone}"


def script(database: str, secret: Mapping[str, str]) -> str:
    """The same as a script for psql: roles that exist already are passed over."""
    lines = ["-- Roles of Heyue. Run once, as a superuser or a role with CREATEROLE.", "DO $$ BEGIN"]
    lines += [
        f"  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role}; END IF;"
        for role in ROLES
    ]
    lines.append("END $$;")
    lines += [f"{statement};" for statement in statements(database, secret, frozenset(ROLES))]
    return "\n".join(lines) + "\n"


async def initialise(url: DatabaseUrl, secret: Mapping[str, str]) -> None:
    """Make the database (when missing) and all roles, through a user that may. Refuses DatabaseNotReady."""
    await _make_database(url)
    connection = await asyncpg.connect(url.libpq(), timeout=10)
    try:
        await _require_version(connection)
        if (await _standing(connection)).may_create:
            await _make_roles(connection, url, secret)
            return
    except asyncpg.InsufficientPrivilegeError as problem:
        raise DatabaseNotReady(_for_the_dba(url, str(problem))) from problem
    finally:
        await connection.close()
    await _require_sign_in(url, secret)


async def _make_roles(
    connection: "asyncpg.Connection[asyncpg.Record]", url: DatabaseUrl, secret: Mapping[str, str]
) -> None:
    """Roles belong to the whole server and no lock does, so a start beside this one is met by trying again."""
    for attempt in range(5):
        try:
            async with connection.transaction():
                existing = (await _standing(connection)).existing
                for statement in statements(url.database, secret, existing):
                    await connection.execute(statement)
            return
        except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError, asyncpg.InternalServerError):
            if attempt == 4:
                raise
            await asyncio.sleep(0.2 * (attempt + 1))


async def _make_database(url: DatabaseUrl) -> None:
    try:
        connection = await asyncpg.connect(url.libpq(), timeout=10)
        await connection.close()
    except asyncpg.InvalidCatalogNameError:
        connection = await asyncpg.connect(url.on("postgres").libpq(), timeout=10)
        try:
            await connection.execute(f"CREATE DATABASE {_name(url.database)}")
        except asyncpg.DuplicateDatabaseError:
            pass  # another start was quicker
        except asyncpg.InsufficientPrivilegeError as problem:
            text = f"the database {url.database} does not exist and {url.user} may not create it"
            raise DatabaseNotReady(text) from problem
        finally:
            await connection.close()


async def _require_version(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    number = int(await connection.fetchval("SHOW server_version_num"))
    encoding = await connection.fetchval("SHOW server_encoding")
    if number < OLDEST_SERVER:
        shown = await connection.fetchval("SHOW server_version")
        raise DatabaseNotReady(f"the server is Postgres {shown}; {OLDEST_SERVER_NAME} or newer is needed")
    if encoding != "UTF8":
        raise DatabaseNotReady(f"the database's encoding is {encoding}; it must be UTF8")


async def _standing(connection: "asyncpg.Connection[asyncpg.Record]") -> Standing:
    me = await connection.fetchrow("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user")
    found = await connection.fetch("SELECT rolname FROM pg_roles WHERE rolname = ANY($1)", list(ROLES))
    return Standing(bool(me and (me["rolsuper"] or me["rolcreaterole"])), frozenset(row["rolname"] for row in found))


async def _require_sign_in(url: DatabaseUrl, secret: Mapping[str, str]) -> None:
    """The user of DATABASE_URL may make no roles: then a DBA must have made them, with the passwords we hold."""
    for login in LOGINS:
        try:
            connection = await asyncpg.connect(url.signed_in_as(login, secret[login]).libpq(), timeout=10)
            await connection.close()
        except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as problem:
            raise DatabaseNotReady(_for_the_dba(url, f"{login} cannot sign in")) from problem


def _for_the_dba(url: DatabaseUrl, cause: str) -> str:
    return (
        f"{cause}, and {url.user} may not make roles. "
        "Let the DBA run what `heyue db init --print` prints, then start again"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
