"""People, their sessions, the links to their first password, and keys."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.kernel.database import Base, refers_to
from services.kernel.ids import uuid7

NOW = text("now()")


class User(Base):
    """A person. supplier_number, supplier_name: the firm of a supplier's user, as it was when the account was made."""

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("login"),
        Index("user_by_name", "name", "id"),
        Index("user_by_time", "created_at", "id"),
        {"schema": "gateway"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    login: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    supplier_id: Mapped[UUID | None] = refers_to("suppliers.supplier.id")
    supplier_number: Mapped[str | None] = mapped_column(Text)
    supplier_name: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool]
    password_hash: Mapped[str | None] = mapped_column(Text)
    password_changed_at: Mapped[datetime | None]
    failed_attempts: Mapped[int] = mapped_column(Integer)
    locked_until: Mapped[datetime | None]
    language: Mapped[str | None] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(Text)
    theme: Mapped[str] = mapped_column(Text)
    density: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own declaration


class FirstPassword(Base):
    """A link by which a person sets the first password, once."""

    __tablename__ = "first_password"
    __table_args__ = (Index("first_password_by_user", "user_id"), {"schema": "gateway"})
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("gateway.user.id"))
    expires_at: Mapped[datetime]


class Session(Base):
    """A person signed in on one device."""

    __tablename__ = "session"
    __table_args__ = (Index("session_by_user", "user_id"), Index("session_by_end", "expires_at"), {"schema": "gateway"})
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("gateway.user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]


class ApiKey(Base):
    """A key of another system. key_id: its public half."""

    __tablename__ = "api_key"
    __table_args__ = (
        UniqueConstraint("key_id"),
        Index("api_key_by_time", "created_at", "id"),
        {"schema": "gateway"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    key_id: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    revoked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own declaration
