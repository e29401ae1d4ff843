"""The cycles of closed periods: each as it was judged, by its frozen segments and the calendars of then.

Beside it stands what today's facts, decisions and calendars would make of it, as of the same end. Reads only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import Select, select

from services.kernel.database import Transaction, is_uuid
from services.kernel.identity import Actor
from services.kernel.messages import N_
from services.kernel.paging import Listing, Sort, flag, one_of
from services.kernel.refusals import NotFound
from services.kernel.wire import utc
from services.sla.breaches.tables import Breach
from services.sla.calendars import queries as calendars
from services.sla.calendars.queries import StoredCalendar
from services.sla.clocks.rules import Cycle, FoldedTarget, cut, decode, measure
from services.sla.periods import judging, queries
from services.sla.periods.rules import Outcome, outcome
from services.sla.periods.tables import Period, PeriodCycle
from services.sla.tickets.documents import Stored, whole_cycle
from services.sla.tickets.queries import PATH as TICKETS

UNKNOWN = N_("This period has no such cycle")
COLUMNS: tuple[Any, ...] = (
    PeriodCycle.id, PeriodCycle.source, PeriodCycle.ticket, PeriodCycle.target, PeriodCycle.cycle, PeriodCycle.outcome,
    PeriodCycle.counted, PeriodCycle.at, PeriodCycle.fold, Breach.number.label("breach"), Breach.excluded,
)  # fmt: skip
# What makes a ledger another one for its reader; what lies ahead of the period's end is none of it.
TOLD = ("state", "started_at", "ended_at", "goal_seconds", "elapsed_seconds", "breached_at", "ledger")

Row = Mapping[str, Any]
Document = dict[str, Any]


@dataclass(frozen=True)
class ClosedPeriod:
    """What judged a closed period. calendars: by code, in the versions that it names."""

    id: UUID
    agreement_id: UUID
    agreement: str
    agreement_title: str
    label: str
    begins: datetime
    ends: datetime
    closed_at: datetime
    calendars: Mapping[str, StoredCalendar]

    @property
    def as_of(self) -> int:
        """Its end, of which it was judged, in whole seconds."""
        return int(self.ends.timestamp())


async def closed_period(tx: Transaction, who: Actor, ident: str, label: str) -> ClosedPeriod:
    """The closed period with the calendars of then. Refuses NotFound."""
    agreement = await queries.agreement_row(tx, who, ident)
    rows = await tx.rows(
        select(Period.id, Period.begins, Period.ends, Period.closed_at, Period.judged_by).where(
            Period.agreement_id == agreement["id"], Period.period == label, queries.visible_to(who)
        )
    )
    if not rows:
        raise NotFound(detail=queries.UNKNOWN)
    row = rows[0]
    of_then = await calendars.compiled_versions(tx, row["judged_by"]["calendars"].items())
    return ClosedPeriod(
        id=row["id"], agreement_id=agreement["id"], agreement=agreement["number"], agreement_title=agreement["title"],
        label=label, begins=row["begins"], ends=row["ends"], closed_at=row["closed_at"],
        calendars={code: stored for (code, _version), stored in of_then.items()},
    )  # fmt: skip


def selected(closed: ClosedPeriod) -> Select[Any]:
    """Its cycles, each with its breach's number of today."""
    statement: Select[Any] = select(*COLUMNS)
    return statement.outerjoin(
        Breach,
        (Breach.source == PeriodCycle.source) & (Breach.ticket == PeriodCycle.ticket)
        & (Breach.target == PeriodCycle.target) & (Breach.cycle == PeriodCycle.cycle),
    ).where(PeriodCycle.period_id == closed.id)  # fmt: skip


LIST = Listing(
    key=PeriodCycle.id,
    item=dict,
    sorts={"at": Sort(PeriodCycle.at)},
    default="at",
    filters={
        "target": one_of(PeriodCycle.target), "counted": flag(PeriodCycle.counted.is_(True)),
        "outcome": one_of(PeriodCycle.outcome, [outcome.value for outcome in Outcome]),
        "ticket": one_of(PeriodCycle.ticket),
    },
)  # fmt: skip


def listing(closed: ClosedPeriod) -> Listing:
    """The cycles of one closed period, counted or left out."""
    return replace(LIST, item=lambda row: _item(row, _as_judged(row, closed)[1]))


