"""What is done with people, sessions and keys; each use case is one transaction."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from gateway.accounts import passwords, queries
from gateway.accounts.rules import (
    LINK_HOLDS,
    Attempts,
    digest,
    key_text,
    new_secret,
    password_fault,
    roles_fault,
)
from gateway.accounts.schemas import KeyIn, UserIn, UserPatch
from gateway.accounts.tables import ApiKey, FirstPassword, Session, User
from services.kernel.database import Database, Transaction, now_utc
from services.kernel.identity import Actor, system
from services.kernel.ids import uuid7
from services.kernel.messages import N_
from services.kernel.refusals import Conflict, FieldError, Invalid, NotFound

DEFAULT_ZONE = "Asia/Shanghai"
WELCOME = "/welcome/"


class Supplier:
    """The firm of a supplier's user, as suppliers names it."""

    def __init__(self, facts: dict[str, Any] | None) -> None:
        self.id = UUID(str(facts["id"])) if facts else None
        self.number: str | None = facts["number"] if facts else None
        self.name: str | None = facts["short_name"] if facts else None


async def add_user(db: Database, who: Actor, given: UserIn, supplier: Supplier, now: datetime) -> dict[str, Any]:
    """A new account, and the link by which its person sets the first password. Refuses Invalid, Conflict."""
    if fault := roles_fault(given.roles, supplier.id is not None):
        raise Invalid(errors=[fault])
    secret = new_secret()
    try:
        async with db.transaction(who, "user.add") as tx:
            user = _user(given.login, given.name, [role.value for role in given.roles], supplier)
            user.email = given.email
            tx.add(user)
            await tx.flush()
            tx.add(FirstPassword(digest=digest(secret), user_id=user.id, expires_at=now + LINK_HOLDS))
            await tx.flush()
            record = await queries.user(tx, user.id)
    except IntegrityError as taken:
        raise Conflict(
            errors=[FieldError("duplicate", "/login", N_("Somebody has this login already"),
                               N_("Choose another"), link=f"{queries.USERS}/{given.login}")]
        ) from taken  # fmt: skip
    return record | {"link": WELCOME + secret}


def _user(login: str, name: str, roles: list[str], supplier: Supplier) -> User:
    return User(
        login=login, name=name, roles=roles, supplier_id=supplier.id, supplier_number=supplier.number,
        supplier_name=supplier.name, active=True, failed_attempts=0, zone=DEFAULT_ZONE, theme="auto",
        density="default",
    )  # fmt: skip


async def edit_user(
    db: Database, who: Actor, ident: str, seen: int, patch: UserPatch, supplier: Supplier | None, now: datetime
) -> dict[str, Any]:
    """Change name, e-mail, roles or firm. Refuses NotFound, Stale, Invalid, Conflict (the last administrator)."""
    async with db.transaction(who, "user.edit") as tx:
        user = await _loaded(tx, ident, seen)
        if patch.name is not None:
            user.name = patch.name
        if "email" in patch.model_fields_set:
            user.email = patch.email
        if supplier is not None:
            user.supplier_id, user.supplier_number, user.supplier_name = supplier.id, supplier.number, supplier.name
        if patch.roles is not None:
            user.roles = [role.value for role in patch.roles]
        if fault := roles_fault(user.roles, user.supplier_id is not None):
            raise Invalid(errors=[fault])
        user.updated_at = now
        await tx.flush()
        await _keep_an_administrator(tx)
        return await queries.user(tx, user.id)


async def deactivate(db: Database, who: Actor, ident: str, seen: int, now: datetime) -> dict[str, Any]:
    """Let somebody in no longer, from this instant on. Refuses NotFound, Stale, Conflict."""
    async with db.transaction(who, "user.deactivate") as tx:
        user = await _loaded(tx, ident, seen)
        user.active, user.updated_at = False, now
        await tx.execute(delete(Session).where(Session.user_id == user.id))
        await tx.flush()
        await _keep_an_administrator(tx)
        return await queries.user(tx, user.id)


