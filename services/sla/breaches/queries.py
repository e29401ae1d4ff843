"""Reading breaches: each with its versions, what was decided, and what an exclusion would change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from services.kernel.database import Transaction, identified_by
from services.kernel.identity import Actor
from services.kernel.money import Money
from services.kernel.paging import Listing, Sort, flag, one_of
from services.kernel.refusals import NotFound
from services.kernel.wire import parse_instant
from services.sla.agreements.queries import of_firm, under
from services.sla.agreements.tables import Agreement, ContractTerms
from services.sla.breaches.rules import Standing, allowed
from services.sla.breaches.tables import Breach, BreachDecision, BreachVersion, Exclusion
from services.sla.clocks.rules import BreachState
from services.sla.clocks.tables import ClockCycle
from services.sla.periods import judging
from services.sla.periods.judging import Judgement
from services.sla.periods.rules import period
from services.sla.permissions import PERMISSIONS

PATH = "/api/sla/v1/breaches"
COLUMNS: tuple[Any, ...] = (
    *Breach.__table__.columns, Agreement.number.label("agreement"), Agreement.title.label("agreement_title"),
    ContractTerms.number.label("contract"), ContractTerms.supplier_number, ContractTerms.supplier_name,
    ClockCycle.goal_seconds, ClockCycle.elapsed_seconds, ClockCycle.state.label("cycle_state"),
    Exclusion.reason.label("exclusion_reason"), Exclusion.asked_by, Exclusion.asked_by_id, Exclusion.asked_at,
)  # fmt: skip

VERSIONS = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_object(
                    "version", BreachVersion.version, "state", BreachVersion.state,
                    "breached_at", BreachVersion.breached_at, "event_id", BreachVersion.event_id,
                    "at", BreachVersion.at,
                ),
                BreachVersion.version,
            )
        )
    )
    .where(BreachVersion.breach_id == Breach.id)
    .correlate(Breach)
    .scalar_subquery()
    .label("versions")
)  # fmt: skip


def visible_to(who: Actor) -> ColumnElement[bool]:
    """A supplier's own user sees its firm's breaches."""
    return Breach.supplier_id == who.supplier_id if who.is_supplier else true()


def selected(who: Actor) -> Select[Any]:
    """Breaches with their agreement, their cycle and the exclusion that is asked for."""
    statement: Select[Any] = select(*COLUMNS, VERSIONS)
    return (
        # Each breach has an agreement and its terms. As outer joins they leave the order to the index, also where row
        # policies make the planner expect next to no agreement at all.
        statement.outerjoin(Agreement, Agreement.id == Breach.agreement_id)
        .outerjoin(ContractTerms, ContractTerms.contract_id == Agreement.contract_id)
        .outerjoin(
            ClockCycle,
            and_(
                ClockCycle.source == Breach.source, ClockCycle.ticket == Breach.ticket,
                ClockCycle.target == Breach.target, ClockCycle.cycle == Breach.cycle,
            ),
        )
        .outerjoin(Exclusion, Exclusion.breach_id == Breach.id)
        .where(visible_to(who))
    )  # fmt: skip


def listing(who: Actor) -> Listing:
    """The list, versions in their order. `to_decide=true`: those whose exclusion is asked for."""
    return Listing(
        key=Breach.id,
        item=lambda row: document(row, who),
        sorts={"breached_at": Sort(Breach.breached_at), "number": Sort(Breach.number)},
        default="-breached_at",
        filters={
            "agreement": under(Breach.agreement_id), "period": one_of(Breach.period),
            "state": one_of(Breach.state, [state.value for state in BreachState]),
            "target": one_of(Breach.target), "source": one_of(Breach.source), "ticket": one_of(Breach.ticket),
            "supplier": of_firm(Breach.supplier_id),
            "to_decide": flag(Exclusion.breach_id.is_not(None)),
        },
        ranges={"breached_at": Breach.breached_at},
    )  # fmt: skip


def document(row: Mapping[str, Any], who: Actor) -> dict[str, Any]:
    """A breach as it travels in a list, with what this caller may do now."""
    goal, elapsed = row["goal_seconds"], row["elapsed_seconds"]
    asked = {
        "reason": row["exclusion_reason"], "asked_by": row["asked_by"], "asked_at": row["asked_at"],
    } if row["asked_at"] else None  # fmt: skip
    standing = Standing(BreachState(row["state"]), row["excluded"], row["asked_by_id"])
    may = PERMISSIONS.allows(who, "breach.decide")
    return {
        "id": row["id"], "number": row["number"], "version": row["version"], "state": row["state"],
        "source": row["source"], "ticket": row["ticket"], "target": row["target"], "cycle": row["cycle"],
        "cycle_state": row["cycle_state"], "agreement": row["agreement"], "agreement_title": row["agreement_title"],
        "contract": row["contract"], "period": row["period"],
        "supplier": {"id": row["supplier_id"], "number": row["supplier_number"], "short_name": row["supplier_name"]},
        "breached_at": row["breached_at"], "goal_seconds": goal, "elapsed_seconds": elapsed,
        "over_seconds": _over(row),
        "versions": [_version(version) for version in row["versions"] or ()], "exclusion": asked,
        "created_at": row["created_at"], "updated_at": row["updated_at"],
        "actions": allowed(standing, who.id) if may else [], "url": f"{PATH}/{row['id']}",
    }  # fmt: skip


def _over(row: Mapping[str, Any]) -> int:
    """By how many working seconds the goal is exceeded; nothing where the breach is withdrawn."""
    goal, elapsed = row["goal_seconds"], row["elapsed_seconds"]
    if row["state"] == BreachState.WITHDRAWN or goal is None or elapsed is None:
        return 0
    over: int = elapsed - goal
    return max(0, over)


def _version(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A version out of the database's JSON, its instants in UTC."""
    instants = {name: parse_instant(stored[name]) for name in ("breached_at", "at")}
    return {"version": stored["version"], "state": stored["state"], "event_id": stored["event_id"], **instants}


