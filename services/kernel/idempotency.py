"""Idempotency-Key: the same POST twice creates once, and answers alike for a day."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from sqlalchemy import text
from starlette.responses import Response

from services.kernel.database import Database
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.refusals import Conflict, FieldError, IdempotencyMismatch, Invalid

LONGEST_KEY = 200


def _statement(database: Database, sql: str) -> Any:
    return text(sql.replace("{schema}", database.schema))


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
    if not await _claim(database, place, digest):
        return await _earlier_answer(database, place, digest)
    try:
        answer = await handle(request)
    except BaseException:
        await _forget(database, place)
        raise
    await _keep(database, place, answer)
    return answer


async def _claim(database: Database, place: dict[str, Any], digest: bytes) -> bool:
    """True where this call is the one that runs. A call that died while running is taken over after a minute."""
    async with database.engine.begin() as connection:
        claimed = await connection.execute(
            _statement(
                database,
                "INSERT INTO {schema}.idempotency (actor, key, digest) VALUES (:actor, :key, :digest)"
                " ON CONFLICT (actor, key) DO UPDATE SET digest = EXCLUDED.digest, at = now(), status = NULL,"
                " body = NULL"
                " WHERE idempotency.at < now() - interval '24 hours'"
                " OR (idempotency.status IS NULL AND idempotency.at < now() - interval '1 minute'"
                " AND idempotency.digest = EXCLUDED.digest) RETURNING 1",
            ),
            place | {"digest": digest},
        )
        return claimed.first() is not None


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
        raise Conflict(detail=N_("The first request with this Idempotency-Key is still running"))
    headers = {"Idempotency-Replayed": "true"}
    headers |= {"ETag": row.etag} if row.etag else {}
    headers |= {"Location": row.location} if row.location else {}
    return Response(bytes(row.body), row.status, headers, row.media_type)


async def _forget(database: Database, place: dict[str, Any]) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(
            _statement(database, "DELETE FROM {schema}.idempotency WHERE actor = :actor AND key = :key"), place
        )


async def _keep(database: Database, place: dict[str, Any], answer: Response) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(
            _statement(
                database,
                "UPDATE {schema}.idempotency SET status = :status, body = :body, media_type = :media_type,"
                " etag = :etag, location = :location WHERE actor = :actor AND key = :key",
            ),
            place
            | {
                "status": answer.status_code, "body": bytes(answer.body), "media_type": answer.media_type,
                "etag": answer.headers.get("etag"), "location": answer.headers.get("location"),
            },
        )  # fmt: skip
