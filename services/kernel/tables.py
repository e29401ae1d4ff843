"""The tables that every service has in its own namespace, and the two that all share."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.kernel.database import Base

NAMESPACES = ("contracts", "suppliers", "sla", "security", "gateway")
NOW = text("now()")
UUID7 = text("uuidv7()")


def _instant(name: str, **options: object) -> "Column[object]":
    return Column(name, DateTime(timezone=True), **options)  # type: ignore[arg-type]  # the stubs name each option


def ground(schema: str) -> None:
    """Declare the log, its sealer, the counters and the kept answers of one namespace."""
    Table(
        "event", Base.metadata,
        Column("id", Uuid, primary_key=True),
        Column("pos", BigInteger),
        Column("type", Text, nullable=False),
        Column("key", Uuid, nullable=False),
        Column("subject", Text, nullable=False),
        Column("version", Integer, nullable=False),
        _instant("at", nullable=False, server_default=NOW),
        Column("data", JSONB, nullable=False),
        Column("request_id", Text, nullable=False, server_default=""),
        Index("event_by_pos", "pos", unique=True, postgresql_where=text("pos IS NOT NULL")),
        Index("event_unsealed", "id", postgresql_where=text("pos IS NULL")),
        schema=schema,
    )  # fmt: skip
    Table(
        "sealer", Base.metadata,
        Column("one", SmallInteger, CheckConstraint("one = 1", name="is_the_only_row"), primary_key=True),
        Column("pos", BigInteger, nullable=False),
        schema=schema,
    )  # fmt: skip
    Table(
        "counter", Base.metadata,
        Column("kind", Text, primary_key=True),
        Column("year", Integer, primary_key=True),
        Column("last", Integer, nullable=False),
        schema=schema,
    )  # fmt: skip
    Table(
        "idempotency", Base.metadata,
        Column("actor", Uuid, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("digest", LargeBinary, nullable=False),
        _instant("at", nullable=False, server_default=NOW),
        Column("claim", Uuid, nullable=False, server_default=UUID7),
        Column("status", Integer),
        Column("body", LargeBinary),
        Column("media_type", Text),
        Column("etag", Text),
        Column("location", Text),
        Index("idempotency_by_age", "at"),
        schema=schema,
    )  # fmt: skip


for namespace in NAMESPACES:
    ground(namespace)

delivery = Table(
    "delivery", Base.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("subscriber", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("key", Uuid, nullable=False),
    Column("subject", Text, nullable=False),
    Column("version", Integer, nullable=False),
    _instant("at", nullable=False, server_default=NOW),
    Column("payload", JSONB, nullable=False),
    Column("request_id", Text, nullable=False, server_default=""),
    Column("state", Text, CheckConstraint("state IN ('waiting', 'done', 'dead')", name="state_is_known"),
           nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _instant("next_at", nullable=False, server_default=NOW),
    _instant("done_at"),
    Column("fault", Text),
    Index("delivery_due", "subscriber", "next_at", "id", postgresql_where=text("state = 'waiting'")),
    Index("delivery_done", "subscriber", "done_at", postgresql_where=text("state = 'done'")),
    Index("delivery_heads", "subscriber", "key", "id", postgresql_where=text("state IN ('waiting', 'dead')")),
    schema="news",
)  # fmt: skip

audit_entry = Table(
    "entry", Base.metadata,
    Column("id", Uuid, primary_key=True, server_default=UUID7),
    _instant("at", nullable=False, server_default=text("clock_timestamp()")),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("table", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("request_id", Text, nullable=False),
    Column("client", Text, nullable=False),
    Index("entry_by_time", "at", "id"),
    Index("entry_by_record", "record", "at", "id"),
    Index("entry_by_actor", "actor", "at", "id"),
    Index("entry_by_action", "action", "at", "id"),
    Index("entry_by_table", "service", "table", "at", "id"),
    Index("entry_by_request", "request_id"),
    Index("entry_by_number", text("(COALESCE(after, before) ->> 'number'::text)"),
          postgresql_where=text("(COALESCE(after, before) ->> 'number'::text) IS NOT NULL")),
    schema="audit",
)  # fmt: skip
