"""Reading sources: what came from them, and which are silent too long."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, ScalarSelect, Select, and_, cast, func, select

from services.kernel.database import Transaction
from services.kernel.identity import Actor
from services.kernel.paging import Listing, Sort, flag
from services.kernel.refusals import NotFound
from services.sla.agreements.queries import under
from services.sla.agreements.tables import Agreement
from services.sla.permissions import PERMISSIONS
from services.sla.sources.rules import PACE_SPAN, Hour, first_shown, last_hours, pace_seconds
from services.sla.sources.tables import Rejection, Source, SourceActivity, SourceHour

PATH = "/api/sla/v1/sources"
DAY = timedelta(hours=24)


def selected(now: datetime) -> Select[Any]:
    """Sources with their agreement's number and what was counted."""
    rejected = (
        select(func.coalesce(func.sum(Rejection.lines), 0))
        .where(Rejection.source == Source.code, Rejection.at > now - DAY)
        .scalar_subquery()
    )
    return (
        select(
            Source.code, Source.name, Source.silent_after_seconds, Source.version, Source.created_at, Source.updated_at,
            Agreement.number.label("agreement"), func.coalesce(SourceActivity.events, 0).label("events"),
            SourceActivity.last_received_at, rejected.label("rejected_24h"), _silent(now).label("silent"),
            _hours(now).label("hours"), *_pace(),
        )
        .outerjoin(Agreement, Agreement.id == Source.agreement_id)
        .outerjoin(SourceActivity, SourceActivity.source == Source.code)
    )  # fmt: skip


def _hours(now: datetime) -> ScalarSelect[Any]:
    """What was counted in the hours shown: instant in seconds since 1970, calls, accepted, rejected."""
    begins = cast(func.extract("epoch", SourceHour.hour), BigInteger)
    row = func.json_build_array(begins, SourceHour.calls, SourceHour.accepted, SourceHour.rejected)
    return (
        select(func.json_agg(row, type_=JSON))
        .where(SourceHour.source == Source.code, SourceHour.hour >= first_shown(now))
        .scalar_subquery()
    )


def _pace() -> tuple[ColumnElement[Any], ...]:
    """The oldest hour and the calls of the days before the source was last heard."""
    lately = (SourceHour.source == Source.code, SourceHour.hour > SourceActivity.last_received_at - PACE_SPAN)
    oldest = select(func.min(SourceHour.hour)).where(*lately).scalar_subquery()
    calls = select(func.coalesce(func.sum(SourceHour.calls), 0)).where(*lately).scalar_subquery()
    return oldest.label("pace_from"), calls.label("pace_calls")


def _silent(now: datetime) -> ColumnElement[bool]:
    """Whether nothing came for longer than the source says; one that never sent anything counts from its making."""
    last = func.coalesce(SourceActivity.last_received_at, Source.created_at)
    allowed = func.make_interval(0, 0, 0, 0, 0, 0, Source.silent_after_seconds)
    return func.coalesce(and_(Source.silent_after_seconds.is_not(None), last + allowed < now), False)


def listing(who: Actor, now: datetime) -> Listing:
    """`silent=true` are those from which nothing came for too long."""
    return Listing(
        key=Source.code,
        item=lambda row: document(row, who, now),
        sorts={
            "code": Sort(Source.code), "name": Sort(Source.name), "created_at": Sort(Source.created_at),
            "last_received_at": Sort(SourceActivity.last_received_at, nullable=True),
        },
        default="code",
        filters={"agreement": under(Source.agreement_id), "silent": flag(_silent(now))},
        ranges={"created_at": Source.created_at, "last_received_at": SourceActivity.last_received_at},
        search=lambda word: Source.code.icontains(word, autoescape=True) | Source.name.icontains(word, autoescape=True),
    )  # fmt: skip


def document(row: Mapping[str, Any], who: Actor, now: datetime) -> dict[str, Any]:
    """A source as it travels. hours: the last 24, oldest first, the last of them still running."""
    names = (
        "code", "name", "agreement", "silent_after_seconds", "silent", "events", "last_received_at", "rejected_24h",
        "version", "created_at", "updated_at",
    )  # fmt: skip
    changes = ["replace"] if PERMISSIONS.allows(who, "source.write") else []
    counted = [Hour(datetime.fromtimestamp(begins, UTC), *counts) for begins, *counts in row["hours"] or ()]
    hours = [
        {"from": hour.begins, "calls": hour.calls, "accepted": hour.accepted, "rejected": hour.rejected}
        for hour in last_hours(counted, now)
    ]
    pace = pace_seconds(row["pace_from"], row["last_received_at"], row["pace_calls"])
    return {name: row[name] for name in names} | {
        "hours": hours, "pace_seconds": pace, "actions": [], "changes": changes, "url": f"{PATH}/{row['code']}",
    }  # fmt: skip


async def one(tx: Transaction, who: Actor, code: str, now: datetime) -> dict[str, Any]:
    """One source. Refuses NotFound."""
    rows = await tx.rows(selected(now).where(Source.code == code))
    if not rows:
        raise NotFound
    return document(rows[0], who, now)
