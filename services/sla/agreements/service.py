"""What is done with agreements; each use case is one transaction, committed before the answer."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.kernel.database import Database, Transaction
from services.kernel.events import Event
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.questions import Questions
from services.kernel.refusals import Conflict, FieldError, Invalid, NotFound
from services.kernel.search import folded, grams, pinyin_initials, pinyin_key
from services.sla.agreements import queries
from services.sla.agreements.rules import (
    AgreementText,
    Span,
    VersionText,
    next_version,
    parse_agreement,
    parse_version,
)
from services.sla.agreements.rules.writing import target_as_json
from services.sla.agreements.state import MOVES, State
from services.sla.agreements.tables import Agreement, AgreementVersion, ContractTerms
from services.sla.calendars import queries as calendars
from services.sla.clocks.tables import Sweep

PREFIX = "SLA"
CONTRACTS = "/api/contracts/v1/contracts"


class NotInForce(Conflict):
    """All the reasons why an agreement cannot be put in force now."""


async def draft(db: Database, contracts: Questions, who: Actor, given: object, now: datetime) -> dict[str, Any]:
    """A new draft under a contract, whose owner is asked. Refuses Invalid with all faults, Unavailable."""
    text = await _checked(db, who, given)
    if text.contract is None:
        raise Invalid(errors=[FieldError("missing_field", "/contract", N_("This field is missing"),
                                         N_("Name the contract by its id or number"))])  # fmt: skip
    facts = await ask_contract(contracts, who, text.contract)
    number = await db.next_number(PREFIX, now)
    async with db.transaction(who, "agreement.draft") as tx:
        await keep_contract(tx, facts)
        agreement = Agreement(
            number=number, state=State.DRAFT, zone=text.zone, period="month", title=text.title,
            contract_id=UUID(facts["id"]), contract_number=facts["number"],
            supplier_id=UUID(facts["supplier"]["id"]), created_at=now, updated_at=now,
        )  # fmt: skip
        _set_words(agreement, facts["supplier"])
        tx.add(agreement)
        await tx.flush()
        tx.add(_version(agreement.id, 1, text.first, who, now))
        await tx.flush()
        return await queries.one(tx, who, agreement.id)


async def edit(db: Database, who: Actor, ident: str, seen: int, patch: object, now: datetime) -> dict[str, Any]:
    """Change a draft's own fields: title, zone, from, until, targets. Refuses NotFound, Stale, Conflict, Invalid."""
    if not isinstance(patch, dict):
        raise Invalid(errors=[FieldError("bad_type", "", N_("This is not of the right kind."), N_("Send an object"))])
    async with db.reading(who) as reading:
        present = await queries.one(reading, who, ident)
    whole = {name: present[name] for name in ("title", "zone", "period")} | {
        "from": present["from"].isoformat(), "until": present["until"].isoformat() if present["until"] else None,
        "targets": [{k: v for k, v in target.items() if k != "sentence"} for target in present["targets"]],
    } | patch  # fmt: skip
    text = await _checked(db, who, whole)
    if "contract" in patch:
        raise Invalid(errors=[FieldError("unknown_field", "/contract", N_("The contract of an agreement stays"),
                                         N_("Draft another agreement under the other contract"))])  # fmt: skip
    async with db.transaction(who, "agreement.edit") as tx:
        agreement = await tx.load(Agreement, ident, seen)
        if agreement.state != State.DRAFT:
            raise Conflict(detail=N_("Only a draft is edited; an agreement in force gets a further version"),
                           allowed=queries.actions(State(agreement.state), who))  # fmt: skip
        terms = await tx.session.get_one(ContractTerms, agreement.contract_id)
        latest = await _latest(tx, agreement.id)
        # All at once, before anything is asked of the database: one change is one version and one entry of the trail.
        agreement.title, agreement.zone, agreement.updated_at = text.title, text.zone, now
        _set_words(agreement, {"short_name": terms.supplier_name, "legal_name": terms.supplier_legal_name})
        fresh = _version(agreement.id, latest.version, text.first, who, now)
        latest.since, latest.until, latest.targets, latest.calendars = (
            fresh.since, fresh.until, fresh.targets, fresh.calendars,
        )  # fmt: skip
        latest.made_by, latest.made_at = who.name, now
        await _refuse_overlap(tx, agreement.id)
        await tx.flush()
        return await queries.one(tx, who, agreement.id)


