"""Reading calendars: records for the wire, and compiled ones for whoever judges by them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, tuple_

from services.kernel.database import Transaction, identified_by
from services.kernel.identity import Actor
from services.kernel.paging import Listing, Sort, one_of
from services.kernel.refusals import NotFound
from services.sla.agreements.tables import Agreement, AgreementVersion
from services.sla.calendars.rules import CompiledCalendar, parse_calendar
from services.sla.calendars.rules.moves import TicketFold
from services.sla.calendars.tables import Calendar, CalendarVersion
from services.sla.clocks.rules import decode
from services.sla.clocks.tables import ClockCycle, Ticket
from services.sla.periods.rules import Period as Month
from services.sla.periods.rules import period
from services.sla.periods.tables import Period
from services.sla.permissions import PERMISSIONS

PATH = "/api/sla/v1/calendars"
MOST_COMPILED = 300

_ZONE = CalendarVersion.text["zone"].astext
_LISTED = (
    Calendar.id, Calendar.code, Calendar.name, Calendar.version, _ZONE.label("zone"),
    CalendarVersion.text["known_until"].astext.label("known_until"), Calendar.created_at, Calendar.updated_at,
)  # fmt: skip
_PRESENT = and_(CalendarVersion.calendar_id == Calendar.id, CalendarVersion.version == Calendar.version)


@dataclass(frozen=True)
class StoredCalendar:
    """A stored calendar, compiled, and which version of it this is."""

    code: str
    version: int
    calendar: CompiledCalendar


# Compiled texts by the id of their version, which never changes; the oldest go first. One for the whole process.
_compiled: dict[UUID, CompiledCalendar] = {}


def listing(who: Actor) -> tuple[Listing, Select[Any]]:
    """The list: without weeks and days, which a record has."""
    return (
        Listing(
            key=Calendar.id,
            item=lambda row: _document(row, who),
            sorts={
                "code": Sort(Calendar.code), "name": Sort(Calendar.name), "created_at": Sort(Calendar.created_at),
                "updated_at": Sort(Calendar.updated_at),
            },
            default="code",
            filters={"code": one_of(Calendar.code), "zone": one_of(_ZONE)},
            ranges={"created_at": Calendar.created_at, "updated_at": Calendar.updated_at},
            search=lambda word: Calendar.code.icontains(word, autoescape=True)
            | Calendar.name.icontains(word, autoescape=True),
        ),
        select(*_LISTED).join(CalendarVersion, _PRESENT),
    )  # fmt: skip


def _document(row: Mapping[str, Any], who: Actor) -> dict[str, Any]:
    record = {name: row[name] for name in ("id", "code", "name", "version", "zone", "known_until")}
    changes = ["replace"] if PERMISSIONS.allows(who, "calendar.write") else []
    dates = {"created_at": row["created_at"], "updated_at": row["updated_at"]}
    return record | dates | {"actions": [], "changes": changes, "url": f"{PATH}/{row['code']}"}


async def one(tx: Transaction, who: Actor, ident: str | UUID) -> dict[str, Any]:
    """One calendar with its present text, by code or id. Refuses NotFound."""
    rows = await tx.rows(
        select(*_LISTED, CalendarVersion.text).join(CalendarVersion, _PRESENT).where(identified_by(Calendar, ident))
    )
    if not rows:
        raise NotFound
    text = rows[0]["text"]
    return _document(rows[0], who) | {"weeks": text["weeks"], "days": text["days"]}


def versions_listing(frozen: Mapping[int, int]) -> Listing:
    """The versions of one calendar with their texts, the latest first.

    frozen: version → how many closed periods it has judged for good.
    """
    return Listing(
        key=CalendarVersion.id,
        item=lambda row: {
            "version": row["version"], "made_by": row["made_by"], "made_at": row["made_at"],
            "frozen_periods": frozen.get(row["version"], 0), **row["text"],
        },
        sorts={"version": Sort(CalendarVersion.version), "made_at": Sort(CalendarVersion.made_at)},
        default="-version",
        ranges={"made_at": CalendarVersion.made_at},
    )  # fmt: skip


async def versions_of(tx: Transaction, ident: str) -> tuple[Listing, Select[Any]]:
    """All versions of one calendar. Refuses NotFound."""
    rows = await tx.rows(select(Calendar.id, Calendar.code).where(identified_by(Calendar, ident)))
    if not rows:
        raise NotFound
    frozen = await frozen_periods(tx, await judged_agreements(tx, rows[0]["code"]), rows[0]["code"])
    statement: Select[Any] = select(
        CalendarVersion.version, CalendarVersion.text, CalendarVersion.made_by, CalendarVersion.made_at
    )
    return versions_listing(frozen), statement.where(CalendarVersion.calendar_id == rows[0]["id"])


async def judged_agreements(tx: Transaction, code: str) -> list[UUID]:
    """The agreements of which any version names the calendar."""
    rows = await tx.rows(
        select(AgreementVersion.agreement_id).where(AgreementVersion.calendars.contains([code])).distinct()
    )
    return [row["agreement_id"] for row in rows]


async def calendars_of(tx: Transaction, agreements: Sequence[UUID]) -> dict[str, StoredCalendar]:
    """All calendars, compiled, that these agreements name."""
    rows = await tx.rows(
        select(func.unnest(AgreementVersion.calendars).label("code"))
        .where(AgreementVersion.agreement_id.in_(agreements))
        .distinct()
    )
    return await compiled(tx, [row["code"] for row in rows])


async def first_start(tx: Transaction, agreements: Sequence[UUID]) -> datetime | None:
    """When the first cycle under these agreements started."""
    found: datetime | None = await tx.scalar(
        select(func.min(ClockCycle.started_at)).where(ClockCycle.agreement_id.in_(agreements))
    )
    return found


async def ticket_folds(
    tx: Transaction, agreements: Sequence[UUID], since: datetime, before: datetime, most: int
) -> list[TicketFold]:
    """The folds of tickets with a cycle that was open at some time from `since` up to `before`, the latest first."""
    touched = (
        select(ClockCycle.source, ClockCycle.ticket, func.max(ClockCycle.started_at).label("latest"))
        .where(ClockCycle.agreement_id.in_(agreements), ClockCycle.started_at < before)
        .where(or_(ClockCycle.is_open, ClockCycle.ended_at >= since))
        .group_by(ClockCycle.source, ClockCycle.ticket)
        .order_by(func.max(ClockCycle.started_at).desc(), ClockCycle.source, ClockCycle.ticket)
        .limit(most)
        .subquery()
    )
    rows = await tx.rows(
        select(Ticket.source, Ticket.ticket, Ticket.agreement_id, Ticket.fold)
        .join(touched, and_(Ticket.source == touched.c.source, Ticket.ticket == touched.c.ticket))
        .where(Ticket.fold.is_not(None), Ticket.agreement_id.in_(agreements))
    )
    return [
        TicketFold(row["source"], row["ticket"], str(row["agreement_id"]), decode(row["fold"])) for row in rows
    ]  # fmt: skip


async def closed_months(tx: Transaction, agreements: Sequence[UUID], since: datetime) -> list[tuple[str, Month]]:
    """The closed periods of these agreements that end after an instant; the agreement's id as text."""
    rows = await tx.rows(
        select(Period.agreement_id, Period.period, Agreement.zone)
        .join(Agreement, Agreement.id == Period.agreement_id)
        .where(Period.agreement_id.in_(agreements), Period.ends > since)
        .order_by(Period.period)
    )
    return [(str(row["agreement_id"]), period(row["period"], row["zone"])) for row in rows]


