"""Breaches: one a cycle, with a version for each time that facts or a decision changed what it is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.kernel.database import Base
from services.kernel.ids import uuid7
from services.sla.sources.tables import KEY


class Breach(Base):
    """The breach of a cycle. state: withdrawn where facts have undone it, else excluded by decision, else standing.

    excluded: the decision, which holds also while the breach is withdrawn. period: the month of its instant in the
    agreement's zone. sent: whether anybody was told.
    """

    __tablename__ = "breach"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("source", "ticket", "target", "cycle"),
        CheckConstraint("state IN ('standing', 'withdrawn', 'excluded')", name="state_is_known"),
        Index("breach_by_time", "breached_at", "id"),
        Index("breach_by_agreement", "agreement_id", "breached_at", "id"),
        Index("breach_by_period", "agreement_id", "period", "breached_at", "id"),
        Index("breach_by_state", "state", "breached_at", "id"),
        Index("breach_by_supplier", "supplier_id", "breached_at", "id"),
        Index("breach_by_agreement_and_number", "agreement_id", "number", "id"),
        Index("breach_by_supplier_and_number", "supplier_id", "number", "id"),
        Index("breach_by_target", "target", "breached_at", "id"),
        Index("breach_by_label", "period", "breached_at", "id"),
        {"schema": "sla"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(KEY)
    ticket: Mapped[str] = mapped_column(KEY)
    target: Mapped[str] = mapped_column(KEY)
    cycle: Mapped[int] = mapped_column(Integer)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("sla.agreement.id"))
    supplier_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(Text)
    excluded: Mapped[bool] = mapped_column(Boolean, server_default="false")
    breached_at: Mapped[datetime]
    period: Mapped[str] = mapped_column(Text)
    sent: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own declaration


class BreachVersion(Base):
    """What a breach was said to be from `at` on, and the event that made it so (None: time alone did)."""

    __tablename__ = "breach_version"
    __table_args__ = ({"schema": "sla"},)
    breach_id: Mapped[UUID] = mapped_column(ForeignKey("sla.breach.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(Text)
    breached_at: Mapped[datetime]
    event_id: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


class Exclusion(Base):
    """An exclusion that somebody has asked for and nobody else has decided yet."""

    __tablename__ = "exclusion"
    __table_args__ = (Index("exclusion_by_time", "asked_at", "breach_id"), {"schema": "sla"})
    breach_id: Mapped[UUID] = mapped_column(ForeignKey("sla.breach.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_by_id: Mapped[UUID]
    asked_at: Mapped[datetime]


class BreachDecision(Base):
    """What somebody said or decided about a breach; never changed.

    number: the breach's. The breach itself is derived and not in the audit trail: there its number is found by this.
    """

    __tablename__ = "breach_decision"
    __table_args__ = (
        CheckConstraint(
            "action IN ('acknowledge', 'exclude', 'confirm', 'refuse', 'reinstate')", name="action_is_known"
        ),
        Index("breach_decision_by_breach", "breach_id", "id"),
        {"schema": "sla"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    breach_id: Mapped[UUID] = mapped_column(ForeignKey("sla.breach.id"))
    number: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID]
    at: Mapped[datetime]
