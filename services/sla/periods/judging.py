"""Judging a month from what is stored: folds and decisions, as of the month's end. Reads only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Text, exists, func, literal, or_, select, text, tuple_
from sqlalchemy.orm import aliased

from services.kernel.database import Transaction
from services.kernel.money import Money, amount_text
from services.sla.agreements import queries as agreements
from services.sla.agreements.rules import Agreement
from services.sla.agreements.tables import Agreement as AgreementRow
from services.sla.agreements.tables import ContractTerms
from services.sla.breaches.tables import Breach
from services.sla.calendars import queries as calendars
from services.sla.clocks import loading
from services.sla.clocks.claims import Key
from services.sla.clocks.rules import FoldedTarget, decode, effective_events, fold, named_agreement, seen_at
from services.sla.clocks.tables import Sweep, Ticket
from services.sla.credits.rules import (
    CreditLine,
    LineKind,
    Terms,
    at_risk,
    credit_lines,
    terms_in_force,
    total,
)
from services.sla.events.tables import Dirty, TicketEvent
from services.sla.periods.rules import (
    Frozen,
    JudgedCycle,
    Outcome,
    Period,
    TargetResult,
    fingerprint,
    judge_folds,
    judge_targets,
    period,
    period_at,
)
from services.sla.sources.tables import Source

CycleKey = tuple[str, str, str, int]
Folds = list[tuple[str, str, FoldedTarget]]
"""Source, ticket, and the fold of one of its targets."""
Anew = dict[Key, Sequence[FoldedTarget]]
"""Tickets that are folded as of a period's end, because their stored fold may be another agreement's."""


@dataclass(frozen=True)
class Judgement:
    """A month of one agreement, judged. folds: of each ticket and target that was looked at."""

    period: Period
    agreement: Agreement
    agreement_version: int | None
    calendar_versions: Mapping[str, int]
    cycles: Sequence[JudgedCycle]
    folds: Mapping[tuple[str, str, str], FoldedTarget]
    targets: Sequence[TargetResult]
    terms: Terms | None
    credits: Sequence[CreditLine]

    @property
    def credit_total(self) -> Money | None:
        """The sum of the credit lines; None without terms."""
        return None if self.terms is None else total(self.credits, self.terms.monthly_charge.currency)

    def frozen(self) -> Frozen:
        """What a later look is compared with."""
        return Frozen(
            {result.target: {str(k): n for k, n in result.counts.items()} for result in self.targets},
            fingerprint(self.cycles),
            [(line.kind.value, line.target, f"{line.amount.amount:f}") for line in self.credits],
        )


async def judge(
    tx: Transaction, agreement_id: UUID, within: Period, *, now: datetime,
    without: Collection[CycleKey] = (), besides: Collection[CycleKey] = (),
) -> Judgement:  # fmt: skip
    """The month from the facts of today, as of its end or, while it runs, of now.

    without: breaches to be looked at as excluded. besides: excluded ones to be looked at as standing.
    """
    rules = (await agreements.rules_of(tx, [agreement_id]))[agreement_id]
    stored = await calendars.compiled(tx, _calendar_codes(rules))
    plain = {code: one.calendar for code, one in stored.items()}
    looked = _until_now(within, now)
    anew = await _named_later(tx, agreement_id, rules, looked.ends)
    folds = await _folds(tx, agreement_id, rules, looked, anew)
    excluded = (await _excluded(tx, agreement_id, anew) | set(without)) - set(besides)
    judged = judge_folds(looked, folds, plain, excluded)
    results = judge_targets(within, rules, judged)
    terms = await terms_of(tx, agreement_id, within)
    version = rules.last_in_force(within.ends - 1)
    return Judgement(
        period=within, agreement=rules, agreement_version=version.number if version else None,
        calendar_versions={code: one.version for code, one in sorted(stored.items())}, cycles=judged,
        folds={(source, ticket, fold.target): fold for source, ticket, fold in folds}, targets=results, terms=terms,
        credits=credit_lines(terms, results) if terms else (),
    )  # fmt: skip


def _until_now(within: Period, now: datetime) -> Period:
    """A month that runs is judged as of now: what lies ahead has not happened."""
    seconds = int(now.timestamp())
    if within.ends <= seconds:
        return within
    return Period(within.label, within.first_day, within.last_day, within.begins, seconds)


def _calendar_codes(rules: Agreement) -> set[str]:
    return {code for version in rules.versions for target in version.targets for code in target.calendars}


async def fold_of(tx: Transaction, agreement_id: UUID, label: str, key: Key, target: str) -> FoldedTarget | None:
    """One ticket and target by the facts of today; None where the ticket is not the agreement's at the month's end."""
    rules = (await agreements.rules_of(tx, [agreement_id]))[agreement_id]
    within = period(label, rules.zone)
    anew = await _named_later(tx, agreement_id, rules, within.ends, key)
    folds = await _folds(tx, agreement_id, rules, within, anew, key)
    return next((folded for _source, _ticket, folded in folds if folded.target == target), None)


async def _folds(
    tx: Transaction, agreement_id: UUID, rules: Agreement, within: Period, anew: Anew, only: Key | None = None
) -> Folds:
    """The folds of the tickets that can have a cycle with its outcome in the month. only: of this ticket alone."""
    begins, ends = datetime.fromtimestamp(within.begins, UTC), datetime.fromtimestamp(within.ends, UTC)
    columns: tuple[Any, ...] = (Ticket.source, Ticket.ticket, Ticket.fold)
    statement: Select[Any] = select(*columns).where(
        Ticket.agreement_id == agreement_id, Ticket.fold.is_not(None), Ticket.first_at < ends, *_is(only)
    )
    expiring = rules.ends_at is not None and within.begins <= rules.ends_at < within.ends
    if not expiring:  # at an agreement's end clocks end by themselves, long after their ticket's last event
        statement = statement.where(or_(Ticket.is_open, Ticket.last_at >= begins))
    rows = [row for row in await tx.rows(statement) if (row["source"], row["ticket"]) not in anew]
    stored = [(row["source"], row["ticket"], folded) for row in rows for folded in decode(row["fold"])]
    return stored + [(*key, folded) for key, each in anew.items() for folded in each]


async def _named_later(
    tx: Transaction, agreement_id: UUID, rules: Agreement, ends: int, only: Key | None = None
) -> Anew:
    """Tickets whose first event that names an agreement may lie behind the end: until then they are their source's.

    Folded from their events as of the end; without a fold where they are another agreement's then. Source: rule 10.
    """
    arrived = await loading.events(tx, [(row["source"], row["ticket"]) for row in await tx.rows(
        select(Ticket.source, Ticket.ticket).where(*_may_be_named_later(agreement_id, ends), *_is(only))
    )])  # fmt: skip
    wanted = select(Source.code, Source.agreement_id).where(Source.code.in_({source for source, _ticket in arrived}))
    by_source = {row["code"]: row["agreement_id"] for row in await tx.rows(wanted)} if arrived else {}
    found: Anew = {}
    for key, arrivals in arrived.items():
        effective = effective_events(arrival.event for arrival in arrivals)
        named = named_agreement(seen_at(effective, ends))
        mine = (by_source.get(key[0]) if named is None else UUID(named)) == agreement_id
        found[key] = fold(effective, rules, ends) if mine else ()
    return found


def _may_be_named_later(agreement_id: UUID, ends: int) -> Sequence[ColumnElement[bool]]:
    """Of tickets that have events on both sides of the end: one behind it names, and none before it surely does."""
    at = datetime.fromtimestamp(ends, UTC)
    amendment = aliased(TicketEvent)
    names = (
        TicketEvent.source == Ticket.source, TicketEvent.ticket == Ticket.ticket, TicketEvent.agreement_id.is_not(None),
    )  # fmt: skip
    amended = exists().where(
        amendment.source == Ticket.source, amendment.ticket == Ticket.ticket,
        or_(amendment.corrects == TicketEvent.event_id, amendment.withdraws == TicketEvent.event_id),
    )  # fmt: skip
    surely = (TicketEvent.corrects.is_(None), TicketEvent.withdraws.is_(None), ~amended)
    of_source = Ticket.source.in_(select(Source.code).where(Source.agreement_id == agreement_id))
    return (
        or_(Ticket.agreement_id == agreement_id, of_source),
        Ticket.first_at < at, Ticket.last_at >= at,  # both in whole seconds
        exists().where(*names, TicketEvent.occurred_at > at),
        ~exists().where(*names, TicketEvent.occurred_at <= at, *surely),
    )  # fmt: skip


def _is(only: Key | None) -> Sequence[ColumnElement[bool]]:
    return () if only is None else (Ticket.source == only[0], Ticket.ticket == only[1])


async def _excluded(tx: Transaction, agreement_id: UUID, anew: Anew) -> set[CycleKey]:
    """Cycles whose breach is excluded, also those that have become another agreement's since the month's end."""
    wanted = Breach.agreement_id == agreement_id
    if anew:
        # As two arrays: there may be more of them than a statement takes parameters.
        columns = [literal(list(names), ARRAY(Text)) for names in zip(*anew, strict=True)]
        keys = func.unnest(*columns).table_valued("source", "ticket").render_derived()
        wanted |= tuple_(Breach.source, Breach.ticket).in_(select(keys.c.source, keys.c.ticket))
    rows = await tx.rows(
        select(Breach.source, Breach.ticket, Breach.target, Breach.cycle).where(Breach.excluded, wanted)
    )
    return {(row["source"], row["ticket"], row["target"], row["cycle"]) for row in rows}


async def terms_of(tx: Transaction, agreement_id: UUID, within: Period) -> Terms | None:
    """The contract's terms in force at the month's last instant."""
    row = (
        await tx.rows(
            select(ContractTerms.terms, ContractTerms.ends_on)
            .join(AgreementRow, AgreementRow.contract_id == ContractTerms.contract_id)
            .where(AgreementRow.id == agreement_id)
        )
    )[0]
    dated = [
        Terms(
            date.fromisoformat(term["from"]),
            Money(Decimal(term["monthly_charge"]["amount"]), term["monthly_charge"]["currency"]),
            Decimal(term["at_risk_share"]),
        )
        for term in row["terms"]
    ]
    return terms_in_force(dated, within.last_day, row["ends_on"])


async def is_pending(tx: Transaction, agreement_id: UUID, within: Period) -> bool:
    """Whether clocks that the month may depend on are not computed yet."""
    ends = datetime.fromtimestamp(within.ends, UTC)
    own_source = exists().where(Source.code == Dirty.source, Source.agreement_id == agreement_id)
    own_ticket = exists().where(
        Ticket.source == Dirty.source, Ticket.ticket == Dirty.ticket, Ticket.agreement_id == agreement_id
    )
    own_event = exists().where(
        TicketEvent.source == Dirty.source, TicketEvent.ticket == Dirty.ticket,
        TicketEvent.agreement_id == agreement_id,
    )  # fmt: skip
    swept = exists().where(
        or_(
            Sweep.agreement_id == agreement_id,
            Sweep.source.in_(select(Source.code).where(Source.agreement_id == agreement_id)),
        )
    )
    ahead = exists().where(Ticket.agreement_id == agreement_id, Ticket.next_transition <= ends)
    dirty = exists(select(Dirty.seq).where(or_(own_source, own_ticket, own_event)))
    return bool(await tx.scalar(select(or_(dirty, swept, ahead))))


async def contract_is_behind(tx: Transaction, contract_id: UUID) -> bool:
    """Whether news of the contract waits to be read here: then its terms are not the present ones."""
    return bool(
        await tx.scalar(
            text(
                "SELECT EXISTS (SELECT 1 FROM news.delivery WHERE subscriber = 'sla' AND key = :key"
                " AND state IN ('waiting', 'dead'))"
            ),
            {"key": contract_id},
        )
    )


def first_period(rules: Agreement) -> Period:
    """The month in which the agreement begins."""
    return period_at(rules.begins[0], rules.zone)


# --- as it travels ----------------------------------------------------------------------------------------------------


def target_documents(judgement: Judgement) -> list[dict[str, Any]]:
    """Each target's counts, attainment and tier."""
    return [
        {
            "target": result.target, **{str(outcome): result.counts.get(outcome, 0) for outcome in Outcome},
            "rated": result.rated,
            "attainment": {
                "met": result.attainment.met, "of": result.attainment.of, "share": result.attainment.share,
            } if result.attainment else None,
            "tier": {"below": str(result.tier.below), "rate": str(result.tier.rate)} if result.tier else None,
        }
        for result in judgement.targets
    ]  # fmt: skip