async def frozen_periods(tx: Transaction, agreements: Sequence[UUID], code: str) -> dict[int, int]:
    """How many closed periods name each version of the calendar: what stays as it was judged."""
    version = Period.judged_by["calendars"][code].as_integer()
    rows = await tx.rows(
        select(version.label("version"), func.count().label("periods"))
        .where(Period.agreement_id.in_(agreements), version.is_not(None))
        .group_by(version)
    )
    return {row["version"]: row["periods"] for row in rows}


async def existing(tx: Transaction, codes: Iterable[str]) -> set[str]:
    """Those of the codes that are stored."""
    rows = await tx.rows(select(Calendar.code).where(Calendar.code.in_(set(codes))))
    return {row["code"] for row in rows}


async def compiled(tx: Transaction, codes: Iterable[str]) -> dict[str, StoredCalendar]:
    """The present version of each of these calendars; a code that is not stored is left out."""
    return {
        stored.code: stored
        for stored in await _compiled_where(tx, and_(_PRESENT, Calendar.code.in_(set(codes))))
    }  # fmt: skip


async def compiled_versions(
    tx: Transaction, wanted: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], StoredCalendar]:
    """These versions of these calendars, as frozen results name them."""
    condition = and_(
        CalendarVersion.calendar_id == Calendar.id,
        tuple_(Calendar.code, CalendarVersion.version).in_(list(wanted)),
    )
    return {(stored.code, stored.version): stored for stored in await _compiled_where(tx, condition)}


async def _compiled_where(tx: Transaction, condition: Any) -> list[StoredCalendar]:
    """Texts are fetched only where this process has not compiled them yet."""
    rows = await tx.rows(
        select(Calendar.code, CalendarVersion.version, CalendarVersion.id).join(CalendarVersion, condition)
    )
    missing = [row["id"] for row in rows if row["id"] not in _compiled]
    if missing:
        texts = await tx.rows(
            select(CalendarVersion.id, CalendarVersion.text).where(CalendarVersion.id.in_(missing))
        )  # fmt: skip
        for row in texts:
            _keep(row["id"], CompiledCalendar(parse_calendar(row["text"])))
    return [StoredCalendar(row["code"], row["version"], _compiled[row["id"]]) for row in rows]


def _keep(version_id: UUID, calendar: CompiledCalendar) -> None:
    _compiled[version_id] = calendar
    while len(_compiled) > MOST_COMPILED:
        del _compiled[next(iter(_compiled))]
