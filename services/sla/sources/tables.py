"""Where events come from, and how lively each source is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.kernel.database import Base

KEY = Text(collation="C")
"""Compared by bytes: fast, and the order that the rules know."""


class Source(Base):
    """A system that sends events. agreement_id: of its tickets, where their events name none."""

    __tablename__ = "source"
    __table_args__ = (
        CheckConstraint("code ~ '^[a-z0-9-]{1,60}$'", name="code_is_plain"),
        CheckConstraint("silent_after_seconds > 0", name="silence_is_positive"),
        Index("source_by_agreement", "agreement_id"),
        {"schema": "sla"},
    )
    code: Mapped[str] = mapped_column(KEY, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("sla.agreement.id"))
    silent_after_seconds: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own declaration


class SourceActivity(Base):
    """What has come from a source: counted by the intake, in the transaction that takes the events."""

    __tablename__ = "source_activity"
    __table_args__ = ({"schema": "sla"},)
    source: Mapped[str] = mapped_column(KEY, ForeignKey("sla.source.code"), primary_key=True)
    events: Mapped[int] = mapped_column(BigInteger)
    last_received_at: Mapped[datetime | None]


class SourceHour(Base):
    """What came from a source in one hour, by when it was received: counted by the intake like its activity.

    hour: its first instant, in UTC. calls: those that named the source. accepted, rejected: lines, of which duplicates
    are neither.
    """

    __tablename__ = "source_hour"
    __table_args__ = ({"schema": "sla"},)
    source: Mapped[str] = mapped_column(KEY, ForeignKey("sla.source.code"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(Integer)
    accepted: Mapped[int] = mapped_column(Integer)
    rejected: Mapped[int] = mapped_column(Integer)


class Rejection(Base):
    """How many lines of a source a batch had refused."""

    __tablename__ = "rejection"
    __table_args__ = (Index("rejection_by_time", "source", "at"), {"schema": "sla"})
    source: Mapped[str] = mapped_column(KEY, ForeignKey("sla.source.code"), primary_key=True)
    batch: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime]
    lines: Mapped[int] = mapped_column(Integer)