async def reactivate(db: Database, who: Actor, ident: str, seen: int, now: datetime) -> dict[str, Any]:
    """Let somebody in again. Refuses NotFound, Stale."""
    async with db.transaction(who, "user.reactivate") as tx:
        user = await _loaded(tx, ident, seen)
        user.active, user.failed_attempts, user.locked_until, user.updated_at = True, 0, None, now
        await tx.flush()
        return await queries.user(tx, user.id)


async def new_link(db: Database, who: Actor, ident: str, seen: int, now: datetime) -> dict[str, Any]:
    """A new link to set a password by; earlier ones hold no longer. Refuses NotFound, Stale."""
    secret = new_secret()
    async with db.transaction(who, "user.new-link") as tx:
        user = await _loaded(tx, ident, seen)
        await tx.execute(delete(FirstPassword).where(FirstPassword.user_id == user.id))
        tx.add(FirstPassword(digest=digest(secret), user_id=user.id, expires_at=now + LINK_HOLDS))
        user.failed_attempts, user.locked_until, user.updated_at = 0, None, now
        await tx.flush()
        return await queries.user(tx, user.id) | {"link": WELCOME + secret}


async def _loaded(tx: Transaction, ident: str, seen: int | None = None) -> User:
    user_id = await tx.scalar(select(User.id).where(queries.user_is(ident)))
    if user_id is None:
        raise NotFound
    return await tx.load(User, user_id, seen)


async def _keep_an_administrator(tx: Transaction) -> None:
    left = await tx.scalar(
        select(User.id).where(User.active.is_(True), User.roles.contains(["administrator"])).limit(1)
    )
    if left is None:
        raise Conflict(detail=N_("This is the last administrator; make another one first"))


async def welcome(db: Database, asking: Actor, secret: str, password: str, now: datetime) -> UUID:
    """Set the first password by a link, once. Refuses NotFound (unknown, used or old link), Invalid."""
    async with db.transaction(asking, "user.first-password") as tx:
        link = await tx.session.get(FirstPassword, digest(secret), with_for_update=True)
        if link is None or link.expires_at < now:
            raise NotFound(detail=N_("This link has been used or is too old; ask an administrator for a new one"))
        user = await tx.load(User, link.user_id)
        if not user.active:
            raise NotFound
        if fault := password_fault(password, user.login):
            raise Invalid(errors=[fault])
        user.password_hash, user.password_changed_at = await passwords.hashed(password), now
        user.failed_attempts, user.locked_until = 0, None
        await tx.execute(delete(Session).where(Session.user_id == user.id))  # whoever had the old password is out
        await tx.execute(delete(FirstPassword).where(FirstPassword.user_id == user.id))
        return user.id


async def welcomed(db: Database, secret: str, now: datetime) -> str:
    """Whose first password a link sets: the login. Refuses NotFound."""
    async with db.reading(system("sign-in")) as tx:
        login = await tx.scalar(
            select(User.login)
            .join(FirstPassword, FirstPassword.user_id == User.id)
            .where(FirstPassword.digest == digest(secret), FirstPassword.expires_at > now, User.active.is_(True))
        )
    if login is None:
        raise NotFound(detail=N_("This link has been used or is too old; ask an administrator for a new one"))
    return str(login)


async def sign_in(db: Database, asking: Actor, login: str, password: str, hours: int, now: datetime) -> str | None:
    """The secret of a new session, or None: wrong, unknown, deactivated or locked; which of these is not said.

    asking: whoever it is, with the request's id and address; the trail has both.
    """
    plain = login.strip().lower()
    async with db.engine.connect() as connection:
        row = (
            await connection.execute(
                select(User.id, User.password_hash, User.active, User.locked_until).where(User.login == plain)
            )
        ).first()
    right = await passwords.matches(row.password_hash if row else None, password)
    if row is None or not row.active:
        return None
    if Attempts(0, row.locked_until).locked(now):
        return None
    actor = replace(asking, id=row.id, name=plain)
    if not right:
        async with db.transaction(actor, "user.sign-in-failed") as tx:
            user = await tx.load(User, row.id)
            after = Attempts(user.failed_attempts, user.locked_until).after_failure(now)
            user.failed_attempts, user.locked_until = after.failed, after.locked_until
        return None
    return await open_session(db, actor, row.id, hours, now)


