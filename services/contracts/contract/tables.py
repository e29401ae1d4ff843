"""Contracts, their dated terms, and what is known here of suppliers."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.contracts.contract.rules import OutsourcingType, State
from services.kernel.database import Base, refers_to
from services.kernel.ids import uuid7

STATES = ", ".join(f"'{state}'" for state in State)
TYPES = ", ".join(f"'{kind}'" for kind in OutsourcingType)


class Contract(Base):
    """An agreement on outsourced work. supplier_name, supplier_key: the supplier's short name and its sort key, as
    last heard, kept here so that lists need no other table."""

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state_is_known"),
        CheckConstraint(f"type IN ({TYPES})", name="type_is_known"),
        CheckConstraint("ends_on >= starts_on", name="term_is_positive"),
        CheckConstraint("value >= 0", name="value_is_not_negative"),
        UniqueConstraint("number"),
        Index("contract_by_title", "title_key", "id"),
        Index("contract_by_end", "ends_on", "id"),
        Index("contract_by_start", "starts_on", "id"),
        Index("contract_by_state", "state", "id"),
        Index("contract_by_state_and_end", "state", "ends_on", "id"),
        Index("contract_by_value", "value", "id"),
        Index("contract_by_time", "created_at", "id"),
        Index("contract_by_supplier", "supplier_id", "created_at", "id"),
        Index("contract_by_supplier_name", "supplier_key", "id"),
        Index("contract_by_owner", "owner", "id"),
        Index("contract_grams", "grams", postgresql_using="gin"),
        {"schema": "contracts"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    supplier_id: Mapped[UUID] = refers_to("suppliers.supplier.id")
    supplier_name: Mapped[str] = mapped_column(Text)
    supplier_key: Mapped[str] = mapped_column(Text(collation="C"))
    type: Mapped[str] = mapped_column(Text)
    value: Mapped[Decimal] = mapped_column(Numeric(20, 4))
    currency: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    ended_on: Mapped[date | None]
    title_key: Mapped[str] = mapped_column(Text(collation="C"))
    search_text: Mapped[str] = mapped_column(Text)
    grams: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own declaration


class Term(Base):
    """What holds from a day on: the monthly charge before tax, and the share of it that is at risk."""

    __tablename__ = "term"
    __table_args__ = (
        CheckConstraint("monthly_charge >= 0", name="charge_is_not_negative"),
        CheckConstraint("at_risk_share >= 0 AND at_risk_share <= 1", name="share_is_a_share"),
        {"schema": "contracts"},
    )
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts.contract.id"), primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    monthly_charge: Mapped[Decimal] = mapped_column(Numeric(20, 4))
    at_risk_share: Mapped[Decimal] = mapped_column(Numeric(12, 10))


class SupplierState(Base):
    """What suppliers last said of a supplier; version: the source's, older news is passed over."""

    __tablename__ = "supplier_state"
    __table_args__ = (Index("supplier_state_by_number", "number"), {"schema": "contracts"})
    supplier_id: Mapped[UUID] = refers_to("suppliers.supplier.id", primary_key=True)
    number: Mapped[str] = mapped_column(Text)
    legal_name: Mapped[str] = mapped_column(Text)
    short_name: Mapped[str] = mapped_column(Text)
    credit_code: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)


class ExternalRef(Base):
    """What another system calls a contract."""

    __tablename__ = "external_ref"
    __table_args__ = (Index("external_ref_by_contract", "contract_id"), {"schema": "contracts"})
    system: Mapped[str] = mapped_column(Text, primary_key=True)
    ref: Mapped[str] = mapped_column(Text, primary_key=True)
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts.contract.id"))
