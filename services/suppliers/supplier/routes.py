"""Suppliers over HTTP."""

from typing import Annotated

from fastapi import Path, Request
from starlette.responses import Response

from services.kernel.routing import NOBODY, Db, IfMatch, Now, Router, Who, needs
from services.kernel.wire import Reason, answer
from services.suppliers.supplier import queries, service
from services.suppliers.supplier.schemas import SupplierIn, SupplierPatch

router = Router(tags=["suppliers"])
Ref = Annotated[str, Path(min_length=1, max_length=200)]


@router.get("/suppliers", **needs("supplier.read", lists=queries.listing(NOBODY)[0]))
async def list_suppliers(request: Request, who: Who, db: Db) -> Response:
    """Suppliers; `q` looks in names, short names, pinyin initials, codes and numbers."""
    listing, statement = queries.listing(who)
    return await listing.answer(request, db, who, statement)


@router.post("/suppliers", status_code=201, **needs("supplier.write", idempotent=True))
async def register(given: SupplierIn, who: Who, db: Db, now: Now) -> Response:
    """Register a candidate. A similar name is a warning, a known credit code a conflict."""
    record = await service.register(db, who, given, now)
    return answer(record, 201, record["url"])


@router.get("/suppliers/{ident}", **needs("supplier.read"))
async def read(ident: str, who: Who, db: Db) -> Response:
    """One supplier, by id or number."""
    async with db.reading(who) as tx:
        return answer(await queries.one(tx, who, ident))


@router.get("/suppliers/{ident}/standing", **needs("supplier.ask"))
async def standing(ident: str, who: Who, db: Db) -> Response:
    """What another service asks before it decides: the state at this instant."""
    async with db.reading(who) as tx:
        return answer(await queries.standing(tx, ident))


@router.patch("/suppliers/{ident}", **needs("supplier.write"))
async def edit(ident: str, patch: SupplierPatch, who: Who, seen: IfMatch, db: Db, now: Now) -> Response:
    """Change its own fields."""
    return answer(await service.edit(db, who, ident, seen, patch, now))


@router.put("/suppliers/by-ref/{system}/{ref:path}", **needs("supplier.write", makes=True))
async def put_by_ref(system: Ref, ref: Ref, given: SupplierIn, who: Who, db: Db, now: Now) -> Response:
    """Create or replace by another system's own id."""
    record, made = await service.put_by_ref(db, who, system, ref, given, now)
    return answer(record, 201 if made else 200, record["url"])


@router.post("/suppliers/{ident}/screen", **needs("supplier.screen"))
async def screen(ident: str, body: Reason, who: Who, seen: IfMatch, db: Db, now: Now) -> Response:
    """The screening is passed."""
    return answer(await service.act(db, who, ident, "screen", seen, body.reason, now))


@router.post("/suppliers/{ident}/approve", **needs("supplier.decide"))
async def approve(ident: str, body: Reason, who: Who, seen: IfMatch, db: Db, now: Now) -> Response:
    """Contracts with it may become active."""
    return answer(await service.act(db, who, ident, "approve", seen, body.reason, now))


@router.post("/suppliers/{ident}/suspend", **needs("supplier.decide"))
async def suspend(ident: str, body: Reason, who: Who, seen: IfMatch, db: Db, now: Now) -> Response:
    """No new contracts until it is reinstated."""
    return answer(await service.act(db, who, ident, "suspend", seen, body.reason, now))


@router.post("/suppliers/{ident}/reinstate", **needs("supplier.decide"))
async def reinstate(ident: str, body: Reason, who: Who, seen: IfMatch, db: Db, now: Now) -> Response:
    """A suspended supplier is approved again; a blacklisted one is to be approved anew."""
    return answer(await service.act(db, who, ident, "reinstate", seen, body.reason, now))


@router.post("/suppliers/{ident}/blacklist", **needs("supplier.decide"))
async def blacklist(ident: str, body: Reason, who: Who, seen: IfMatch, db: Db, now: Now) -> Response:
    """Never again, until reinstated."""
    return answer(await service.act(db, who, ident, "blacklist", seen, body.reason, now))


@router.post("/suppliers/{ident}/retire", **needs("supplier.decide"))
async def retire(ident: str, body: Reason, who: Who, seen: IfMatch, db: Db, now: Now) -> Response:
    """Kept for the record, out of use."""
    return answer(await service.act(db, who, ident, "retire", seen, body.reason, now))
