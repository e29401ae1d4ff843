"""Accounts made outside of a request: the first administrator, the demo's people and keys, `heyue user add`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from gateway.accounts import passwords, service
from gateway.accounts.schemas import KeyIn, UserIn
from gateway.accounts.tables import User
from services.kernel.database import Database
from services.kernel.identity import Role, system

OPERATOR = system("operator")


async def how_many(db: Database) -> int:
    """How many accounts there are."""
    async with db.reading(OPERATOR) as tx:
        return int(await tx.scalar(select(func.count()).select_from(User)))


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
    """An account of the demo; one that is there already is left alone."""
    async with db.reading(OPERATOR) as tx:
        if await tx.scalar(select(User.id).where(User.login == login)):
            return
    given = UserIn(login=login, name=name, roles=[Role(role)])
    await service.add_user(db, OPERATOR, given, service.Supplier(supplier), now)
    async with db.transaction(OPERATOR, "user.demo") as tx:
        user = await tx.scalar(select(User).where(User.login == login))
        user.password_hash = await passwords.hashed(password)


async def add_key(db: Database, name: str, scopes: Sequence[str]) -> str:
    """A key of the demo, whole."""
    made = await service.make_key(db, OPERATOR, KeyIn(name=name, scopes=list(scopes)))
    return str(made["key"])


async def changed_passwords(db: Database, known: Mapping[str, str]) -> set[str]:
    """The logins whose password is no longer the one that is known here: changed since the demo was loaded."""
    async with db.reading(OPERATOR) as tx:
        rows = await tx.rows(select(User.login, User.password_changed_at).where(User.login.in_(list(known))))
    return {row["login"] for row in rows if row["password_changed_at"] is not None}


async def unused_first_administrator(db: Database) -> bool:
    """True while nobody has set a password yet: the one-time administrator has not been used."""
    async with db.reading(OPERATOR) as tx:
        return not await tx.scalar(select(func.count()).select_from(User).where(User.password_hash.is_not(None)))
