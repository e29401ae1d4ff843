"""Alembic, driven from Python: there is no alembic.ini, the address comes from whoever calls.

python -m deploy.migrate check                 the models against the migrations, on a throwaway Postgres
python -m deploy.migrate revision "<title>"    a new revision with what differs
"""

import asyncio
import sys
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from deploy import checkout, roles
from deploy.database_url import DatabaseUrl
from deploy.throwaway import Throwaway

DATABASE = "heyue"


def configuration(url: DatabaseUrl | None, **attributes: Any) -> Config:
    """Alembic's configuration; `attributes` reach migrations/env.py."""
    config = Config()
    config.set_main_option("script_location", str(checkout.ROOT / "migrations").replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(attributes, url=url.sqlalchemy() if url else None)
    return config


def head() -> str | None:
    """The newest revision in the checkout."""
    return ScriptDirectory.from_config(configuration(None)).get_current_head()


async def current(url: DatabaseUrl) -> str | None:
    """The revision that the database stands at; None for an empty one."""
    connection = await asyncpg.connect(url.libpq(), timeout=10)
    try:
        found: str | None = await connection.fetchval("SELECT version_num FROM public.alembic_version")
        return found
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()


def upgrade(url: DatabaseUrl, revision: str = "head") -> None:
    """Bring the database to a revision. Calls asyncio.run: not from within a running loop."""
    command.upgrade(configuration(url), revision)


def downgrade(url: DatabaseUrl, revision: str) -> None:
    command.downgrade(configuration(url), revision)


def differences(url: DatabaseUrl) -> list[str]:
    """What the models have and the migrated database has not, or the other way round, one line each."""
    found: list[Any] = []
    config = configuration(url, differences=found)
    scripts = ScriptDirectory.from_config(config)
    with EnvironmentContext(config, scripts):
        scripts.run_env()
    return [_line(difference) for difference in found]


def _line(difference: Any) -> str:
    """Alembic gives a tuple, or a list of tuples for one column."""
    if isinstance(difference, list):
        return "; ".join(_line(part) for part in difference)
    return " ".join(part if isinstance(part, str) else repr(part) for part in difference if part is not None)


class ScratchDatabase:
    """A throwaway server with the roles made and an empty database; gives the owner's address."""

    def __enter__(self) -> DatabaseUrl:
        self._server = Throwaway()
        admin = self._server.start().on(DATABASE)
        secret = dict.fromkeys(roles.LOGINS, "scratch")
        try:
            asyncio.run(roles.initialise(admin, secret))
        except BaseException:
            self._server.stop()
            raise
        return admin.signed_in_as(roles.OWNER, secret[roles.OWNER])

    def __exit__(self, *_: object) -> None:
        self._server.stop()


def main(arguments: list[str]) -> int:
    match arguments:
        case ["check"]:
            with ScratchDatabase() as owner:
                upgrade(owner)
                found = differences(owner)
            for line in found:
                print(f"model and migrations differ: {line}", file=sys.stderr)
            return 1 if found else 0
        case ["revision", title]:
            with ScratchDatabase() as owner:
                upgrade(owner)
                number = f"{int(head() or 0) + 1:04d}"
                command.revision(configuration(owner, compare=True), title, autogenerate=True, rev_id=number)
            return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
