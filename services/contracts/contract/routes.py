"""Contracts over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Request
from starlette.responses import Response

from services.contracts.contract import queries, service
from services.contracts.contract.schemas import ContractIn, ContractPatch, EndIn
from services.kernel.database import now_utc
from services.kernel.questions import Questions
from services.kernel.routing import NOBODY, Db, IfMatch, Now, Router, Who, needs
from services.kernel.wire import Nothing, answer, encode

router = Router(tags=["contracts"])
Ref = Annotated[str, Path(min_length=1, max_length=200)]


def _suppliers(request: Request) -> Questions:
    asked: Questions = request.app.state.questions["suppliers"]
    return asked


Suppliers = Annotated[Questions, Depends(_suppliers)]
LIST = queries.listing(NOBODY, now_utc())


@router.get("/contracts", **needs("contract.read", lists=LIST))
async def list_contracts(request: Request, who: Who, db: Db, now: Now) -> Response:
    """Contracts; `ends_within_days=90` are those in force that end soon."""
    return await queries.listing(who, now).answer(request, db, who, queries.selected(who))


@router.get("/contract-sums", **needs("contract.read", narrows=LIST))
async def sum_contracts(request: Request, who: Who, db: Db, now: Now) -> Response:
    """The value of all contracts of a filtered list, a line a currency; takes the list's filters."""
    statement = queries.listing(who, now).narrowed(request.query_params, queries.selected(who))
    async with db.reading(who) as tx:
        return Response(encode({"items": await queries.sums(tx, statement)}), media_type="application/json")


@router.post("/contracts", status_code=201, **needs("contract.write", idempotent=True))
async def draft(given: ContractIn, who: Who, db: Db, suppliers: Suppliers, now: Now) -> Response:
    """Draft a contract; its supplier need not be approved yet."""
    record = await service.draft(db, suppliers, who, given, now)
    return answer(record, 201, record["url"])


@router.get("/contracts/{ident}", **needs("contract.read"))
async def read(ident: str, who: Who, db: Db) -> Response:
    """One contract, by id or number."""
    async with db.reading(who) as tx:
        return answer(await queries.one(tx, who, ident))


@router.get("/contracts/{ident}/standing", **needs("contract.ask"))
async def standing(ident: str, who: Who, db: Db) -> Response:
    """What another service asks before it decides: the state at this instant."""
    async with db.reading(who) as tx:
        return answer(await queries.standing(tx, ident))


@router.patch("/contracts/{ident}", **needs("contract.write"))
async def edit(
    ident: str, patch: ContractPatch, who: Who, seen: IfMatch, db: Db, suppliers: Suppliers, now: Now
) -> Response:
    """Change a draft; the owner at any time."""
    return answer(await service.edit(db, suppliers, who, ident, seen, patch, now))


@router.delete("/contracts/{ident}", status_code=204, **needs("contract.write"))
async def discard(ident: str, who: Who, seen: IfMatch, db: Db) -> Response:
    """Discard a draft."""
    await service.discard(db, who, ident, seen)
    return Response(status_code=204)


@router.put("/contracts/by-ref/{system}/{ref:path}", **needs("contract.write", makes=True))
async def put_by_ref(
    system: Ref, ref: Ref, given: ContractIn, who: Who, db: Db, suppliers: Suppliers, now: Now
) -> Response:
    """Create or replace by another system's own id."""
    record, made = await service.put_by_ref(db, suppliers, who, system, ref, given, now)
    return answer(record, 201 if made else 200, record["url"])


@router.post("/contracts/{ident}/copy", status_code=201, **needs("contract.write", idempotent=True))
async def copy(ident: str, who: Who, db: Db, now: Now, body: Nothing | None = None) -> Response:
    """A new draft with the same contents."""
    record = await service.copy(db, who, ident, now)
    return answer(record, 201, record["url"])


@router.post("/contracts/{ident}/activate", **needs("contract.write"))
async def activate(
    ident: str, who: Who, seen: IfMatch, db: Db, suppliers: Suppliers, now: Now, body: Nothing | None = None
) -> Response:
    """Put it in force; refused with all the reasons at once."""
    return answer(await service.activate(db, suppliers, who, ident, seen, now))


@router.post("/contracts/{ident}/end", **needs("contract.write"))
async def end(ident: str, who: Who, seen: IfMatch, db: Db, now: Now, body: EndIn | None = None) -> Response:
    """End it today."""
    return answer(await service.end(db, who, ident, seen, now))
