"""The databases of a test run: one server, one migrated template, a clone for whoever asks."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg

from deploy import migrate, roles
from deploy.database_url import DatabaseUrl
from deploy.throwaway import Throwaway

TEMPLATE = "heyue_template"
PASSWORD = "only-for-tests"  # of roles that live as long as the run


@dataclass(frozen=True)
class Clone:
    """One database, a copy of the migrated template."""

    admin: DatabaseUrl

    @property
    def name(self) -> str:
        return self.admin.database

    def url(self, role: str = roles.OWNER) -> str:
        """SQLAlchemy's address for a role: `svc_sla`, `heyue_owner`, …"""
        return self.admin.signed_in_as(role, PASSWORD).sqlalchemy()

    def libpq(self, role: str = roles.OWNER) -> str:
        """The same for asyncpg and psql."""
        return self.admin.signed_in_as(role, PASSWORD).libpq()


class Server:
    """One embedded Postgres for the whole run, shared by all workers."""

    def __init__(self) -> None:
        self._throwaway = Throwaway()
        self.admin = self._throwaway.start()  # in the main thread: the server dies with the thread that started it

    def make_template(self) -> None:
        """Roles, then all migrations. Once a run."""
        template = self.admin.on(TEMPLATE)
        in_own_loop(lambda: roles.initialise(template, dict.fromkeys(roles.LOGINS, PASSWORD)))
        in_own_thread(lambda: migrate.upgrade(template.signed_in_as(roles.OWNER, PASSWORD)))

    def halt(self) -> None:
        """Away, as for a restart: what was committed stays."""
        self._throwaway.halt()

    def resume(self) -> None:
        """Back at the same address; to be called in the main thread."""
        self._throwaway.start()

    def stop(self) -> None:
        self._throwaway.stop()


def clone(admin: DatabaseUrl) -> Clone:
    """A new database out of the template: about 0.1 s."""
    name = f"heyue_{uuid4().hex[:12]}"
    in_own_loop(lambda: _execute(admin, f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} OWNER {roles.OWNER}'))
    return Clone(admin.on(name))


def drop(copy: Clone) -> None:
    in_own_loop(lambda: _execute(copy.admin.on("postgres"), f'DROP DATABASE "{copy.name}" WITH (FORCE)'))


async def _execute(url: DatabaseUrl, statement: str) -> None:
    connection = await asyncpg.connect(url.libpq())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def in_own_loop(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    in_own_thread(lambda: asyncio.run(work()))


def in_own_thread(work: Callable[[], None]) -> None:
    """Away from the loop in which the tests run."""
    problems: list[BaseException] = []

    def call() -> None:
        try:
            work()
        except BaseException as problem:  # handed to the caller below
            problems.append(problem)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    if problems:
        raise problems[0]
