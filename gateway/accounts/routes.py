"""People and keys over HTTP, for administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.accounts import queries, service
from gateway.accounts.schemas import KeyIn, UserIn, UserPatch
from gateway.clients import Services
from services.kernel.routing import Db, IfMatch, Now, Router, Who, needs
from services.kernel.wire import Nothing, answer

router = Router(prefix="/api/gateway/v1", tags=["accounts"])


def _services(request: Request) -> Services:
    return Services.of(request, request.state.who)


Others = Annotated[Services, Depends(_services)]


@router.get("/users", **needs("account.manage", lists=queries.users()[0]))
async def list_users(request: Request, who: Who, db: Db) -> Response:
    """People."""
    listing, statement = queries.users()
    return await listing.answer(request, db, who, statement)


@router.post("/users", status_code=201, **needs("account.manage"))
async def add_user(given: UserIn, who: Who, db: Db, others: Others, now: Now) -> Response:
    """A new account; the answer holds the link to its first password."""
    supplier = service.Supplier(await others.supplier(given.supplier) if given.supplier else None)
    record = await service.add_user(db, who, given, supplier, now)
    return answer(record, 201, record["url"])


@router.get("/users/{ident}", **needs("account.manage"))
async def read_user(ident: str, who: Who, db: Db) -> Response:
    """One person, by id or login."""
    async with db.reading(who) as tx:
        return answer(await queries.user(tx, ident))


@router.patch("/users/{ident}", **needs("account.manage"))
async def edit_user(
    ident: str, patch: UserPatch, who: Who, seen: IfMatch, db: Db, others: Others, now: Now
) -> Response:
    """Change name, e-mail, roles, firm."""
    given = "supplier" in patch.model_fields_set
    supplier = service.Supplier(await others.supplier(patch.supplier) if patch.supplier else None) if given else None
    return answer(await service.edit_user(db, who, ident, seen, patch, supplier, now))


@router.post("/users/{ident}/deactivate", **needs("account.manage"))
async def deactivate(ident: str, who: Who, seen: IfMatch, db: Db, now: Now, body: Nothing | None = None) -> Response:
    """Felt at once: sessions end."""
    return answer(await service.deactivate(db, who, ident, seen, now))


@router.post("/users/{ident}/reactivate", **needs("account.manage"))
async def reactivate(ident: str, who: Who, seen: IfMatch, db: Db, now: Now, body: Nothing | None = None) -> Response:
    """Let in again."""
    return answer(await service.reactivate(db, who, ident, seen, now))


@router.post("/users/{ident}/new-link", **needs("account.manage"))
async def new_link(ident: str, who: Who, seen: IfMatch, db: Db, now: Now, body: Nothing | None = None) -> Response:
    """A new link to set a password by."""
    return answer(await service.new_link(db, who, ident, seen, now))


@router.get("/keys", **needs("account.manage", lists=queries.keys()[0]))
async def list_keys(request: Request, who: Who, db: Db) -> Response:
    """Keys, without their secrets."""
    listing, statement = queries.keys()
    return await listing.answer(request, db, who, statement)


@router.post("/keys", status_code=201, **needs("account.manage"))
async def make_key(given: KeyIn, who: Who, db: Db) -> Response:
    """A new key; `key` in the answer is told this once."""
    record = await service.make_key(db, who, given)
    return answer(record, 201, record["url"])


@router.get("/keys/{ident}", **needs("account.manage"))
async def read_key(ident: UUID, who: Who, db: Db) -> Response:
    """One key."""
    async with db.reading(who) as tx:
        return answer(await queries.key(tx, ident))


@router.post("/keys/{ident}/revoke", **needs("account.manage"))
async def revoke_key(ident: UUID, who: Who, seen: IfMatch, db: Db, now: Now, body: Nothing | None = None) -> Response:
    """Worth nothing from now on."""
    return answer(await service.revoke_key(db, who, ident, seen, now))