async def discard(db: Database, who: Actor, ident: str, seen: int) -> None:
    """Delete a draft; the trail keeps it. Refuses NotFound, Stale, Conflict."""
    try:
        async with db.transaction(who, "agreement.discard") as tx:
            agreement = await tx.load(Agreement, ident, seen)
            if agreement.state != State.DRAFT:
                raise Conflict(
                    detail=N_("Only a draft can be discarded"), allowed=queries.actions(State(agreement.state), who)
                )
            await tx.execute(delete(AgreementVersion).where(AgreementVersion.agreement_id == agreement.id))
            contract_id = agreement.contract_id
            await tx.session.delete(agreement)
            await tx.flush()
            # Nor is the contract known here any more, so that its draft, too, can be discarded.
            others = select(Agreement.id).where(Agreement.contract_id == contract_id).exists()
            await tx.execute(delete(ContractTerms).where(ContractTerms.contract_id == contract_id, ~others))
    except IntegrityError as fault:
        raise Conflict(detail=N_("A source or tickets name this draft; it cannot be discarded")) from fault


async def add_version(db: Database, who: Actor, ident: str, seen: int, given: object, now: datetime) -> dict[str, Any]:
    """The next version, from a later day. Refuses NotFound, Stale, Conflict once ended, Invalid (overlap, text)."""
    async with db.reading(who) as reading:
        known = await calendars.existing(reading, named_calendars(given))
    text = parse_version(given, known)
    async with db.transaction(who, "agreement.add-version") as tx:
        agreement = await tx.load(Agreement, ident, seen)
        if agreement.state not in (State.DRAFT, State.IN_FORCE):
            raise Conflict(detail=N_("This agreement has ended; it gets no further version"),
                           allowed=queries.actions(State(agreement.state), who))  # fmt: skip
        latest = await _latest(tx, agreement.id)
        ends = next_version(await _spans(tx, agreement.id), Span(text.since, text.until))
        if ends is not None:
            latest.until = ends
            await tx.flush()
        tx.add(_version(agreement.id, latest.version + 1, text, who, now))
        agreement.updated_at = now
        await tx.flush()
        if agreement.state == State.IN_FORCE:
            _judge_again(tx, agreement.id, now)
        return await queries.one(tx, who, agreement.id)


async def put_in_force(
    db: Database, contracts: Questions, who: Actor, ident: str, seen: int, now: datetime
) -> dict[str, Any]:
    """In force from the days that its versions name; the contract's owner is asked at this moment.

    Refuses NotFound, Stale, MoveNotAllowed, NotInForce while the contract is not active, Unavailable.
    """
    async with db.reading(who) as reading:
        contract = (await queries.one(reading, who, ident))["contract"]
    facts = await ask_contract(contracts, who, contract)
    async with db.transaction(who, "agreement.put-in-force") as tx:
        agreement = await tx.load(Agreement, ident, seen)
        move = MOVES.move(State(agreement.state), "put-in-force")
        await keep_contract(tx, facts)
        if facts["state"] != "active":
            raise NotInForce(
                errors=[FieldError("contract_not_active", "/contract",
                                   N_("The contract %(number)s is %(state)s, not active"),
                                   N_("Activate the contract; its agreement then comes into force by itself"),
                                   {"number": facts["number"], "state": facts["state"]},
                                   link=f"{CONTRACTS}/{facts['id']}")],
                allowed=queries.actions(State(agreement.state), who),
            )  # fmt: skip
        await _come_into_force(tx, agreement, move.target, now)
        return await queries.one(tx, who, agreement.id)


async def contract_activated(tx: Transaction, facts: Mapping[str, Any], now: datetime) -> None:
    """A contract has become active: its drafts come into force."""
    await keep_contract(tx, facts)
    for agreement in await _of_contract(tx, facts["id"]):
        agreement.supplier_id = UUID(facts["supplier"]["id"])
        _set_words(agreement, facts["supplier"])
        if agreement.state == State.DRAFT:
            await _come_into_force(tx, agreement, State.IN_FORCE, now)


async def contract_ended(tx: Transaction, facts: Mapping[str, Any], now: datetime) -> None:
    """A contract has ended: the last version of its agreements ends on that day, what was judged stays closable."""
    await keep_contract(tx, facts)
    ended_on = date.fromisoformat(facts["ended_on"])
    for agreement in await _of_contract(tx, facts["id"]):
        if agreement.state != State.IN_FORCE:
            continue
        latest = await _latest(tx, agreement.id)
        if latest.until is None or latest.until > ended_on:
            latest.until = max(ended_on, latest.since)
        agreement.state, agreement.updated_at = State.ENDED, now
        await tx.flush()
        _judge_again(tx, agreement.id, now)


