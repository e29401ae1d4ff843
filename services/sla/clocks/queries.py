"""Reading clocks: cycles, flat. What runs on in an open one since it was measured is added as it is read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true

from services.kernel.database import Transaction
from services.kernel.identity import Actor
from services.kernel.paging import Listing, Sort, flag, one_of
from services.kernel.search import begins
from services.sla.agreements.queries import under
from services.sla.agreements.tables import Agreement
from services.sla.breaches.tables import Breach
from services.sla.calendars import queries as calendars
from services.sla.calendars.queries import StoredCalendar
from services.sla.calendars.tables import Calendar
from services.sla.clocks.rules import State
from services.sla.clocks.tables import ClockCycle

Calendars = Mapping[str, StoredCalendar]


def visible_to(who: Actor) -> ColumnElement[bool]:
    """A supplier's own user sees the clocks of its firm's agreements."""
    return ClockCycle.supplier_id == who.supplier_id if who.is_supplier else true()


def selected(who: Actor) -> Select[Any]:
    """Cycles with their agreement's number, and whether their breach is excluded."""
    statement: Select[Any] = select(
        ClockCycle.__table__, Agreement.number.label("agreement"),
        (func.coalesce(Breach.excluded, False) & ClockCycle.breached_at.is_not(None)).label("excluded"),
    )  # fmt: skip
    return (
        # An outer join, though each has one: it leaves the order to the index where row policies mislead the planner.
        statement.outerjoin(Agreement, Agreement.id == ClockCycle.agreement_id)
        .outerjoin(
            Breach,
            (Breach.source == ClockCycle.source) & (Breach.ticket == ClockCycle.ticket)
            & (Breach.target == ClockCycle.target) & (Breach.cycle == ClockCycle.cycle),
        )
        .where(visible_to(who))
    )  # fmt: skip


async def open_calendars(tx: Transaction) -> Calendars:
    """The present calendars: what an open clock has worked since it was measured is asked of them."""
    codes = (await tx.session.scalars(select(Calendar.code))).all()
    return await calendars.compiled(tx, codes)


def _is_open() -> ColumnElement[bool]:
    """As the partial indexes of open cycles say it."""
    column: ColumnElement[bool] = ClockCycle.__table__.c.is_open
    return column


def listing(present: Calendars, now: datetime) -> Listing:
    """`open=true&sort=due_at` are the open clocks by time left."""
    at = int(now.timestamp())
    return Listing(
        key=ClockCycle.id,
        item=lambda row: document(row, present, at),
        sorts={"started_at": Sort(ClockCycle.started_at), "due_at": Sort(ClockCycle.due_at, nullable=True)},
        default="-started_at",
        filters={
            "agreement": under(ClockCycle.agreement_id), "target": one_of(ClockCycle.target),
            "state": one_of(ClockCycle.state, list(State)), "source": one_of(ClockCycle.source),
            "ticket": one_of(ClockCycle.ticket), "open": flag(_is_open()),
            "breached": flag(ClockCycle.breached_at.is_not(None)),
        },
        ranges={
            "due": ClockCycle.due_at, "started": ClockCycle.started_at, "ended": ClockCycle.ended_at,
            "breached": ClockCycle.breached_at,
        },
        search=lambda word: begins(ClockCycle.ticket, word),
    )  # fmt: skip


_SAME = (
    "source", "ticket", "agreement", "target", "cycle", "version", "state", "started_at", "ended_at", "goal_seconds",
    "due_at", "breached_at", "provisional", "excluded", "warnings",
)  # fmt: skip


def document(row: Mapping[str, Any], present: Calendars, at: int) -> dict[str, Any]:
    """A cycle as it travels, as of `at`, in whole seconds since 1970."""
    elapsed, paused = row["elapsed_seconds"], row["paused_seconds"]
    stored = present.get(row["calendar"])
    if row["is_open"] and stored is not None:
        since = stored.calendar.working_seconds(int(row["measured_at"].timestamp()), at)
        if row["state"] == State.RUNNING:
            elapsed += since
        else:
            paused += since
    goal = row["goal_seconds"]
    return {name: row[name] for name in _SAME} | {
        "elapsed_seconds": elapsed, "paused_seconds": paused,
        "remaining_seconds": None if goal is None else goal - elapsed,
        "judged_by": {
            "agreement_version": row["agreement_version"], "calendar": row["calendar"],
            "calendar_version": row["calendar_version"],
        },
        "zone": None if stored is None else stored.calendar.text.zone,
    }  # fmt: skip
