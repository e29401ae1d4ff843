"""Accounts made outside of a request: the first administrator, the demo's administrator, `heyue user add`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from gateway.accounts import passwords, service
from gateway.accounts.schemas import KeyIn, UserIn
from gateway.accounts.tables import User
from services.kernel.database import Database
from services.kernel.identity import Role, system

OPERATOR = system("operator")


async def add_with_link(
    db: Database, login: str, name: str, roles: Sequence[str], now: datetime, supplier: dict[str, str] | None = None
) -> str:
    """A new account; the path by which its person sets the first password. Refuses Invalid, Conflict."""
    given = UserIn(login=login, name=name, roles=[Role(role) for role in roles])
    made = await service.add_user(db, OPERATOR, given, service.Supplier(supplier), now)
    return str(made["link"])


async def add_with_password(
    db: Database, login: str, name: str, role: str, password: str, now: datetime, supplier: dict[str, str] | None = None
) -> None:
    """An account with a password from the start; one that is there already is left alone."""
    async with db.reading(OPERATOR) as tx:
        if await tx.scalar(select(User.id).where(User.login == login)):
            return
    given = UserIn(login=login, name=name, roles=[Role(role)])
    await service.add_user(db, OPERATOR, given, service.Supplier(supplier), now)
    async with db.transaction(OPERATOR, "user.first-password") as tx:
        user = await tx.scalar(select(User).where(User.login == login))
        user.password_hash = await passwords.hashed(password)


async def add_key(db: Database, name: str, scopes: Sequence[str]) -> str:
    """A key, whole."""
    made = await service.make_key(db, OPERATOR, KeyIn(name=name, scopes=list(scopes)))
    return str(made["key"])


async def link_for(db: Database, login: str, name: str, roles: Sequence[str], now: datetime) -> str:
    """The path by which this person sets a password: of a new account, or of one that an earlier load has made."""
    async with db.reading(OPERATOR) as tx:
        version = await tx.scalar(select(User.version).where(User.login == login))
    if version is None:
        return await add_with_link(db, login, name, roles, now)
    return str((await service.new_link(db, OPERATOR, login, version, now))["link"])


async def passwords_set_at(db: Database, logins: Sequence[str]) -> dict[str, str]:
    """When each of these people last set a password: known passwords hold while this stays the same."""
    async with db.reading(OPERATOR) as tx:
        rows = await tx.rows(select(User.login, User.password_changed_at).where(User.login.in_(logins)))
    return {row["login"]: row["password_changed_at"].isoformat() for row in rows if row["password_changed_at"]}
