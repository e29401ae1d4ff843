"""Agreements, their versions by date, and what is known here of their contracts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kernel.database import Base, refers_to
from services.kernel.ids import uuid7

CREATED = text("now()")


class Agreement(Base):
    """The promises made under one contract. in_force_at: when it was put in force, whatever days its versions name."""

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'in_force', 'superseded', 'ended')", name="state_is_known"),
        CheckConstraint("period = 'month'", name="period_is_known"),
        UniqueConstraint("number"),
        Index("agreement_by_title", "title_key", "id"),
        Index("agreement_by_time", "created_at", "id"),
        Index("agreement_by_state", "state", "created_at", "id"),
        Index("agreement_by_contract", "contract_id", "id"),
        Index("agreement_by_contract_number", "contract_number", "id"),
        Index("agreement_by_supplier", "supplier_id", "created_at", "id"),
        Index("agreement_grams", "grams", postgresql_using="gin"),
        {"schema": "sla"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    contract_id: Mapped[UUID] = refers_to("contracts.contract.id")
    contract_number: Mapped[str] = mapped_column(Text)
    supplier_id: Mapped[UUID] = refers_to("suppliers.supplier.id")
    zone: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    in_force_at: Mapped[datetime | None]
    title_key: Mapped[str] = mapped_column(Text(collation="C"))
    search_text: Mapped[str] = mapped_column(Text)
    grams: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(server_default=CREATED)
    updated_at: Mapped[datetime] = mapped_column(server_default=CREATED)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own declaration


class AgreementVersion(Base):
    """What is promised from `since` to `until`, both included. targets: as on the wire, every setting stated.
    calendars: the codes that its targets name."""

    __tablename__ = "agreement_version"
    __table_args__ = (
        UniqueConstraint("agreement_id", "version"),
        UniqueConstraint("agreement_id", "since"),
        Index("agreement_version_calendars", "calendars", postgresql_using="gin"),
        {"schema": "sla"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("sla.agreement.id"))
    version: Mapped[int] = mapped_column(Integer)
    since: Mapped[date]
    until: Mapped[date | None]
    targets: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    calendars: Mapped[list[str]] = mapped_column(ARRAY(Text))
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(server_default=CREATED)


class ContractTerms(Base):
    """What contracts last said of a contract; version: the source's, older news is passed over.

    terms: as on the wire, `[{"from", "monthly_charge": {money}, "at_risk_share"}]`.
    """

    __tablename__ = "contract_terms"
    __table_args__ = (Index("contract_terms_by_supplier", "supplier_number"), {"schema": "sla"})
    contract_id: Mapped[UUID] = refers_to("contracts.contract.id", primary_key=True)
    number: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    supplier_id: Mapped[UUID] = refers_to("suppliers.supplier.id")
    supplier_number: Mapped[str] = mapped_column(Text)
    supplier_name: Mapped[str] = mapped_column(Text)
    supplier_legal_name: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    ended_on: Mapped[date | None]
    terms: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(Integer)
