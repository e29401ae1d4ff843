"""Closed periods: what was judged, on which terms, by which versions; and the cycles that were looked at."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, Numeric, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kernel.database import Base
from services.kernel.ids import uuid7
from services.sla.sources.tables import KEY


class Period(Base):
    """A month of an agreement as it was closed; of what was decided then nothing is changed.

    targets, credits, judged_by: as on the wire. counted: the fingerprint of the counted cycles. restatable: judging it
    again would give something else now.
    """

    __tablename__ = "period"
    __table_args__ = (
        UniqueConstraint("agreement_id", "period"),
        Index("period_by_label", "period", "id"),
        Index("period_by_supplier", "supplier_id", "period", "id"),
        Index("period_by_closing", "closed_at", "id"),
        Index("period_restatable", "closed_at", "id", postgresql_where=text("restatable")),
        {"schema": "sla"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("sla.agreement.id"))
    supplier_id: Mapped[UUID]
    period: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    restatable: Mapped[bool] = mapped_column(Boolean)
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    contract: Mapped[str] = mapped_column(Text)
    monthly_charge: Mapped[Decimal] = mapped_column(Numeric(20, 4))
    currency: Mapped[str] = mapped_column(Text)
    at_risk_share: Mapped[Decimal] = mapped_column(Numeric(12, 10))
    credit_total: Mapped[Decimal] = mapped_column(Numeric(20, 4))
    targets: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    credits: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    judged_by: Mapped[dict[str, Any]] = mapped_column(JSONB)
    counted: Mapped[str] = mapped_column(Text)
    closed_by: Mapped[str] = mapped_column(Text)
    closed_at: Mapped[datetime]
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own declaration


class PeriodCycle(Base):
    """A cycle whose outcome lay in the period, counted or not. fold: the segments that were measured; with the
    calendar's version that the period names, its ledger is derived as it was."""

    __tablename__ = "period_cycle"
    __table_args__ = (
        UniqueConstraint("period_id", "target", "source", "ticket", "cycle"),
        Index("period_cycle_by_time", "period_id", "at", "id"),
        {"schema": "sla"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    period_id: Mapped[UUID] = mapped_column(ForeignKey("sla.period.id"))
    target: Mapped[str] = mapped_column(KEY)
    source: Mapped[str] = mapped_column(KEY)
    ticket: Mapped[str] = mapped_column(KEY)
    cycle: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(Text)
    counted: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime]
    fold: Mapped[bytes] = mapped_column(LargeBinary)
