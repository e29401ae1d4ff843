"""How Alembic reaches the database: one connection, one migration at a time, with limits on waiting and on running.

The caller (deploy/migrate.py) gives the address. The models are imported only to be compared with the database:
a migration itself imports nothing of ours.
"""

import asyncio
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import context
from alembic.autogenerate import compare_metadata
from sqlalchemy import Connection, ForeignKeyConstraint, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

ROOT = Path(__file__).resolve().parent.parent
ONE_AT_A_TIME = 7_215_113  # the advisory lock's number; any will do, as long as it stays
NAMESPACES = ("contracts", "suppliers", "sla", "security", "gateway", "audit", "news")
LIMITS = {"lock_timeout": "10s", "statement_timeout": "15min", "idle_in_transaction_session_timeout": "15min"}


def models() -> MetaData:
    """All mapped tables of all services, in one, with a real foreign key for every `refers_to` column."""
    found = sorted([*ROOT.glob("services/**/tables.py"), *ROOT.glob("gateway/**/tables.py")])
    for path in found:
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    from services.kernel.database import Base

    whole = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.tables.values():
        table.to_metadata(whole)
    for table in whole.tables.values():
        for column in table.columns:
            if target := column.info.get("refers_to"):
                table.append_constraint(ForeignKeyConstraint([column], [target]))
    return whole


def _chooser(connection: Connection) -> Callable[[str | None, str, Any], bool]:
    """Which names are compared: our namespaces, without partitions, which their migration makes and no class maps."""
    partitions = {
        (schema, name)
        for schema, name in connection.execute(
            text("SELECT relnamespace::regnamespace::text, relname FROM pg_class WHERE relispartition")
        )
    }

    def choose(name: str | None, kind: str, parents: Any) -> bool:
        if kind == "schema":
            return name in NAMESPACES
        if kind == "table":
            return (parents["schema_name"], name) not in partitions
        return True

    return choose


def _run(connection: Connection) -> None:
    options = context.config.attributes
    comparing = options.get("compare", False)
    context.configure(
        connection=connection,
        target_metadata=models() if comparing else None,
        include_schemas=True,
        include_name=_chooser(connection),
        transaction_per_migration=True,
        version_table_schema="public",
    )
    if "differences" in options:
        options["differences"].extend(compare_metadata(context.get_context(), models()))
        return
    with context.begin_transaction():
        context.run_migrations()
    # Each process says in /readyz which revision it sees.
    connection.execute(text("GRANT SELECT ON public.alembic_version TO PUBLIC"))


async def _migrate(url: str) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        # Waiting for another migration is right; waiting for a table that is in use is not: it blocks all behind it.
        await connection.execute(text(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})"))
        for name, value in LIMITS.items():
            await connection.execute(text(f"SET {name} = '{value}'"))
        await connection.commit()
        await connection.run_sync(_run)
        await connection.commit()
    await engine.dispose()


asyncio.run(_migrate(context.config.attributes["url"]))
