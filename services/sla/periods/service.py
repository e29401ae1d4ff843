"""Closing a month, and finding out whether closed ones would be judged differently today."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from services.kernel.database import Database, Transaction
from services.kernel.events import Event
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.money import Money
from services.kernel.refusals import Conflict, FieldError
from services.sla.agreements import queries as agreements
from services.sla.agreements.tables import Agreement
from services.sla.clocks.rules import FoldedTarget, cut, encode
from services.sla.clocks.tables import PeriodRecheck
from services.sla.periods import judging, queries
from services.sla.periods.judging import Judgement
from services.sla.periods.rules import Frozen, period, restatable
from services.sla.periods.rules import Period as Month
from services.sla.periods.tables import Period, PeriodCycle

PATH = "/api/sla/v1/agreements"
INSERT_BATCH = 2_000
PATIENCE_SECONDS = 5.0
POLL_SECONDS = 0.1


class NotClosable(Conflict):
    """All the reasons why a month cannot be closed now."""


async def close(db: Database, who: Actor, ident: str, label: str, now: datetime) -> dict[str, Any]:
    """Judge a month as of its end and keep the result for good.

    Refuses NotFound, and NotClosable with all the reasons: before its end, twice, out of order, while clocks are
    pending, without terms, or while the contract's news waits to be read.
    """
    await _clocks_computed(db, who, ident, label)
    try:
        async with db.transaction(who, "period.close") as tx:
            row = await queries.agreement_row(tx, who, ident)
            # Whoever closes first goes first: months of one agreement are closed one after the other.
            agreement = await tx.load(Agreement, row["id"])
            within = queries.month_of(label, agreement.zone)
            await _refuse(tx, agreement, within, now)
            judgement = await judging.judge(tx, agreement.id, within, now=now)
            closed = _closed(agreement, judgement, who, now)
            tx.add(closed)
            await tx.flush()
            await _keep_cycles(tx, closed.id, judgement)
            _tell(tx, "period.closed", agreement, closed)
            return await queries.one(tx, who, str(agreement.id), label, now)
    except IntegrityError as fault:
        raise NotClosable(errors=[_twice()]) from fault


async def _clocks_computed(db: Database, who: Actor, ident: str, label: str) -> None:
    """Wait a little for clocks that are being computed at this moment, so that nobody has to ask twice."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        async with db.reading(who) as tx:
            row = await queries.agreement_row(tx, who, ident)
            if not await judging.is_pending(tx, row["id"], queries.month_of(label, row["zone"])):
                return
        await asyncio.sleep(POLL_SECONDS)


async def _refuse(tx: Transaction, agreement: Agreement, within: Month, now: datetime) -> None:
    reasons: list[FieldError] = []
    if agreement.in_force_at is None:
        reasons.append(FieldError("not_in_force", "", N_("This agreement has not been in force yet"),
                                  N_("Put it in force first")))  # fmt: skip
    if within.ends > now.timestamp():
        reasons.append(FieldError("not_over", "", N_("This month is not over in the agreement's zone"),
                                  N_("Close it after its end")))  # fmt: skip
    rules = (await agreements.rules_of(tx, [agreement.id]))[agreement.id]
    following = await queries.next_to_close(tx, agreement.id, rules)
    if within.begins < following.begins:
        reasons.append(_twice() if within.begins >= judging.first_period(rules).begins else _too_early(following))
    elif within.begins > following.begins:
        reasons.append(FieldError("out_of_order", "", N_("The months before it are not closed"),
                                  N_("Close %(next)s first"), {"next": following.label}))  # fmt: skip
    if await judging.contract_is_behind(tx, agreement.contract_id):
        reasons.append(FieldError("behind", "", N_("News of the contract has not been read here yet"),
                                  N_("Try again in a moment")))  # fmt: skip
    if await judging.terms_of(tx, agreement.id, within) is None:
        reasons.append(FieldError("without_terms", "", N_("The contract has no terms at the month's last instant"),
                                  N_("See the contract's terms and its last day"),
                                  link=f"/api/contracts/v1/contracts/{agreement.contract_number}"))  # fmt: skip
    if await judging.is_pending(tx, agreement.id, within):
        reasons.append(FieldError("clocks_pending", "", N_("Clocks of this agreement are still being computed"),
                                  N_("Try again in a moment")))  # fmt: skip
    if reasons:
        raise NotClosable(errors=reasons)


def _twice() -> FieldError:
    return FieldError("already_closed", "", N_("This month is closed already"), N_("Read its result"))


def _too_early(following: Month) -> FieldError:
    return FieldError("before_the_agreement", "", N_("The agreement was not in force in this month"),
                      N_("Its first month to close is %(next)s"), {"next": following.label})  # fmt: skip


