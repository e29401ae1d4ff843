"""Deciding about breaches; each use case is one transaction, committed before the answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.kernel.database import Database, Transaction
from services.kernel.events import Event
from services.kernel.identity import Actor
from services.sla.breaches import queries
from services.sla.breaches.rules import Standing, require
from services.sla.breaches.tables import Breach, BreachDecision, BreachVersion, Exclusion
from services.sla.clocks.rules import BreachState
from services.sla.clocks.tables import PeriodRecheck
from services.sla.sources.tables import Source


async def decide(
    db: Database, who: Actor, ident: str, action: str, seen: int, words: str | None, now: datetime
) -> dict[str, Any]:
    """Acknowledge, ask for an exclusion, confirm or refuse one, or reinstate.

    Refuses NotFound, Stale, DecisionNotAllowed (the state, or the one who asked).
    """
    async with db.transaction(who, f"breach.{action}") as tx:
        breach = await tx.load(Breach, ident, seen)
        asked = await tx.session.scalar(select(Exclusion).where(Exclusion.breach_id == breach.id))
        standing = Standing(BreachState(breach.state), breach.excluded, asked.asked_by_id if asked else None)
        require(standing, action, who.id)
        tx.add(
            BreachDecision(
                breach_id=breach.id, number=breach.number, action=action, text=words, by=who.name, by_id=who.id, at=now
            )
        )  # fmt: skip
        breach.updated_at = now
        if action == "exclude":
            tx.add(Exclusion(breach_id=breach.id, reason=words, asked_by=who.name, asked_by_id=who.id, asked_at=now))
        if action in ("confirm", "refuse"):
            await tx.execute(delete(Exclusion).where(Exclusion.breach_id == breach.id))
        if action in ("confirm", "reinstate"):
            await _change(tx, breach, excluded=action == "confirm", now=now)
        await tx.flush()
        return await queries.one(tx, who, breach.id)


async def _change(tx: Transaction, breach: Breach, *, excluded: bool, now: datetime) -> None:
    """Excluded, or counted again: a new version, news, and the month is looked at again."""
    breach.excluded = excluded
    if breach.state != BreachState.WITHDRAWN:
        breach.state = BreachState.EXCLUDED if excluded else BreachState.STANDING
    await tx.flush()
    tx.add(
        BreachVersion(
            breach_id=breach.id, version=breach.version, state=breach.state, breached_at=breach.breached_at,
            event_id=None, at=now,
        )
    )  # fmt: skip
    data = {
        "source": breach.source, "ticket": breach.ticket, "target": breach.target, "cycle": breach.cycle,
        "transition_at": breach.breached_at, "number": breach.number,
    }  # fmt: skip
    subject = f"{queries.PATH}/{breach.id}"
    tx.emit(Event(f"breach.{breach.state}", breach.id, subject, breach.version, data))
    # Before an event named the ticket's agreement it was its source's, and so are the months that ended by then.
    of_source = await tx.scalar(select(Source.agreement_id).where(Source.code == breach.source))
    for agreement_id in sorted({breach.agreement_id, of_source or breach.agreement_id}):
        asked = insert(PeriodRecheck).values(agreement_id=agreement_id, from_period=breach.period, asked_at=now)
        await tx.execute(
            asked.on_conflict_do_update(
                index_elements=[PeriodRecheck.agreement_id],
                set_={"from_period": breach.period},
                where=PeriodRecheck.from_period > breach.period,
            )
        )
