"""The register of suppliers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kernel.database import Base
from services.kernel.ids import uuid7
from services.suppliers.supplier.rules import State

STATES = ", ".join(f"'{state}'" for state in State)


class Supplier(Base):
    """A firm that services are, or may be, contracted to.

    name_key: pinyin, the sort key. initials: pinyin initials. search_text, grams: what the search looks at.
    name_grams: pairs of the core name, by which namesakes are found. external_refs: other systems' ids of it.
    """

    __tablename__ = "supplier"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state_is_known"),
        CheckConstraint("char_length(credit_code) = 18", name="credit_code_is_whole"),
        UniqueConstraint("number"),
        UniqueConstraint("credit_code"),
        Index("supplier_by_name", "name_key", "id"),
        Index("supplier_by_state", "state", "id"),
        Index("supplier_by_region", "region", "created_at", "id"),
        Index("supplier_by_initials", "initials", postgresql_ops={"initials": "text_pattern_ops"}),
        Index("supplier_by_time", "created_at", "id"),
        Index("supplier_grams", "grams", postgresql_using="gin"),
        Index("supplier_name_grams", "name_grams", postgresql_using="gin"),
        {"schema": "suppliers"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)
    state_reason: Mapped[str | None] = mapped_column(Text)
    legal_name: Mapped[str] = mapped_column(Text)
    short_name: Mapped[str] = mapped_column(Text)
    credit_code: Mapped[str] = mapped_column(Text)
    scope: Mapped[list[str]] = mapped_column(ARRAY(Text))
    region: Mapped[str | None] = mapped_column(Text)
    contacts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    name_key: Mapped[str] = mapped_column(Text(collation="C"))
    initials: Mapped[str] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text)
    grams: Mapped[list[str]] = mapped_column(ARRAY(Text))
    name_grams: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own declaration


class ExternalRef(Base):
    """What another system calls a supplier."""

    __tablename__ = "external_ref"
    __table_args__ = (Index("external_ref_by_supplier", "supplier_id"), {"schema": "suppliers"})
    system: Mapped[str] = mapped_column(Text, primary_key=True)
    ref: Mapped[str] = mapped_column(Text, primary_key=True)
    supplier_id: Mapped[UUID] = mapped_column(info={"refers_to": "suppliers.supplier.id"})