async def one(tx: Transaction, who: Actor, ident: str, label: str, cycle_id: str) -> Document:
    """A cycle with its ledger as it was judged, and what it would be today as of the same end. Refuses NotFound."""
    closed = await closed_period(tx, who, ident, label)
    rows = await tx.rows(selected(closed).where(PeriodCycle.id == UUID(cycle_id))) if is_uuid(cycle_id) else ()
    if not rows:
        raise NotFound(detail=UNKNOWN)
    row = rows[0]
    folded, cycle = _as_judged(row, closed)
    stored = Stored(excluded=row["outcome"] == Outcome.EXCLUDED, breach=row["breach"])
    document = _whole(folded, cycle, closed.calendars[cycle.calendar], closed, stored)
    return document | _item(row, cycle) | {
        "agreement": closed.agreement, "agreement_title": closed.agreement_title, "period": closed.label,
        "as_of": closed.ends, "closed_at": closed.closed_at, "today": await _today(tx, row, closed, document),
    }  # fmt: skip


def _item(row: Row, cycle: Cycle) -> Document:
    goal = cycle.goal_seconds
    over = 0 if cycle.breached_at is None or goal is None else max(0, cycle.elapsed_seconds - goal)
    return {
        "id": row["id"], "source": row["source"], "ticket": row["ticket"], "target": row["target"],
        "cycle": row["cycle"], "outcome": row["outcome"], "counted": row["counted"],
        "why_not": None if row["counted"] else row["outcome"], "at": row["at"], "breach": row["breach"],
        "elapsed_seconds": cycle.elapsed_seconds, "goal_seconds": goal, "over_seconds": over,
    }  # fmt: skip


def _as_judged(row: Row, closed: ClosedPeriod) -> tuple[FoldedTarget, Cycle]:
    (folded,) = decode(row["fold"])
    plain = {code: stored.calendar for code, stored in closed.calendars.items()}
    (cycle,) = measure(folded, plain, closed.as_of)
    return folded, cycle


def _whole(
    folded: FoldedTarget, cycle: Cycle, calendar: StoredCalendar, closed: ClosedPeriod, stored: Stored
) -> Document:  # fmt: skip
    """As on the ticket; how often facts had changed it is not frozen."""
    own = next(one for one in folded.cycles if one.number == cycle.cycle)
    document = whole_cycle(own, cycle, calendar, closed.as_of, stored, ledger=True)
    del document["version"]
    return document


async def _today(tx: Transaction, row: Row, closed: ClosedPeriod, judged: Document) -> Document:
    """By the facts, decisions and calendars of today, as of the same end. cycle: None where there is none any more.

    outcome: what it would be in this period, None for nothing. differs: whether its ledger is another one.
    """
    path = f"{TICKETS}/{row['source']}/{quote(row['ticket'], safe='')}"
    found: Document = {
        "url": f"{path}?as_of={utc(closed.ends):%Y-%m-%dT%H:%M:%SZ}&include=ledger", "differs": True, "outcome": None,
        "cycle": None,
    }  # fmt: skip
    folded = await _fold_of_today(tx, row, closed)
    if folded is None:
        return found
    present = await calendars.compiled(tx, {goal.calendar for one in folded.cycles for goal in one.goals})
    (cycle,) = measure(folded, {code: stored.calendar for code, stored in present.items()}, closed.as_of)
    excluded = bool(row["excluded"])
    became = outcome(cycle, excluded)
    if became is not None and closed.begins.timestamp() <= became[1] < closed.as_of:
        found["outcome"] = became[0].value
    found["cycle"] = _whole(folded, cycle, present[cycle.calendar], closed, Stored(excluded=excluded))
    found["differs"] = any(found["cycle"][name] != judged[name] for name in TOLD)
    return found


async def _fold_of_today(tx: Transaction, row: Row, closed: ClosedPeriod) -> FoldedTarget | None:
    """The cycle alone out of its ticket's fold, cut at the period's end; None where the agreement has it no more."""
    key = row["source"], row["ticket"]
    folded = await judging.fold_of(tx, closed.agreement_id, closed.label, key, row["target"])
    if folded is None:
        return None
    own = [one for one in cut(folded, closed.as_of).cycles if one.number == row["cycle"]]
    return FoldedTarget(folded.target, own, folded.ends_at, None) if own else None
