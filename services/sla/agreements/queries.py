"""Reading agreements: records for the wire, and as the rules know them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select, true

from services.kernel.database import Transaction, identified_by
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.paging import Filter, Listing, Sort, named, one_of
from services.kernel.refusals import NotFound
from services.kernel.search import searched
from services.sla.agreements.rules import Agreement as AgreementRules
from services.sla.agreements.rules import Target, Version, parse_targets, sentence, sentence_parts
from services.sla.agreements.state import MOVES, State
from services.sla.agreements.tables import Agreement, AgreementVersion, ContractTerms
from services.sla.permissions import PERMISSIONS

PATH = "/api/sla/v1/agreements"
LISTED: tuple[Any, ...] = (
    Agreement.id, Agreement.number, Agreement.version, Agreement.state, Agreement.title, Agreement.contract_id,
    Agreement.contract_number, Agreement.supplier_id, Agreement.zone, Agreement.period, Agreement.in_force_at,
    Agreement.created_at, Agreement.updated_at, ContractTerms.supplier_number, ContractTerms.supplier_name,
    ContractTerms.title.label("contract_title"), ContractTerms.state.label("contract_state"),
)  # fmt: skip
UNKNOWN = N_("There is no such agreement")

# Agreements as the rules know them, by (id, record version), which never change; one for the whole process.
_known: dict[tuple[UUID, int], AgreementRules] = {}
MOST_KNOWN = 500


def visible_to(who: Actor) -> ColumnElement[bool]:
    """A supplier's own user sees its firm's agreements, once they are more than drafts."""
    if who.is_supplier:
        return and_(Agreement.supplier_id == who.supplier_id, Agreement.state != State.DRAFT)
    return true()


def selected(who: Actor) -> Select[Any]:
    """Agreements with what is known of their contracts, as this caller may see them."""
    statement: Select[Any] = select(*LISTED)
    return statement.join(ContractTerms, ContractTerms.contract_id == Agreement.contract_id).where(visible_to(who))


def listing(who: Actor) -> Listing:
    """The list: without targets, which a record has."""
    return Listing(
        key=Agreement.id,
        item=lambda row: document(row, who),
        sorts={
            "title": Sort(Agreement.title_key), "created_at": Sort(Agreement.created_at),
            "number": Sort(Agreement.number), "state": Sort(Agreement.state),
            "contract": Sort(Agreement.contract_number),
        },
        default="-created_at",
        filters={
            "state": one_of(Agreement.state, [state.value for state in State]),
            "contract": named(Agreement.contract_id, Agreement.contract_number, Agreement.contract_id),
            "supplier": of_firm(Agreement.supplier_id),
        },
        ranges={"created_at": Agreement.created_at},
        search=lambda word: searched(word, Agreement.grams, Agreement.search_text),
    )  # fmt: skip


def document(row: Mapping[str, Any], who: Actor) -> dict[str, Any]:
    """An agreement as it travels in a list, with what this caller may do now."""
    return {
        "id": row["id"], "number": row["number"], "version": row["version"], "state": row["state"],
        "title": row["title"], "contract": row["contract_number"],
        "contract_title": row["contract_title"], "contract_state": row["contract_state"],
        "supplier": {
            "id": row["supplier_id"], "number": row["supplier_number"], "short_name": row["supplier_name"],
        },
        "zone": row["zone"], "period": row["period"], "in_force_at": row["in_force_at"],
        "created_at": row["created_at"], "updated_at": row["updated_at"],
        "actions": actions(State(row["state"]), who), "changes": _changes(State(row["state"]), who),
        "url": f"{PATH}/{row['id']}",
    }  # fmt: skip


def actions(state: State, who: Actor) -> list[str]:
    """What this caller may do now: each is the end of an address to post to."""
    return MOVES.actions(state, who, PERMISSIONS)


def _changes(state: State, who: Actor) -> list[str]:
    """What this caller may do now with PATCH and DELETE, and by posting a version."""
    if not PERMISSIONS.allows(who, "agreement.write"):
        return []
    return {State.DRAFT: ["edit", "discard", "add-version"], State.IN_FORCE: ["add-version"]}.get(state, [])


async def one(tx: Transaction, who: Actor, ident: str | UUID) -> dict[str, Any]:
    """One agreement with the targets of its present version. Refuses NotFound."""
    rows = await tx.rows(selected(who).where(identified_by(Agreement, ident)))
    if not rows:
        raise NotFound(detail=UNKNOWN)
    texts = await version_rows(tx, rows[0]["id"])
    present = texts[-1]
    record = document(rows[0], who)
    return record | {
        "from": present["since"], "until": present["until"], "agreement_version": present["version"],
        "versions": len(texts), "targets": [with_sentence(target) for target in present["targets"]],
    }  # fmt: skip


def versions_listing() -> Listing:
    """The versions of one agreement, by date."""
    return Listing(
        key=AgreementVersion.id,
        item=_version_document,
        sorts={"from": Sort(AgreementVersion.since), "version": Sort(AgreementVersion.version)},
        default="from",
        ranges={"from": AgreementVersion.since, "made_at": AgreementVersion.made_at},
    )


def _version_document(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": row["version"], "from": row["since"], "until": row["until"],
        "targets": [with_sentence(target) for target in row["targets"]],
        "made_by": row["made_by"], "made_at": row["made_at"],
    }  # fmt: skip


async def versions_of(tx: Transaction, who: Actor, ident: str) -> Select[Any]:
    """All versions of an agreement. Refuses NotFound."""
    agreement_id = await tx.scalar(select(Agreement.id).where(identified_by(Agreement, ident), visible_to(who)))
    if agreement_id is None:
        raise NotFound(detail=UNKNOWN)
    return _versions(agreement_id)


def _versions(agreement_id: UUID) -> Select[Any]:
    statement: Select[Any] = select(
        AgreementVersion.version, AgreementVersion.since, AgreementVersion.until, AgreementVersion.targets,
        AgreementVersion.made_by, AgreementVersion.made_at,
    )  # fmt: skip
    return statement.where(AgreementVersion.agreement_id == agreement_id)


async def version_rows(tx: Transaction, agreement_id: UUID) -> Sequence[Mapping[str, Any]]:
    """The stored versions of one agreement, by date."""
    return await tx.rows(_versions(agreement_id).order_by(AgreementVersion.since))


def with_sentence(target: Mapping[str, Any]) -> dict[str, Any]:
    """A stored target with its sentence in both languages."""
    (parsed,) = parse_targets([target])
    return dict(target) | {"sentence": {"zh": sentence(parsed, "zh"), "en": sentence(parsed, "en")}}


def in_parts(target: Target) -> dict[str, Any]:
    """A target's sentence in both languages, in parts: `text`, and `setting`, a JSON pointer in the target or null."""
    said = {
        language: [{"text": part.text, "setting": part.setting} for part in sentence_parts(target, language)]
        for language in ("zh", "en")
    }
    return {"key": target.key, **said}


