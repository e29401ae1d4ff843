"""Reading periods: closed ones as they were decided, the present one as the facts of today have it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, true, tuple_

from services.kernel.database import Transaction, identified_by
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.money import Money
from services.kernel.paging import Listing, Sort, flag, one_of
from services.kernel.refusals import NotFound
from services.sla.agreements import queries as agreements
from services.sla.agreements.rules import Agreement as AgreementRules
from services.sla.agreements.tables import Agreement, ContractTerms
from services.sla.breaches.tables import Breach, BreachVersion
from services.sla.events.tables import Batch, TicketEvent
from services.sla.periods import judging
from services.sla.periods.judging import Judgement
from services.sla.periods.rules import NoPeriod, next_month, period
from services.sla.periods.rules import Period as Month
from services.sla.periods.tables import Period, PeriodCycle
from services.sla.permissions import PERMISSIONS

UNKNOWN = N_("There is no such period of this agreement")
COLUMNS: tuple[Any, ...] = (
    *Period.__table__.columns, Agreement.number.label("agreement"), Agreement.title.label("agreement_title"),
    ContractTerms.supplier_number, ContractTerms.supplier_name,
)  # fmt: skip


def visible_to(who: Actor) -> ColumnElement[bool]:
    """A supplier's own user sees its firm's results."""
    return Period.supplier_id == who.supplier_id if who.is_supplier else true()


def selected(who: Actor) -> Select[Any]:
    """Closed periods with their agreement and supplier."""
    statement: Select[Any] = select(*COLUMNS)
    return (
        statement.join(Agreement, Agreement.id == Period.agreement_id)
        .join(ContractTerms, ContractTerms.contract_id == Agreement.contract_id)
        .where(visible_to(who))
    )


def listing(who: Actor) -> Listing:
    """Closed periods over all agreements."""
    return Listing(
        key=Period.id,
        item=lambda row: document(row, who),
        sorts={"period": Sort(Period.period), "closed_at": Sort(Period.closed_at)},
        default="-period",
        filters={
            "agreement": agreements.under(Period.agreement_id), "period": one_of(Period.period),
            "restatable": flag(Period.restatable.is_(True)),
        },
        ranges={"closed_at": Period.closed_at},
    )  # fmt: skip


def document(row: Mapping[str, Any], who: Actor) -> dict[str, Any]:
    """A closed period as it travels."""
    return {
        "id": row["id"], "agreement": row["agreement"], "agreement_title": row["agreement_title"],
        "supplier": {"id": row["supplier_id"], "number": row["supplier_number"], "short_name": row["supplier_name"]},
        "period": row["period"], "version": row["version"], "state": "closed", "restatable": row["restatable"],
        "from": row["begins"], "to": row["ends"],
        "terms": {
            "contract": row["contract"],
            "monthly_charge": Money(row["monthly_charge"], row["currency"]).as_json(),
            "at_risk_share": judging.share_text(row["at_risk_share"]),
        },
        "targets": row["targets"], "credits": row["credits"],
        "cap": judging.cap_document(
            Money(row["monthly_charge"], row["currency"]), row["at_risk_share"], row["credits"]
        ),
        "credit_total": Money(row["credit_total"], row["currency"]).as_json(), "judged_by": row["judged_by"],
        "closed_by": None if who.is_supplier else row["closed_by"], "closed_at": row["closed_at"], "actions": [],
    }  # fmt: skip


def estimate(judgement: Judgement, agreement: Mapping[str, Any], who: Actor, now: datetime) -> dict[str, Any]:
    """A month that is not closed, by the facts of today."""
    within, terms, credits = judgement.period, judgement.terms, judging.credit_documents(judgement)
    may = PERMISSIONS.allows(who, "period.close") and within.ends <= now.timestamp()
    return {
        "id": None, "agreement": agreement["number"], "agreement_title": agreement["title"],
        "supplier": {
            "id": agreement["supplier_id"], "number": agreement["supplier_number"],
            "short_name": agreement["supplier_name"],
        },
        "period": within.label, "version": 0, "state": "open", "restatable": False,
        "from": datetime.fromtimestamp(within.begins, UTC), "to": datetime.fromtimestamp(within.ends, UTC),
        "terms": {
            "contract": agreement["contract_number"], "monthly_charge": terms.monthly_charge.as_json(),
            "at_risk_share": judging.share_text(terms.at_risk_share),
        } if terms else None,
        "targets": judging.target_documents(judgement), "credits": credits,
        "cap": judging.cap_document(terms.monthly_charge, terms.at_risk_share, credits) if terms else None,
        "credit_total": judgement.credit_total.as_json() if judgement.credit_total else None,
        "judged_by": {
            "agreement_version": judgement.agreement_version, "calendars": dict(judgement.calendar_versions),
        },
        "closed_by": None, "closed_at": None, "actions": ["close"] if may else [],
    }  # fmt: skip


async def agreement_row(tx: Transaction, who: Actor, ident: str) -> Mapping[str, Any]:
    """The agreement that a period is of. Refuses NotFound."""
    rows = await tx.rows(agreements.selected(who).where(identified_by(Agreement, ident)))
    if not rows:
        raise NotFound(detail=agreements.UNKNOWN)
    return rows[0]


def month_of(label: str, zone: str) -> Month:
    """The month. Refuses NotFound where the label is none."""
    try:
        return period(label, zone)
    except NoPeriod as fault:
        raise NotFound(detail=UNKNOWN) from fault


async def one(tx: Transaction, who: Actor, ident: str, label: str, now: datetime) -> dict[str, Any]:
    """A closed period, or the estimate of one that has begun. Refuses NotFound."""
    agreement = await agreement_row(tx, who, ident)
    rows = await tx.rows(selected(who).where(Period.agreement_id == agreement["id"], Period.period == label))
    if rows:
        return document(rows[0], who)
    within = month_of(label, agreement["zone"])
    rules = (await agreements.rules_of(tx, [agreement["id"]]))[agreement["id"]]
    begun = judging.first_period(rules).begins <= within.begins <= now.timestamp()
    if agreement["in_force_at"] is None or not begun or who.is_supplier:
        raise NotFound(detail=UNKNOWN)
    return estimate(await judging.judge(tx, agreement["id"], within, now=now), agreement, who, now)


async def next_to_close(tx: Transaction, agreement_id: UUID, rules: AgreementRules) -> Month:
    """The month after the last closed one, else the agreement's first."""
    last = await tx.scalar(
        select(Period.period).where(Period.agreement_id == agreement_id).order_by(Period.period.desc()).limit(1)
    )
    if last is None:
        return judging.first_period(rules)
    closed = period(str(last), rules.zone)
    return period(f"{next_month(closed.first_day):%Y-%m}", rules.zone)