def credit_documents(judgement: Judgement) -> list[dict[str, Any]]:
    """Each credit line with its factors."""
    return [
        {
            "kind": line.kind.value, "target": line.target,
            "charge": amount_text(line.charge.amount, line.charge.currency),
            "at_risk_share": _share(line.at_risk_share), "allocation": _optional(line.allocation),
            "rate": _optional(line.rate), "amount": amount_text(line.amount.amount, line.amount.currency),
            "currency": line.amount.currency,
        }
        for line in judgement.credits
    ]  # fmt: skip


def cap_document(charge: Money, at_risk_share: Decimal, credits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The most that the month can owe, what its targets' lines come to, and whether that is more.

    credits: the lines as they travel.
    """
    most = at_risk(charge, at_risk_share)
    amounts = [Decimal(line["amount"]) for line in credits if line["kind"] == LineKind.CREDIT]
    computed = Money(sum(amounts, start=Decimal(0)), charge.currency)
    return {"at_risk": most.as_json(), "computed": computed.as_json(), "binds": most < computed}


def _optional(share: Decimal | None) -> str | None:
    return None if share is None else _share(share)


def _share(share: Decimal) -> str:
    """`0.10`: two places, more only where they say something."""
    whole, _, places = f"{share.normalize():f}".partition(".")
    return f"{whole}.{places.ljust(2, '0')}"


def share_text(share: Decimal) -> str:
    """A share as it travels."""
    return _share(share)
