"""Making and changing a source."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.kernel.database import ANY_VERSION, Database, Transaction, identified_by
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.refusals import FieldError, Invalid, Stale
from services.sla.agreements.tables import Agreement
from services.sla.clocks.tables import Sweep
from services.sla.sources import queries
from services.sla.sources.schemas import SourceIn
from services.sla.sources.tables import Source


async def put(
    db: Database, who: Actor, code: str, given: SourceIn, seen: int, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Make the source, or replace what is said of it. True where it was made.

    With another agreement, all its tickets are judged again. Refuses Invalid (unknown agreement), Stale.
    """
    async with db.transaction(who, "source.put") as tx:
        agreement_id = await _agreement(tx, given.agreement)
        # Two calls at once: the second waits here, and then changes what the first has made.
        made = await tx.scalar(
            insert(Source)
            .values(code=code, name=given.name, agreement_id=agreement_id, version=1,
                    silent_after_seconds=given.silent_after_seconds, created_at=now, updated_at=now)
            .on_conflict_do_nothing().returning(Source.code)
        )  # fmt: skip
        if made is None:
            await _replace(tx, code, given, agreement_id, seen, now)
        return await queries.one(tx, who, code, now), made is not None


async def _replace(
    tx: Transaction, code: str, given: SourceIn, agreement_id: UUID | None, seen: int, now: datetime
) -> None:
    source = (await tx.session.scalars(select(Source).where(Source.code == code).with_for_update())).one()
    if seen not in (source.version, ANY_VERSION):
        raise Stale(version=source.version)
    if source.agreement_id != agreement_id:
        tx.add(Sweep(source=code, refold=True, made_at=now))
    wanted = (given.name, agreement_id, given.silent_after_seconds)
    if (source.name, source.agreement_id, source.silent_after_seconds) != wanted:
        source.name, source.agreement_id, source.silent_after_seconds = wanted
        source.updated_at = now
    await tx.flush()


async def _agreement(tx: Transaction, ident: str | None) -> UUID | None:
    if ident is None:
        return None
    found: UUID | None = await tx.scalar(select(Agreement.id).where(identified_by(Agreement, ident)))
    if found is None:
        what, how = N_("There is no agreement %(ident)s"), N_("Give the id or number of one that exists")
        raise Invalid(errors=[FieldError("unknown_agreement", "/agreement", what, how, {"ident": ident})])
    return found
