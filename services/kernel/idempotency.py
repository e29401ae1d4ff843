"""Idempotency-Key: the same POST twice creates once, and answers alike for a day.

The answer is stored in the transaction of the change itself: `Database.transaction` leaves it open for that. A process
that dies leaves both or neither, and whoever lost the answer gets it by asking again.
"""

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from fastapi import Request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from services.kernel.database import Database, Unanswered, unanswered
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.refusals import Conflict, FieldError, IdempotencyMismatch, Invalid

log = structlog.get_logger()
LONGEST_KEY = 200
KEPT_FOR = timedelta(hours=24)
# It died a minute ago, or failed here while the database was away, so that its key could not be given free.
IS_OVER = "(idempotency.at < now() - interval '1 minute' OR idempotency.claim = ANY (CAST(:abandoned AS uuid[])))"
MINE = "WHERE actor = :actor AND key = :key AND claim = :id"
RUNNING = N_("The first request with this Idempotency-Key is still running")
TAKEN_OVER = N_("Another request with this Idempotency-Key has taken over; nothing was changed")


@dataclass(frozen=True)
class Claim:
    """An Idempotency-Key under which a request runs. id: of this run, since a dead one's key is taken over."""

    actor: UUID
    key: str
    id: UUID


def _statement(database: Database, sql: str) -> Any:
    return text(sql.replace("{schema}", database.schema).replace("{mine}", MINE).replace("{is_over}", IS_OVER))


async def once(
    request: Request, who: Actor, database: Database, key: str, handle: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Handle the request, or give the answer that it got before.

    Refuses IdempotencyMismatch (another body under the key) and Conflict (the first call is still running).
    """
    if not key.isprintable() or len(key) > LONGEST_KEY:
        raise Invalid(
            errors=[
                FieldError(
                    "bad_value", "header:Idempotency-Key", N_("This key cannot be used"),
                    N_("Use 1 to 200 printable characters"),
                )
            ]
        )  # fmt: skip
    body = await request.body()
    digest = hashlib.sha256(request.url.path.encode() + b"\0" + body).digest()
    place = {"actor": who.id, "key": key}
    claim = await _claim(database, place, digest)
    if claim is None:
        return await _earlier_answer(database, place, digest)
    async with AsyncExitStack() as opened:
        request_under_key = Unanswered(opened)
        token = unanswered.set(request_under_key)
        try:
            answer = await handle(request)
            await _keep(database, claim, request_under_key, answer)
        except BaseException:
            try:
                await opened.aclose()  # undone, before the key is free again
            finally:  # a connection that is lost cannot undo it: Postgres does that by itself
                await _forget(database, claim)
            raise
        finally:
            unanswered.reset(token)
    return answer


async def _claim(database: Database, place: dict[str, Any], digest: bytes) -> Claim | None:
    """The claim of the call that runs. A call that died before its change is taken over."""
    async with database.engine.begin() as connection:
        claimed = await connection.execute(
            _statement(
                database,
                "INSERT INTO {schema}.idempotency (actor, key, digest) VALUES (:actor, :key, :digest)"
                " ON CONFLICT (actor, key) DO UPDATE SET digest = EXCLUDED.digest, at = now(), claim = EXCLUDED.claim,"
                " status = NULL, body = NULL"
                " WHERE idempotency.at < now() - CAST(:kept_for AS interval)"
                " OR (idempotency.status IS NULL AND {is_over} AND idempotency.digest = EXCLUDED.digest)"
                " RETURNING claim",
            ),
            place | {"digest": digest, "kept_for": KEPT_FOR, "abandoned": list(database.abandoned)},
        )
        run: UUID | None = claimed.scalar()
        return Claim(place["actor"], place["key"], run) if run else None


async def _earlier_answer(database: Database, place: dict[str, Any], digest: bytes) -> Response:
    async with database.engine.connect() as connection:
        row = (
            await connection.execute(
                _statement(
                    database,
                    "SELECT digest, status, body, media_type, etag, location FROM {schema}.idempotency"
                    " WHERE actor = :actor AND key = :key",
                ),
                place,
            )
        ).first()
    if row is not None and bytes(row.digest) != digest:
        raise IdempotencyMismatch
    if row is None or row.status is None:
        raise Conflict(
            detail=RUNNING,
            errors=[FieldError("still_running", "header:Idempotency-Key", RUNNING, N_("Try again in a moment"))],
        )
    headers = {"Idempotency-Replayed": "true"}
    headers |= {"ETag": row.etag} if row.etag else {}
    headers |= {"Location": row.location} if row.location else {}
    return Response(bytes(row.body), row.status, headers, row.media_type)


async def _forget(database: Database, claim: Claim) -> None:
    """The key is free again, unless the answer was stored after all: a commit whose own answer was lost."""
    try:
        async with database.engine.begin() as connection:
            await connection.execute(
                _statement(database, "DELETE FROM {schema}.idempotency {mine} AND status IS NULL"), asdict(claim)
            )
    except (SQLAlchemyError, OSError) as fault:  # what failed before is the answer
        database.abandoned.append(claim.id)
        log.warning("idempotency_key_not_forgotten", fault=str(fault)[:200])


async def _keep(database: Database, claim: Claim, request: Unanswered, answer: Response) -> None:
    """Store the answer and commit, with the change where there is one. Refuses Conflict where another took the key."""
    session = request.session
    if session is None:
        session = await request.opened.enter_async_context(AsyncSession(database.engine))
    kept = await session.execute(
        _statement(
            database,
            "UPDATE {schema}.idempotency SET status = :status, body = :body, media_type = :media_type,"
            " etag = :etag, location = :location {mine} RETURNING 1",
        ),
        asdict(claim)
        | {
            "status": answer.status_code, "body": bytes(answer.body), "media_type": answer.media_type,
            "etag": answer.headers.get("etag"), "location": answer.headers.get("location"),
        },
    )  # fmt: skip
    if kept.first() is None:
        raise Conflict(detail=TAKEN_OVER)
    await session.commit()