def _closed(agreement: Agreement, judgement: Judgement, who: Actor, now: datetime) -> Period:
    terms, owed = judgement.terms, judgement.credit_total
    if terms is None or owed is None:
        raise NotClosable(errors=[])
    within, frozen = judgement.period, judgement.frozen()
    return Period(
        agreement_id=agreement.id, supplier_id=agreement.supplier_id, period=within.label, restatable=False,
        begins=datetime.fromtimestamp(within.begins, UTC), ends=datetime.fromtimestamp(within.ends, UTC),
        contract=agreement.contract_number, monthly_charge=terms.monthly_charge.amount,
        currency=terms.monthly_charge.currency, at_risk_share=terms.at_risk_share, credit_total=owed.amount,
        targets=judging.target_documents(judgement), credits=judging.credit_documents(judgement),
        judged_by={
            "agreement_version": judgement.agreement_version, "calendars": dict(judgement.calendar_versions),
        },
        counted=frozen.counted, closed_by=who.name, closed_at=now,
    )  # fmt: skip


async def _keep_cycles(tx: Transaction, period_id: UUID, judgement: Judgement) -> None:
    """Each cycle that was looked at, with the segments that were measured."""
    rows = [
        {
            "period_id": period_id, "target": cycle.target, "source": cycle.source, "ticket": cycle.ticket,
            "cycle": cycle.cycle, "outcome": cycle.outcome.value, "counted": cycle.outcome.counts,
            "at": datetime.fromtimestamp(cycle.at, UTC),
            "fold": _segments(judgement.folds[cycle.source, cycle.ticket, cycle.target], cycle.cycle, judgement.period),
        }
        for cycle in judgement.cycles
    ]  # fmt: skip
    for first in range(0, len(rows), INSERT_BATCH):
        await tx.execute(insert(PeriodCycle), rows[first : first + INSERT_BATCH])


def _segments(folded: FoldedTarget, number: int, within: Month) -> bytes:
    as_judged = cut(folded, within.ends)
    own = [cycle for cycle in as_judged.cycles if cycle.number == number]
    return encode((FoldedTarget(folded.target, own, folded.ends_at, None),))


def _tell(tx: Transaction, kind: str, agreement: Agreement, closed: Period) -> None:
    data = {
        "agreement": agreement.number, "contract": closed.contract, "period": closed.period,
        "credit_total": Money(closed.credit_total, closed.currency).as_json(),
        "restatable": closed.restatable,
    }  # fmt: skip
    subject = f"{PATH}/{agreement.id}/periods/{closed.period}"
    tx.emit(Event(kind, agreement.id, subject, closed.version, data))


async def look_again(db: Database, who: Actor, now: datetime) -> int:
    """Judge the closed months again that somebody asked to be looked at; how many agreements were done.

    An agreement whose clocks are still being computed waits.
    """
    async with db.reading(who) as reading:
        asked = await reading.rows(
            select(PeriodRecheck.agreement_id, PeriodRecheck.from_period).order_by(PeriodRecheck.asked_at).limit(20)
        )
    done = 0
    for row in asked:
        done += await _look_again_at(db, who, row["agreement_id"], now)
    return done


async def _look_again_at(db: Database, who: Actor, agreement_id: UUID, now: datetime) -> int:
    async with db.transaction(who, "period.look-again") as tx:
        # The agreement first: the worker, too, holds it before it asks for periods to be looked at.
        agreement = await tx.load(Agreement, agreement_id)
        asked = await tx.session.scalar(
            select(PeriodRecheck).where(PeriodRecheck.agreement_id == agreement_id).with_for_update(skip_locked=True)
        )
        if asked is None:
            return 0
        months: Sequence[Period] = (
            await tx.session.scalars(
                select(Period)
                .where(Period.agreement_id == agreement_id, Period.period >= asked.from_period)
                .order_by(Period.period)
            )
        ).all()
        for closed in months:
            within = period(closed.period, agreement.zone)
            if await judging.is_pending(tx, agreement_id, within):
                return 0
            judgement = await judging.judge(tx, agreement_id, within, now=now)
            differs = restatable(_frozen(closed), judgement.frozen())
            if differs != closed.restatable:
                closed.restatable = differs
                await tx.flush()
                if differs:
                    _tell(tx, "period.restatable", agreement, closed)
        await tx.session.delete(asked)
        return 1


def _frozen(closed: Period) -> Frozen:
    names = ("met", "breached", "excluded", "cancelled", "reset", "expired", "not_rated")
    return Frozen(
        {target["target"]: {name: target[name] for name in names} for target in closed.targets},
        closed.counted,
        [(line["kind"], line["target"], line["amount"]) for line in closed.credits],
    )