async def due(tx: Transaction, who: Actor, now: datetime, limit: int) -> list[dict[str, Any]]:
    """Agreements whose next month is over and not closed: what somebody is to close."""
    rows = await tx.rows(
        agreements.selected(who)
        .where(Agreement.in_force_at.is_not(None), Agreement.state.in_(("in_force", "ended")))
        .order_by(Agreement.created_at.desc())
        .limit(limit)
    )
    rules = await agreements.rules_of(tx, [row["id"] for row in rows])
    found = []
    for row in rows:
        month = await next_to_close(tx, row["id"], rules[row["id"]])
        ended = rules[row["id"]].ends_at
        if month.ends <= now.timestamp() and (ended is None or ended > month.begins):
            has_terms = await judging.terms_of(tx, row["id"], month) is not None
            if has_terms:
                found.append(
                    {
                        "agreement": row["number"], "agreement_title": row["title"], "period": month.label,
                        "to": datetime.fromtimestamp(month.ends, UTC),
                        "supplier": {"number": row["supplier_number"], "short_name": row["supplier_name"]},
                    }
                )  # fmt: skip
    return sorted(found, key=lambda item: (item["to"], item["agreement"]))


FLIPS_SHOWN = 20
NO_EVENT: dict[str, Any] = {"event_id": None, "occurred_at": None, "received_at": None}


async def again(tx: Transaction, who: Actor, ident: str, label: str, now: datetime) -> dict[str, Any]:
    """A closed month judged again by the facts of today, as of the same end: what differs, and because of which events.

    Nothing is changed. Refuses NotFound where the month is not closed.
    """
    agreement = await agreement_row(tx, who, ident)
    rows = await tx.rows(selected(who).where(Period.agreement_id == agreement["id"], Period.period == label))
    if not rows:
        raise NotFound(detail=UNKNOWN)
    judgement = await judging.judge(tx, agreement["id"], month_of(label, agreement["zone"]), now=now)
    before = await tx.rows(
        select(
            PeriodCycle.source, PeriodCycle.ticket, PeriodCycle.target, PeriodCycle.cycle, PeriodCycle.outcome
        ).where(PeriodCycle.period_id == rows[0]["id"])
    )
    flips = _flips(before, judgement)
    events = await _causes(tx, flips[:FLIPS_SHOWN])
    total = judgement.credit_total
    return {
        "agreement": agreement["number"], "period": label, "restatable": rows[0]["restatable"],
        "targets": judging.target_documents(judgement), "credits": judging.credit_documents(judgement),
        "credit_total": total.as_json() if total else None, "flipped": len(flips),
        "flips": [
            flip | events.get((flip["source"], flip["ticket"], flip["target"], flip["cycle"]), NO_EVENT)
            for flip in flips[:FLIPS_SHOWN]
        ],
    }  # fmt: skip


def _flips(before: Sequence[Mapping[str, Any]], judgement: Judgement) -> list[dict[str, Any]]:
    """Cycles whose outcome differs: from what was decided (None: not looked at) to what it would be (None: gone)."""
    was = {(row["source"], row["ticket"], row["target"], row["cycle"]): row["outcome"] for row in before}
    is_now = {(c.source, c.ticket, c.target, c.cycle): c.outcome.value for c in judgement.cycles}
    return [
        {
            "source": key[0], "ticket": key[1], "target": key[2], "cycle": key[3], "was": was.get(key),
            "now": is_now.get(key),
        }
        for key in sorted(was.keys() | is_now.keys())
        if was.get(key) != is_now.get(key)
    ]  # fmt: skip


async def _causes(
    tx: Transaction, flips: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, str, str, int], dict[str, Any]]:
    """The event that the latest version of each flipped cycle's breach names, when it occurred and when it came."""
    keys = [(flip["source"], flip["ticket"], flip["target"], flip["cycle"]) for flip in flips]
    if not keys:
        return {}
    rows = await tx.rows(
        select(
            Breach.source, Breach.ticket, Breach.target, Breach.cycle, BreachVersion.event_id, TicketEvent.occurred_at,
            Batch.received_at,
        )
        .join(BreachVersion, BreachVersion.breach_id == Breach.id)
        .outerjoin(
            TicketEvent,
            (TicketEvent.source == Breach.source) & (TicketEvent.ticket == Breach.ticket)
            & (TicketEvent.event_id == BreachVersion.event_id),
        )
        .outerjoin(Batch, Batch.seq == TicketEvent.batch)
        .where(tuple_(Breach.source, Breach.ticket, Breach.target, Breach.cycle).in_(keys))
        .order_by(BreachVersion.version)
    )  # fmt: skip
    return {
        (row["source"], row["ticket"], row["target"], row["cycle"]): {name: row[name] for name in NO_EVENT}
        for row in rows
    }