async def keep_contract(tx: Transaction, facts: Mapping[str, Any]) -> None:
    """Store what contracts say, unless something newer is known."""
    supplier = facts["supplier"]
    row = {
        "number": facts["number"], "title": facts["title"], "owner": facts["owner"], "state": facts["state"],
        "supplier_id": UUID(supplier["id"]), "supplier_number": supplier["number"],
        "supplier_name": supplier["short_name"], "supplier_legal_name": supplier["legal_name"],
        "starts_on": date.fromisoformat(facts["from"]), "ends_on": date.fromisoformat(facts["to"]),
        "ended_on": date.fromisoformat(facts["ended_on"]) if facts["ended_on"] else None,
        "terms": facts["terms"], "version": facts["version"],
    }  # fmt: skip
    statement = insert(ContractTerms).values(contract_id=UUID(facts["id"]), **row)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[ContractTerms.contract_id],
            set_={name: statement.excluded[name] for name in row},
            where=ContractTerms.version <= statement.excluded.version,
        )
    )


async def ask_contract(contracts: Questions, who: Actor, ident: str) -> dict[str, Any]:
    """What the contract's owner says now. Refuses Invalid where there is none, Unavailable."""
    try:
        return await contracts.standing(who, CONTRACTS, ident)
    except NotFound as fault:
        raise Invalid(
            errors=[FieldError("unknown_contract", "/contract", N_("There is no contract %(ident)s"),
                               N_("Give the id or number of a contract"), {"ident": ident})]
        ) from fault  # fmt: skip


async def _checked(db: Database, who: Actor, given: object) -> AgreementText:
    async with db.reading(who) as reading:
        known = await calendars.existing(reading, named_calendars(given))
    return parse_agreement(given, known)


def named_calendars(given: object) -> set[str]:
    """Every text that may be a calendar's code, so that all are looked up at once; the parsing judges."""
    found: set[str] = set()
    targets = given.get("targets") if isinstance(given, dict) else None
    for target in targets if isinstance(targets, list) else ():
        goals = target.get("goals") if isinstance(target, dict) else None
        for named in (target, *(goals if isinstance(goals, list) else ())):
            code = named.get("calendar") if isinstance(named, dict) else None
            if isinstance(code, str):
                found.add(code[:100])
    return found


def _version(agreement_id: UUID, number: int, text: VersionText, who: Actor, now: datetime) -> AgreementVersion:
    return AgreementVersion(
        agreement_id=agreement_id, version=number, since=text.since, until=text.until,
        # With every setting written out, so that a later change of a default moves nothing.
        targets=[target_as_json(target) for target in text.targets],
        calendars=sorted({code for target in text.targets for code in target.calendars}),
        made_by=who.name, made_at=now,
    )  # fmt: skip


def _set_words(agreement: Agreement, supplier: Mapping[str, Any]) -> None:
    words = (
        agreement.title, agreement.number, agreement.contract_number, supplier["short_name"], supplier["legal_name"],
        pinyin_initials(supplier["short_name"]),
    )  # fmt: skip
    agreement.title_key = pinyin_key(agreement.title)
    agreement.search_text = "\n".join(folded(word) for word in words)
    agreement.grams = grams(*words)


def _judge_again(tx: Transaction, agreement_id: UUID, now: datetime) -> None:
    """All tickets of the agreement are folded anew."""
    tx.add(Sweep(agreement_id=agreement_id, refold=True, made_at=now))


async def _latest(tx: Transaction, agreement_id: UUID) -> AgreementVersion:
    found = await tx.session.scalar(
        select(AgreementVersion)
        .where(AgreementVersion.agreement_id == agreement_id)
        .order_by(AgreementVersion.since.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound
    return found


async def _spans(tx: Transaction, agreement_id: UUID) -> list[Span]:
    return [Span(row["since"], row["until"]) for row in await queries.version_rows(tx, agreement_id)]


async def _refuse_overlap(tx: Transaction, agreement_id: UUID) -> None:
    """The edited last version must still follow the one before."""
    await tx.flush()
    spans = await _spans(tx, agreement_id)
    if len(spans) > 1:
        next_version(spans[:-1], spans[-1])


async def _of_contract(tx: Transaction, contract_id: str) -> Sequence[Agreement]:
    return (
        await tx.session.scalars(
            select(Agreement).where(Agreement.contract_id == UUID(contract_id)).order_by(Agreement.id).with_for_update()
        )
    ).all()


async def _come_into_force(tx: Transaction, agreement: Agreement, state: State, now: datetime) -> None:
    agreement.state, agreement.in_force_at, agreement.updated_at = state, now, now
    await tx.flush()
    _judge_again(tx, agreement.id, now)
    data = {
        "id": str(agreement.id), "number": agreement.number, "title": agreement.title,
        "contract": agreement.contract_number, "version": agreement.version,
    }  # fmt: skip
    tx.emit(Event("agreement.in_force", agreement.id, f"{queries.PATH}/{agreement.id}", agreement.version, data))