async def open_session(db: Database, actor: Actor, user_id: UUID, hours: int, now: datetime) -> str | None:
    """A new session of that person; ended ones are swept away. None where the account has been locked or closed since
    it was looked at: of a hundred guesses at once, those that come after the fifth failure are worth nothing.
    """
    secret = new_secret()
    async with db.transaction(actor, "user.sign-in") as tx:
        user = await tx.load(User, user_id)
        if not user.active or Attempts(0, user.locked_until).locked(now_utc()):
            return None
        await tx.execute(delete(Session).where(Session.expires_at < now))
        await tx.execute(
            update(User)
            .where(User.id == user_id, (User.failed_attempts > 0) | User.locked_until.is_not(None))
            .values(failed_attempts=0, locked_until=None)
        )
        tx.add(Session(digest=digest(secret), user_id=user_id, expires_at=now + timedelta(hours=hours)))
    return secret


async def sign_out(db: Database, who: Actor, secret: str) -> None:
    """End this session."""
    async with db.transaction(who, "user.sign-out") as tx:
        await tx.execute(delete(Session).where(Session.digest == digest(secret)))


async def sign_out_everywhere(db: Database, who: Actor) -> None:
    """End all sessions of this person."""
    async with db.transaction(who, "user.sign-out-everywhere") as tx:
        await tx.execute(delete(Session).where(Session.user_id == who.id))


async def change_password(db: Database, who: Actor, present: str, wanted: str, now: datetime) -> None:
    """Change one's own password; other sessions end, and links to set another. Refuses Invalid."""
    async with db.transaction(who, "user.change-password") as tx:
        user = await tx.load(User, who.id)
        if not await passwords.matches(user.password_hash, present):
            raise Invalid(errors=[FieldError("wrong_password", "/present", N_("This is not your current password"),
                                             N_("Try again"))])  # fmt: skip
        if fault := password_fault(wanted, user.login):
            raise Invalid(errors=[fault])
        user.password_hash, user.password_changed_at = await passwords.hashed(wanted), now
        user.failed_attempts, user.locked_until = 0, None
        for table in (Session, FirstPassword):
            await tx.execute(delete(table).where(table.user_id == who.id))


async def prefer(db: Database, who: Actor, **chosen: str) -> None:
    """Keep language, zone, theme or density."""
    async with db.transaction(who, "user.prefer") as tx:
        user = await tx.load(User, who.id)
        for name, value in chosen.items():
            setattr(user, name, value)


async def make_key(db: Database, who: Actor, given: KeyIn) -> dict[str, Any]:
    """A new key; its secret is told this once."""
    key_id, secret = uuid7().hex[-12:], new_secret()
    async with db.transaction(who, "key.make") as tx:
        row = ApiKey(key_id=key_id, name=given.name, scopes=given.scopes, digest=digest(secret), created_by=who.name)
        tx.add(row)
        await tx.flush()
        return await queries.key(tx, row.id) | {"key": key_text(key_id, secret)}


async def revoke_key(db: Database, who: Actor, ident: UUID, seen: int, now: datetime) -> dict[str, Any]:
    """The key is worth nothing from this instant on. Refuses NotFound, Stale, Conflict."""
    async with db.transaction(who, "key.revoke") as tx:
        row = await tx.load(ApiKey, ident, seen)
        if row.revoked_at is not None:
            raise Conflict(detail=N_("This key has been revoked already"))
        row.revoked_at = now
        await tx.flush()
        return await queries.key(tx, row.id)
