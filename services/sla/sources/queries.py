"""Reading sources: what came from them, and which are silent too long."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from services.kernel.database import Transaction
from services.kernel.identity import Actor
from services.kernel.paging import Listing, Sort, flag, named
from services.kernel.refusals import NotFound
from services.sla.agreements.tables import Agreement
from services.sla.permissions import PERMISSIONS
from services.sla.sources.tables import Rejection, Source, SourceActivity

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
        )
        .outerjoin(Agreement, Agreement.id == Source.agreement_id)
        .outerjoin(SourceActivity, SourceActivity.source == Source.code)
    )  # fmt: skip


def _silent(now: datetime) -> ColumnElement[bool]:
    """Whether nothing came for longer than the source says; one that never sent anything counts from its making."""
    last = func.coalesce(SourceActivity.last_received_at, Source.created_at)
    allowed = func.make_interval(0, 0, 0, 0, 0, 0, Source.silent_after_seconds)
    return func.coalesce(and_(Source.silent_after_seconds.is_not(None), last + allowed < now), False)


def listing(who: Actor, now: datetime) -> Listing:
    """`silent=true` are those from which nothing came for too long."""
    return Listing(
        key=Source.code,
        item=lambda row: document(row, who),
        sorts={
            "code": Sort(Source.code), "name": Sort(Source.name), "created_at": Sort(Source.created_at),
            "last_received_at": Sort(SourceActivity.last_received_at, nullable=True),
        },
        default="code",
        filters={"agreement": named(Source.agreement_id, Agreement.number), "silent": flag(_silent(now))},
        ranges={"created_at": Source.created_at, "last_received_at": SourceActivity.last_received_at},
        search=lambda word: Source.code.icontains(word, autoescape=True) | Source.name.icontains(word, autoescape=True),
    )  # fmt: skip


def document(row: Mapping[str, Any], who: Actor) -> dict[str, Any]:
    """A source as it travels."""
    names = (
        "code", "name", "agreement", "silent_after_seconds", "silent", "events", "last_received_at", "rejected_24h",
        "version", "created_at", "updated_at",
    )  # fmt: skip
    actions = ["replace"] if PERMISSIONS.allows(who, "source.write") else []
    return {name: row[name] for name in names} | {"actions": actions, "url": f"{PATH}/{row['code']}"}


async def one(tx: Transaction, who: Actor, code: str, now: datetime) -> dict[str, Any]:
    """One source. Refuses NotFound."""
    rows = await tx.rows(selected(now).where(Source.code == code))
    if not rows:
        raise NotFound
    return document(rows[0], who)
