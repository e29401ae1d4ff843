"""What the database's roles may do."""

import asyncpg
import pytest

from deploy import roles
from deploy.database_url import DatabaseUrl
from tests.databases import PASSWORD, Clone


async def _connected(database: Clone, role: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(database.libpq(role))


async def test_roles_can_be_made_again_and_again(committed_db: Clone, admin_url: DatabaseUrl) -> None:
    """Every start of the embedded server does it."""
    secret = dict.fromkeys(roles.LOGINS, PASSWORD)
    await roles.initialise(committed_db.admin, secret)
    await roles.initialise(committed_db.admin, secret)
    connection = await asyncpg.connect(admin_url.libpq())
    found = await connection.fetch("SELECT rolname FROM pg_roles WHERE rolname = ANY($1)", list(roles.ROLES))
    await connection.close()
    assert {row["rolname"] for row in found} == set(roles.ROLES)


@pytest.mark.parametrize("service", sorted(roles.SUPPLIER_ROLES))
async def test_a_service_becomes_its_supplier_role_only_on_purpose(database: Clone, service: str) -> None:
    """It inherits nothing of it: a policy for suppliers must not widen what staff queries see."""
    connection = await _connected(database, f"svc_{service}")
    role = roles.SUPPLIER_ROLES[service]
    inherits = await connection.fetchval("SELECT pg_has_role(current_user, $1, 'USAGE')", role)
    may_become = await connection.fetchval("SELECT pg_has_role(current_user, $1, 'SET')", role)
    await connection.close()
    assert (inherits, may_become) == (False, True)


async def test_no_service_can_act_as_the_owner_or_as_the_auditor(database: Clone) -> None:
    for service in roles.SERVICES:
        connection = await _connected(database, f"svc_{service}")
        for role in (roles.OWNER, roles.AUDIT):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"SET ROLE {role}")
        await connection.close()


async def test_the_owner_can_hand_a_table_to_the_auditor(committed_db: Clone) -> None:
    connection = await _connected(committed_db, roles.OWNER)
    await connection.execute("CREATE SCHEMA handing; GRANT USAGE, CREATE ON SCHEMA handing TO heyue_audit")
    await connection.execute("CREATE TABLE handing.entry (id int); ALTER TABLE handing.entry OWNER TO heyue_audit")
    owner = await connection.fetchval("SELECT tableowner FROM pg_tables WHERE schemaname = 'handing'")
    await connection.close()
    assert owner == roles.AUDIT


async def test_a_user_that_may_make_no_roles_is_told_what_the_dba_must_run(committed_db: Clone) -> None:
    """The passwords that we hold do not fit, and svc_sla cannot set them."""
    as_service = committed_db.admin.signed_in_as("svc_sla", PASSWORD)
    with pytest.raises(roles.DatabaseNotReady, match="heyue db init --print"):
        await roles.initialise(as_service, dict.fromkeys(roles.LOGINS, "another password"))


async def _signs_in_as(database: Clone, role: str) -> str:
    """Whom the server takes somebody for who comes with that role's password."""
    connection = await _connected(database, role)
    name = str(await connection.fetchval("SELECT current_user"))
    await connection.close()
    return name


async def test_a_user_that_may_make_no_roles_suffices_where_they_are_made(committed_db: Clone) -> None:
    as_service = committed_db.admin.signed_in_as("svc_sla", PASSWORD)
    await roles.initialise(as_service, dict.fromkeys(roles.LOGINS, PASSWORD))
    assert [await _signs_in_as(committed_db, role) for role in roles.LOGINS] == list(roles.LOGINS)


async def test_the_printed_sql_makes_the_roles_too(committed_db: Clone) -> None:
    connection = await asyncpg.connect(committed_db.admin.libpq())
    await connection.execute(roles.script(committed_db.name, dict.fromkeys(roles.LOGINS, PASSWORD)))
    await connection.close()
    assert [await _signs_in_as(committed_db, role) for role in roles.LOGINS] == list(roles.LOGINS)
