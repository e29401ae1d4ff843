"""What the evaluation leaves: a ticket's fold, its cycles as lists need them, what was told, and what is to be done.

All of it is derived from events, agreements and calendars, and can be derived again.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kernel.database import Base
from services.kernel.ids import uuid7
from services.sla.sources.tables import KEY

OPEN = text("is_open")


class Ticket(Base):
    """A ticket with its fold (`rules.segments.encode`). next_transition: when time alone changes one of its clocks.

    first_at, last_at: its earliest and latest event. evaluated_at: as of when its cycles were measured.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("id"),
        Index("ticket_by_agreement", "agreement_id", "source", "ticket"),
        Index("ticket_by_last", "last_at", "id"),
        Index("ticket_by_agreement_and_last", "agreement_id", "last_at", "id"),
        Index("ticket_by_number", "ticket", "id"),
        Index("ticket_by_agreement_and_number", "agreement_id", "ticket", "id"),
        Index("ticket_by_supplier_and_last", "supplier_id", "last_at", "id"),
        Index("ticket_by_supplier_and_number", "supplier_id", "ticket", "id"),
        Index("ticket_open", "last_at", "id", postgresql_where=OPEN),
        Index("ticket_due", "next_transition", postgresql_where=text("next_transition IS NOT NULL")),
        {"schema": "sla"},
    )
    source: Mapped[str] = mapped_column(KEY, primary_key=True)
    ticket: Mapped[str] = mapped_column(KEY, primary_key=True)
    id: Mapped[UUID] = mapped_column(default=uuid7)
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("sla.agreement.id"))
    supplier_id: Mapped[UUID | None]
    fold: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_open: Mapped[bool] = mapped_column(Boolean, server_default="false")
    events: Mapped[int] = mapped_column(Integer, server_default="0")
    first_at: Mapped[datetime | None]
    last_at: Mapped[datetime | None]
    next_transition: Mapped[datetime | None]
    evaluated_at: Mapped[datetime | None]


class ClockCycle(Base):
    """One cycle as of `measured_at`. version: how often facts have changed it; time alone does not."""

    __tablename__ = "clock_cycle"
    __table_args__ = (
        UniqueConstraint("source", "ticket", "target", "cycle"),
        Index("clock_cycle_by_agreement", "agreement_id", "started_at", "id"),
        Index("clock_cycle_by_start", "started_at", "id"),
        Index("clock_cycle_by_due", "due_at", "id"),
        Index("clock_cycle_by_end", "ended_at", "id"),
        Index("clock_cycle_by_agreement_and_due", "agreement_id", "due_at", "id"),
        Index("clock_cycle_by_supplier_and_due", "supplier_id", "due_at", "id"),
        Index("clock_cycle_by_supplier", "supplier_id", "started_at", "id"),
        Index("clock_cycle_by_target", "target", "started_at", "id"),
        Index("clock_cycle_by_breach", "breached_at", "id", postgresql_where=text("breached_at IS NOT NULL")),
        Index("clock_cycle_by_state", "state", "started_at", "id"),
        Index("clock_cycle_open_by_due", "due_at", "id", postgresql_where=OPEN),
        Index("clock_cycle_open_by_agreement", "agreement_id", "due_at", "id", postgresql_where=OPEN),
        Index("clock_cycle_open_by_supplier", "supplier_id", "due_at", "id", postgresql_where=OPEN),
        {"schema": "sla"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    source: Mapped[str] = mapped_column(KEY)
    ticket: Mapped[str] = mapped_column(KEY)
    target: Mapped[str] = mapped_column(KEY)
    cycle: Mapped[int] = mapped_column(Integer)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("sla.agreement.id"))
    supplier_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)
    is_open: Mapped[bool] = mapped_column(Boolean)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    goal_seconds: Mapped[int | None] = mapped_column(Integer)
    elapsed_seconds: Mapped[int] = mapped_column(BigInteger)
    paused_seconds: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    provisional: Mapped[bool] = mapped_column(Boolean)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    agreement_version: Mapped[int] = mapped_column(Integer)
    calendar: Mapped[str] = mapped_column(Text)
    calendar_version: Mapped[int] = mapped_column(Integer)
    measured_at: Mapped[datetime]


class Transition(Base):
    """What happened to a clock, once: `breach` or `at_risk:75`. sent: whether anybody was told."""

    __tablename__ = "transition"
    __table_args__ = ({"schema": "sla"},)
    source: Mapped[str] = mapped_column(KEY, primary_key=True)
    ticket: Mapped[str] = mapped_column(KEY, primary_key=True)
    target: Mapped[str] = mapped_column(KEY, primary_key=True)
    cycle: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(KEY, primary_key=True)
    at: Mapped[datetime]
    sent: Mapped[bool] = mapped_column(Boolean)
    recorded_at: Mapped[datetime]


class Sweep(Base):
    """All tickets of an agreement, or of a source, are to be judged again; after_…: how far that is.

    refold: from their events (the agreement has changed); else from their folds (a calendar has).
    """

    __tablename__ = "sweep"
    __table_args__ = (
        CheckConstraint("(agreement_id IS NULL) <> (source IS NULL)", name="is_of_one_thing"),
        {"schema": "sla"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("sla.agreement.id"))
    source: Mapped[str | None] = mapped_column(KEY, ForeignKey("sla.source.code"))
    refold: Mapped[bool] = mapped_column(Boolean)
    after_source: Mapped[str] = mapped_column(KEY, server_default="")
    after_ticket: Mapped[str] = mapped_column(KEY, server_default="")
    made_at: Mapped[datetime]


class PeriodRecheck(Base):
    """Closed periods of an agreement from this one on may have another result now; whoever judges periods takes it."""

    __tablename__ = "period_recheck"
    __table_args__ = ({"schema": "sla"},)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("sla.agreement.id"), primary_key=True)
    from_period: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