async def rules_of(tx: Transaction, agreements: Iterable[UUID]) -> dict[UUID, AgreementRules]:
    """These agreements as the rules know them, drafts too; read anew only where a record has changed."""
    rows = await tx.rows(
        select(Agreement.id, Agreement.version, Agreement.zone).where(Agreement.id.in_(set(agreements)))
    )
    found: dict[UUID, AgreementRules] = {}
    for row in rows:
        key = (row["id"], row["version"])
        if key not in _known:
            texts = await version_rows(tx, row["id"])
            _known[key] = as_rules(row["zone"], texts)
            while len(_known) > MOST_KNOWN:
                del _known[next(iter(_known))]
        found[row["id"]] = _known[key]
    return found


def as_rules(zone: str, texts: Sequence[Mapping[str, Any]]) -> AgreementRules:
    """Stored versions as the rules know them."""
    return AgreementRules(
        zone,
        tuple(Version(text["version"], text["since"], text["until"], parse_targets(text["targets"])) for text in texts),
    )


def under(column: Any) -> Filter:
    """Rows of the agreements of these ids or numbers. column: where their ids stand."""
    return named(column, Agreement.number, Agreement.id)


def of_firm(column: Any) -> Filter:
    """Rows of the firms of these ids or numbers. column: where their ids stand."""
    return named(column, ContractTerms.supplier_number, ContractTerms.supplier_id)


@dataclass(frozen=True)
class Judging:
    """An agreement as clocks are judged by it. made_known: version → when it became known, in seconds since 1970."""

    id: UUID
    number: str
    contract_number: str
    supplier_id: UUID
    agreement: AgreementRules
    made_known: Mapping[int, int]


_judging: dict[tuple[UUID, int], Judging] = {}


async def judging(tx: Transaction, agreements: Iterable[UUID], *, lock: bool = False) -> dict[UUID, Judging]:
    """These agreements as clocks are judged by them; a draft judges nothing.

    lock: they stay as they are until the end of the transaction.
    """
    wanted = select(Agreement).where(Agreement.id.in_(set(agreements))).order_by(Agreement.id)
    rows = (await tx.session.scalars(wanted.with_for_update(read=True) if lock else wanted)).all()
    found: dict[UUID, Judging] = {}
    for row in rows:
        key = (row.id, row.version)
        if key not in _judging:
            texts = await version_rows(tx, row.id)
            known_from = row.in_force_at or row.created_at
            _judging[key] = Judging(
                row.id, row.number, row.contract_number, row.supplier_id,
                as_rules(row.zone, () if row.state == State.DRAFT else texts),
                {text["version"]: int(max(text["made_at"], known_from).timestamp()) for text in texts},
            )  # fmt: skip
            while len(_judging) > MOST_KNOWN:
                del _judging[next(iter(_judging))]
        found[row.id] = _judging[key]
    return found
