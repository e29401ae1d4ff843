"""Events as they were received, the batches that they came in, and the tickets that wait for evaluation."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Integer, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from services.kernel.database import Base
from services.kernel.ids import uuid7
from services.sla.sources.tables import KEY


class Batch(Base):
    """One call of the intake. seq: its place; what it made dirty bears it. tickets: how many of them."""

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("seq"), {"schema": "sla"})
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=False))
    received_at: Mapped[datetime]
    actor_id: Mapped[UUID]
    actor: Mapped[str] = mapped_column(Text)
    accepted: Mapped[int] = mapped_column(Integer)
    duplicates: Mapped[int] = mapped_column(Integer)
    rejected: Mapped[int] = mapped_column(Integer)
    tickets: Mapped[int] = mapped_column(Integer)


class TicketEvent(Base):
    """What a source said about one ticket; never changed. batch: the seq of the one that it came in.

    Hash-partitioned by source and ticket. attributes: the JSON text as sent.
    """

    __tablename__ = "ticket_event"
    __table_args__ = ({"schema": "sla", "postgresql_partition_by": "HASH (source, ticket)"},)
    source: Mapped[str] = mapped_column(KEY, primary_key=True)
    ticket: Mapped[str] = mapped_column(KEY, primary_key=True)
    event_id: Mapped[str] = mapped_column(KEY, primary_key=True)
    occurred_at: Mapped[datetime]
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    batch: Mapped[int] = mapped_column(BigInteger)
    agreement_id: Mapped[UUID | None]
    type: Mapped[str] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON)
    actor: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    corrects: Mapped[str | None] = mapped_column(Text)
    withdraws: Mapped[str | None] = mapped_column(Text)


class Dirty(Base):
    """A ticket that the batch `seq` touched and that has not been evaluated since. Only ever added to and taken from:
    the intake never waits for a worker."""

    __tablename__ = "dirty"
    __table_args__ = (Index("dirty_by_ticket", "source", "ticket"), {"schema": "sla"})
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(KEY, primary_key=True)
    ticket: Mapped[str] = mapped_column(KEY, primary_key=True)