async def one(tx: Transaction, who: Actor, ident: str | UUID) -> dict[str, Any]:
    """One breach with all decisions. Refuses NotFound."""
    rows = await tx.rows(selected(who).where(identified_by(Breach, ident)))
    if not rows:
        raise NotFound
    breach_id = rows[0]["id"]
    decisions: Sequence[Mapping[str, Any]] = await tx.rows(
        select(BreachDecision.action, BreachDecision.text, BreachDecision.by, BreachDecision.at)
        .where(BreachDecision.breach_id == breach_id)
        .order_by(BreachDecision.id)
    )
    return document(rows[0], who) | {
        "decisions": [] if who.is_supplier else [dict(decision) for decision in decisions],
    }


async def effect(tx: Transaction, who: Actor, ident: str, now: datetime) -> dict[str, Any]:
    """What its target's month looks like now, and as it would with this breach excluded (or standing again)."""
    rows = await tx.rows(selected(who).where(identified_by(Breach, ident)))
    if not rows:
        raise NotFound
    row = rows[0]
    zone = await tx.scalar(select(Agreement.zone).where(Agreement.id == row["agreement_id"]))
    within = period(row["period"], str(zone))
    key = {(row["source"], row["ticket"], row["target"], row["cycle"])}
    counted = await judging.judge(tx, row["agreement_id"], within, now=now, besides=key)
    left_out = await judging.judge(tx, row["agreement_id"], within, now=now, without=key)
    target = str(row["target"])
    counts, excluded = _of_target(counted, target), _of_target(left_out, target)
    before, after = (excluded, counts) if row["excluded"] else (counts, excluded)
    return {
        "breach": row["number"], "target": target, "agreement": row["agreement"], "period": row["period"],
        "open": within.ends > now.timestamp(), "now": before, "then": after,
    }  # fmt: skip


def _of_target(judgement: Judgement, target: str) -> dict[str, Any]:
    found = next((one for one in judging.target_documents(judgement) if one["target"] == target), None)
    lines = [line for line in judgement.credits if line.target == target]
    terms = judgement.terms
    credit = lines[0].amount if lines else (Money(terms.monthly_charge.amount * 0, terms.monthly_charge.currency)
                                            if terms else None)  # fmt: skip
    total = judgement.credit_total
    return {
        "result": found, "credit": credit.as_json() if credit else None,
        "credit_total": total.as_json() if total else None,
    }  # fmt: skip
