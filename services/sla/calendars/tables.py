"""Calendars and all their versions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, synonym

from services.kernel.database import Base
from services.kernel.ids import uuid7


class Calendar(Base):
    """A calendar under its code. `version` judges now; its text is the CalendarVersion of that number."""

    __tablename__ = "calendar"
    __table_args__ = (
        CheckConstraint("code ~ '^[a-z0-9-]{1,60}$'", name="code_is_plain"),
        UniqueConstraint("code"),
        {"schema": "sla"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    number = synonym("code")  # its human name, by which the wire asks for it
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own declaration


class CalendarVersion(Base):
    """One whole text, as it was sent. Never changed: a frozen result names it."""

    __tablename__ = "calendar_version"
    __table_args__ = (UniqueConstraint("calendar_id", "version"), {"schema": "sla"})
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    calendar_id: Mapped[UUID] = mapped_column(ForeignKey("sla.calendar.id"))
    version: Mapped[int] = mapped_column(Integer)
    text: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(server_default=sql("now()"))
