"""Agreements over HTTP."""

from typing import Annotated

from fastapi import Body, Depends, Request
from starlette.responses import Response

from services.kernel.questions import Questions
from services.kernel.routing import NOBODY, Db, IfMatch, IfMatchWhereGiven, Now, Router, Who, needs
from services.kernel.wire import Document, answer, encode
from services.sla.agreements import queries, service
from services.sla.agreements.rules import parse_targets
from services.sla.agreements.schemas import PutInForceIn, SentencesIn

router = Router(tags=["agreements"])
Text = Annotated[Document, Body(description="an agreement, or a version of one, as the API page says")]


def _contracts(request: Request) -> Questions:
    asked: Questions = request.app.state.questions["contracts"]
    return asked


Contracts = Annotated[Questions, Depends(_contracts)]


@router.get("/agreements", **needs("agreement.read", lists=queries.listing(NOBODY)))
async def list_agreements(request: Request, who: Who, db: Db) -> Response:
    """Agreements; targets are in the records."""
    return await queries.listing(who).answer(request, db, who, queries.selected(who))


@router.post("/agreements", status_code=201, **needs("agreement.write", idempotent=True))
async def draft(given: Text, who: Who, db: Db, contracts: Contracts, now: Now) -> Response:
    """Draft one under a contract."""
    record = await service.draft(db, contracts, who, given, now)
    return answer(record, 201, record["url"])


@router.post("/agreements/sentences", **needs("agreement.read"))
async def sentences(given: SentencesIn) -> Response:
    """Targets as sentences in parts, in both languages; each part names the setting that it says. Nothing is stored."""
    said = [queries.in_parts(target) for target in parse_targets(given.targets)]
    return Response(encode({"items": said}), media_type="application/json")


@router.get("/agreements/{ident}", **needs("agreement.read"))
async def read(ident: str, who: Who, db: Db) -> Response:
    """One agreement with its latest version's targets and their sentences."""
    async with db.reading(who) as tx:
        return answer(await queries.one(tx, who, ident))


@router.patch("/agreements/{ident}", **needs("agreement.write"))
async def edit(ident: str, patch: Text, who: Who, seen: IfMatch, db: Db, now: Now) -> Response:
    """Change a draft's own fields."""
    return answer(await service.edit(db, who, ident, seen, patch, now))


@router.delete("/agreements/{ident}", status_code=204, **needs("agreement.write"))
async def discard(ident: str, who: Who, seen: IfMatch, db: Db) -> Response:
    """Discard a draft."""
    await service.discard(db, who, ident, seen)
    return Response(status_code=204)


@router.get("/agreements/{ident}/versions", **needs("agreement.read", lists=queries.versions_listing()))
async def versions(ident: str, request: Request, who: Who, db: Db) -> Response:
    """All versions, by date."""
    async with db.reading(who) as tx:
        statement = await queries.versions_of(tx, who, ident)
    return await queries.versions_listing().answer(request, db, who, statement)


@router.post("/agreements/{ident}/versions", status_code=201, **needs("agreement.write", idempotent=True))
async def add_version(ident: str, given: Text, who: Who, seen: IfMatchWhereGiven, db: Db, now: Now) -> Response:
    """The next version, from a later day. If-Match is looked at where it is sent."""
    return answer(await service.add_version(db, who, ident, seen, given, now), 201)


@router.post("/agreements/{ident}/put-in-force", **needs("agreement.write"))
async def put_in_force(
    ident: str, who: Who, seen: IfMatch, db: Db, contracts: Contracts, now: Now, body: PutInForceIn | None = None
) -> Response:
    """In force from the days that its versions name; refused while the contract is not active."""
    return answer(await service.put_in_force(db, contracts, who, ident, seen, now))
