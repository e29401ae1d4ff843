"""Reading people and keys, and finding out who asks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, any_, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.accounts.rules import digest
from gateway.accounts.tables import ApiKey, Session, User
from services.kernel.database import Transaction, is_uuid
from services.kernel.identity import Role
from services.kernel.paging import Listing, Sort, flag, one_of
from services.kernel.refusals import NotFound

USERS, KEYS = "/api/gateway/v1/users", "/api/gateway/v1/keys"
USER_COLUMNS: tuple[Any, ...] = (
    User.id, User.login, User.name, User.email, User.roles, User.supplier_id, User.supplier_number,
    User.supplier_name, User.active, User.locked_until, User.password_hash.is_not(None).label("has_password"),
    User.version, User.created_at, User.updated_at,
)  # fmt: skip
KEY_COLUMNS: tuple[Any, ...] = (
    ApiKey.id, ApiKey.key_id, ApiKey.name, ApiKey.scopes, ApiKey.created_by, ApiKey.created_at, ApiKey.revoked_at,
    ApiKey.version,
)  # fmt: skip


def user_is(ident: str | UUID) -> ColumnElement[bool]:
    """By id or login."""
    return User.id == UUID(str(ident)) if is_uuid(str(ident)) else User.login == str(ident)


def user_document(row: Mapping[str, Any]) -> dict[str, Any]:
    """A person as an administrator sees one."""
    supplier = (
        {"id": row["supplier_id"], "number": row["supplier_number"], "short_name": row["supplier_name"]}
        if row["supplier_id"]
        else None
    )
    state = "active" if row["active"] else "deactivated"
    return {
        "id": row["id"], "login": row["login"], "number": row["login"], "name": row["name"], "email": row["email"],
        "roles": row["roles"], "supplier": supplier, "state": state, "has_password": row["has_password"],
        "locked_until": row["locked_until"], "version": row["version"], "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "actions": ["edit", "new-link", "deactivate"] if row["active"] else ["edit", "reactivate"],
        "url": f"{USERS}/{row['login']}",
    }  # fmt: skip


def key_document(row: Mapping[str, Any]) -> dict[str, Any]:
    """A key without its secret."""
    return {
        "id": row["id"], "key_id": row["key_id"], "name": row["name"], "scopes": row["scopes"],
        "state": "revoked" if row["revoked_at"] else "active", "created_by": row["created_by"],
        "created_at": row["created_at"], "revoked_at": row["revoked_at"], "version": row["version"],
        "actions": [] if row["revoked_at"] else ["revoke"], "url": f"{KEYS}/{row['id']}",
    }  # fmt: skip


def users() -> tuple[Listing, Select[Any]]:
    """The list of people."""
    return (
        Listing(
            key=User.id, item=user_document,
            sorts={"login": Sort(User.login), "name": Sort(User.name), "created_at": Sort(User.created_at)},
            default="login",
            filters={"active": flag(User.active.is_(True)), "role": _holds},
            search=_called,
        ),
        select(*USER_COLUMNS),
    )  # fmt: skip


def _called(word: str) -> ColumnElement[bool]:
    return or_(User.login.contains(word, autoescape=True), User.name.contains(word, autoescape=True))


def _holds(words: Any) -> ColumnElement[bool]:
    if set(words) - {role.value for role in Role}:
        raise ValueError(*(role.value for role in Role))
    return or_(*(any_(User.roles) == word for word in words))


def keys() -> tuple[Listing, Select[Any]]:
    """The list of keys."""
    return (
        Listing(
            key=ApiKey.id, item=key_document,
            sorts={"created_at": Sort(ApiKey.created_at), "name": Sort(ApiKey.name)}, default="-created_at",
            filters={"name": one_of(ApiKey.name), "revoked": flag(ApiKey.revoked_at.is_not(None))},
        ),
        select(*KEY_COLUMNS),
    )  # fmt: skip


async def user(tx: Transaction, ident: str | UUID) -> dict[str, Any]:
    """One person. Refuses NotFound."""
    rows = await tx.rows(select(*USER_COLUMNS).where(user_is(ident)))
    if not rows:
        raise NotFound
    return user_document(rows[0])


async def key(tx: Transaction, ident: UUID) -> dict[str, Any]:
    """One key. Refuses NotFound."""
    rows = await tx.rows(select(*KEY_COLUMNS).where(ApiKey.id == ident))
    if not rows:
        raise NotFound
    return key_document(rows[0])


async def shown_names(engine: AsyncEngine, logins: Collection[str]) -> dict[str, str]:
    """The names of people by their logins."""
    async with engine.connect() as connection:
        rows = await connection.execute(select(User.login, User.name).where(User.login.in_(logins)))
        return {row.login: row.name for row in rows}


async def staff_called(engine: AsyncEngine, word: str, most: int) -> list[tuple[str, str]]:
    """Login and name of people of the staff whom this word may mean, in the order of their names."""
    own = User.active.is_(True) & ~User.roles.contains([Role.SUPPLIER_USER.value])
    statement = select(User.login, User.name).where(own, _called(word)).order_by(User.name, User.id).limit(most)
    async with engine.connect() as connection:
        return [(row.login, row.name) for row in await connection.execute(statement)]


@dataclass(frozen=True)
class SignedIn:
    """Who a session or a key belongs to, read anew at each request: a deactivation is felt at once."""

    id: UUID
    name: str
    shown_name: str
    roles: frozenset[Role]
    scopes: frozenset[str]
    supplier_id: UUID | None
    supplier_number: str | None
    supplier_name: str | None
    language: str | None
    zone: str
    theme: str
    density: str


_BY_SESSION = (
    select(
        User.id, User.login, User.name, User.roles, User.supplier_id, User.supplier_number, User.supplier_name,
        User.language, User.zone, User.theme, User.density, Session.expires_at,
    )
    .join(User, User.id == Session.user_id)
    .where(User.active.is_(True))
)  # fmt: skip


async def by_session(engine: AsyncEngine, secret: str, now: datetime) -> SignedIn | None:
    """The person of a session that has not ended."""
    async with engine.connect() as connection:
        row = (
            await connection.execute(_BY_SESSION.where(Session.digest == digest(secret), Session.expires_at > now))
        ).first()
    if row is None:
        return None
    return SignedIn(
        id=row.id, name=row.login, shown_name=row.name, roles=frozenset(Role(r) for r in row.roles),
        scopes=frozenset(), supplier_id=row.supplier_id, supplier_number=row.supplier_number,
        supplier_name=row.supplier_name, language=row.language, zone=row.zone, theme=row.theme, density=row.density,
    )  # fmt: skip


async def by_key(engine: AsyncEngine, key_id: str, secret: str) -> SignedIn | None:
    """The key, where its secret is right and it has not been revoked."""
    async with engine.connect() as connection:
        row = (
            await connection.execute(
                select(ApiKey.id, ApiKey.name, ApiKey.scopes).where(
                    ApiKey.key_id == key_id, ApiKey.digest == digest(secret), ApiKey.revoked_at.is_(None)
                )
            )
        ).first()
    if row is None:
        return None
    return SignedIn(
        id=row.id, name=f"key:{row.name}", shown_name=row.name, roles=frozenset(), scopes=frozenset(row.scopes),
        supplier_id=None, supplier_number=None, supplier_name=None, language=None, zone="UTC", theme="auto",
        density="default",
    )  # fmt: skip
