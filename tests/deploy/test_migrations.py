"""The migrations go up, down and up again, and end where the models are."""

import asyncpg

from deploy import migrate, roles
from deploy.database_url import DatabaseUrl
from tests.databases import PASSWORD, Clone, in_own_thread

NAMESPACES = ("contracts", "suppliers", "sla", "security", "gateway", "audit", "news")


def _owner(database: Clone) -> DatabaseUrl:
    return database.admin.signed_in_as(roles.OWNER, PASSWORD)


async def _shape(database: Clone) -> list[tuple[str, ...]]:
    """Every column, constraint, index, trigger, policy and grant of our namespaces, in words."""
    connection = await asyncpg.connect(database.libpq())
    rows = await connection.fetch(
        """
        WITH spaces AS (SELECT oid, nspname FROM pg_namespace WHERE nspname = ANY($1)),
             tables AS (SELECT c.oid, nspname, relname, relacl FROM pg_class c JOIN spaces s ON s.oid = relnamespace)
        SELECT 'column', nspname, relname, attname, format_type(atttypid, atttypmod) || attnotnull::text
          FROM tables JOIN pg_attribute ON attrelid = tables.oid WHERE attnum > 0 AND NOT attisdropped
        UNION ALL SELECT 'constraint', nspname, relname, conname, pg_get_constraintdef(c.oid)
          FROM tables JOIN pg_constraint c ON conrelid = tables.oid
        UNION ALL SELECT 'index', schemaname, tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = ANY($1)
        UNION ALL SELECT 'trigger', nspname, relname, tgname, pg_get_triggerdef(t.oid)
          FROM tables JOIN pg_trigger t ON tgrelid = tables.oid WHERE NOT tgisinternal
        UNION ALL SELECT 'policy', schemaname, tablename, policyname, coalesce(qual, '') || coalesce(with_check, '')
          FROM pg_policies WHERE schemaname = ANY($1)
        UNION ALL SELECT 'grant', nspname, relname, '', coalesce(relacl::text, '') FROM tables
        UNION ALL SELECT 'namespace', nspname, '', '', coalesce(nspacl::text, '')
          FROM pg_namespace WHERE nspname = ANY($1)
        UNION ALL SELECT 'function', nspname, proname, '', coalesce(proacl::text, '') || prosrc
          FROM pg_proc JOIN spaces s ON s.oid = pronamespace
        ORDER BY 1, 2, 3, 4, 5
        """,
        list(NAMESPACES),
    )
    await connection.close()
    return [tuple(row.values()) for row in rows]


async def test_down_to_nothing_and_up_again_gives_the_same_database(committed_db: Clone) -> None:
    before = await _shape(committed_db)
    in_own_thread(lambda: migrate.downgrade(_owner(committed_db), "base"))
    assert await _shape(committed_db) == []
    in_own_thread(lambda: migrate.upgrade(_owner(committed_db)))
    assert await _shape(committed_db) == before


async def test_models_and_migrations_agree(committed_db: Clone) -> None:
    found: list[str] = []
    in_own_thread(lambda: found.extend(migrate.differences(_owner(committed_db))))
    assert found == []


async def test_the_database_says_which_revision_it_stands_at(committed_db: Clone) -> None:
    assert await migrate.current(_owner(committed_db)) == migrate.head()


async def test_every_process_may_read_the_revision(database: Clone) -> None:
    """Each `/readyz` shows it."""
    for service in roles.SERVICES:
        connection = await asyncpg.connect(database.libpq(f"svc_{service}"))
        assert await connection.fetchval("SELECT version_num FROM public.alembic_version") == migrate.head()
        await connection.close()
