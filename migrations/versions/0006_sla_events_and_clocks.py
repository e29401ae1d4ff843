"""sla: sources, events, tickets, clocks, breaches

Namespace: sla. Phase: expand.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.ground import audited, supplier_sees

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PARTITIONS = 8
KEY = sa.Text(collation="C")  # compared by bytes: fast, and the order that the rules know


def _instant(name: str, *, nullable: bool = True, now: bool = False) -> "sa.Column[object]":
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def upgrade() -> None:
    _sources()
    _events()
    _clocks()
    _breaches()
    _work()
    _grants()


def _sources() -> None:
    op.create_table(
        "source",
        sa.Column("code", KEY, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("agreement_id", sa.Uuid, sa.ForeignKey("sla.agreement.id")),
        sa.Column("silent_after_seconds", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
        _instant("created_at", nullable=False, now=True),
        _instant("updated_at", nullable=False, now=True),
        sa.CheckConstraint("code ~ '^[a-z0-9-]{1,60}$'", name="source_code_is_plain"),
        sa.CheckConstraint("silent_after_seconds > 0", name="source_silence_is_positive"),
        schema="sla",
    )
    op.create_index("source_by_agreement", "source", ["agreement_id"], schema="sla")
    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.BigInteger, sa.Identity(always=False), nullable=False),
        _instant("received_at", nullable=False),
        sa.Column("actor_id", sa.Uuid, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("accepted", sa.Integer, nullable=False),
        sa.Column("duplicates", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Integer, nullable=False),
        sa.Column("tickets", sa.Integer, nullable=False),
        sa.UniqueConstraint("seq", name="batch_seq_key"),
        schema="sla",
    )
    op.create_table(
        "source_activity",
        sa.Column("source", KEY, sa.ForeignKey("sla.source.code"), primary_key=True),
        sa.Column("events", sa.BigInteger, nullable=False),
        _instant("last_received_at"),
        schema="sla",
    )
    op.create_table(
        "source_hour",
        sa.Column("source", KEY, sa.ForeignKey("sla.source.code"), primary_key=True),
        sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("accepted", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Integer, nullable=False),
        schema="sla",
    )
    op.create_table(
        "rejection",
        sa.Column("source", KEY, sa.ForeignKey("sla.source.code"), primary_key=True),
        sa.Column("batch", sa.BigInteger, primary_key=True),
        _instant("at", nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        schema="sla",
    )
    op.create_index("rejection_by_time", "rejection", ["source", "at"], schema="sla")
    audited("sla", "source", record="code")
    audited("sla", "batch")


def _events() -> None:
    op.create_table(
        "ticket_event",
        sa.Column("source", KEY, primary_key=True),
        sa.Column("ticket", KEY, primary_key=True),
        sa.Column("event_id", KEY, primary_key=True),
        _instant("occurred_at", nullable=False),
        sa.Column("sequence", sa.BigInteger),
        sa.Column("batch", sa.BigInteger, nullable=False),
        sa.Column("agreement_id", sa.Uuid),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("attributes", postgresql.JSON, nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("url", sa.Text),
        sa.Column("corrects", sa.Text),
        sa.Column("withdraws", sa.Text),
        schema="sla",
        postgresql_partition_by="HASH (source, ticket)",
    )
    for place in range(PARTITIONS):
        op.execute(
            f"CREATE TABLE sla.ticket_event_{place} PARTITION OF sla.ticket_event"
            f" FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {place})"
        )


def _clocks() -> None:
    op.create_table(
        "ticket",
        sa.Column("source", KEY, primary_key=True),
        sa.Column("ticket", KEY, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("agreement_id", sa.Uuid, sa.ForeignKey("sla.agreement.id")),
        sa.Column("supplier_id", sa.Uuid),
        sa.Column("fold", sa.LargeBinary),
        sa.Column("is_open", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("events", sa.Integer, nullable=False, server_default="0"),
        _instant("first_at"),
        _instant("last_at"),
        _instant("next_transition"),
        _instant("evaluated_at"),
        sa.UniqueConstraint("id", name="ticket_id_key"),
        schema="sla",
    )
    op.create_index("ticket_by_agreement", "ticket", ["agreement_id", "source", "ticket"], schema="sla")
    op.create_index("ticket_by_last", "ticket", ["last_at", "id"], schema="sla")
    op.create_index("ticket_by_agreement_and_last", "ticket", ["agreement_id", "last_at", "id"], schema="sla")
    op.create_index("ticket_by_number", "ticket", ["ticket", "id"], schema="sla")
    op.create_index("ticket_by_agreement_and_number", "ticket", ["agreement_id", "ticket", "id"], schema="sla")
    op.create_index("ticket_by_supplier_and_last", "ticket", ["supplier_id", "last_at", "id"], schema="sla")
    op.create_index("ticket_by_supplier_and_number", "ticket", ["supplier_id", "ticket", "id"], schema="sla")
    op.create_index("ticket_open", "ticket", ["last_at", "id"], schema="sla", postgresql_where=sa.text("is_open"))
    op.create_index(
        "ticket_due", "ticket", ["next_transition"], schema="sla",
        postgresql_where=sa.text("next_transition IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "clock_cycle",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("source", KEY, nullable=False),
        sa.Column("ticket", KEY, nullable=False),
        sa.Column("target", KEY, nullable=False),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("agreement_id", sa.Uuid, sa.ForeignKey("sla.agreement.id"), nullable=False),
        sa.Column("supplier_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        _instant("started_at", nullable=False),
        _instant("ended_at"),
        sa.Column("goal_seconds", sa.Integer),
        sa.Column("elapsed_seconds", sa.BigInteger, nullable=False),
        sa.Column("paused_seconds", sa.BigInteger, nullable=False),
        _instant("due_at"),
        _instant("breached_at"),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("warnings", postgresql.JSONB, nullable=False),
        sa.Column("agreement_version", sa.Integer, nullable=False),
        sa.Column("calendar", sa.Text, nullable=False),
        sa.Column("calendar_version", sa.Integer, nullable=False),
        _instant("measured_at", nullable=False),
        sa.UniqueConstraint("source", "ticket", "target", "cycle", name="clock_cycle_source_ticket_target_cycle_key"),
        schema="sla",
    )
    for name, columns in {
        "clock_cycle_by_agreement": ["agreement_id", "started_at", "id"],
        "clock_cycle_by_start": ["started_at", "id"],
        "clock_cycle_by_due": ["due_at", "id"],
        "clock_cycle_by_end": ["ended_at", "id"],
        "clock_cycle_by_agreement_and_due": ["agreement_id", "due_at", "id"],
        "clock_cycle_by_supplier_and_due": ["supplier_id", "due_at", "id"],
        "clock_cycle_by_supplier": ["supplier_id", "started_at", "id"],
        "clock_cycle_by_target": ["target", "started_at", "id"],
        "clock_cycle_by_state": ["state", "started_at", "id"],
    }.items():
        op.create_index(name, "clock_cycle", columns, schema="sla")
    for name, columns in {
        "clock_cycle_open_by_due": ["due_at", "id"],
        "clock_cycle_open_by_agreement": ["agreement_id", "due_at", "id"],
        "clock_cycle_open_by_supplier": ["supplier_id", "due_at", "id"],
    }.items():
        op.create_index(name, "clock_cycle", columns, schema="sla", postgresql_where=sa.text("is_open"))
    op.create_index(
        "clock_cycle_by_breach", "clock_cycle", ["breached_at", "id"], schema="sla",
        postgresql_where=sa.text("breached_at IS NOT NULL"),
    )  # fmt: skip


def _breaches() -> None:
    op.create_table(
        "transition",
        sa.Column("source", KEY, primary_key=True),
        sa.Column("ticket", KEY, primary_key=True),
        sa.Column("target", KEY, primary_key=True),
        sa.Column("cycle", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", KEY, primary_key=True),
        _instant("at", nullable=False),
        sa.Column("sent", sa.Boolean, nullable=False),
        _instant("recorded_at", nullable=False),
        schema="sla",
    )
    op.create_table(
        "breach",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("ticket", KEY, nullable=False),
        sa.Column("target", KEY, nullable=False),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("agreement_id", sa.Uuid, sa.ForeignKey("sla.agreement.id"), nullable=False),
        sa.Column("supplier_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("excluded", sa.Boolean, nullable=False, server_default="false"),
        _instant("breached_at", nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("sent", sa.Boolean, nullable=False),
        _instant("created_at", nullable=False),
        _instant("updated_at", nullable=False),
        sa.UniqueConstraint("number", name="breach_number_key"),
        sa.UniqueConstraint("source", "ticket", "target", "cycle", name="breach_source_ticket_target_cycle_key"),
        sa.CheckConstraint("state IN ('standing', 'withdrawn', 'excluded')", name="breach_state_is_known"),
        schema="sla",
    )
    for name, columns in {
        "breach_by_time": ["breached_at", "id"],
        "breach_by_agreement": ["agreement_id", "breached_at", "id"],
        "breach_by_period": ["agreement_id", "period", "breached_at", "id"],
        "breach_by_state": ["state", "breached_at", "id"],
        "breach_by_supplier": ["supplier_id", "breached_at", "id"],
        "breach_by_agreement_and_number": ["agreement_id", "number", "id"],
        "breach_by_supplier_and_number": ["supplier_id", "number", "id"],
        "breach_by_target": ["target", "breached_at", "id"],
        "breach_by_label": ["period", "breached_at", "id"],
    }.items():
        op.create_index(name, "breach", columns, schema="sla")
    op.create_table(
        "breach_version",
        sa.Column("breach_id", sa.Uuid, sa.ForeignKey("sla.breach.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.Text, nullable=False),
        _instant("breached_at", nullable=False),
        sa.Column("event_id", sa.Text),
        _instant("at", nullable=False),
        schema="sla",
    )


def _work() -> None:
    op.create_table(
        "dirty",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("source", KEY, primary_key=True),
        sa.Column("ticket", KEY, primary_key=True),
        schema="sla",
    )
    op.create_index("dirty_by_ticket", "dirty", ["source", "ticket"], schema="sla")
    op.create_table(
        "sweep",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("agreement_id", sa.Uuid, sa.ForeignKey("sla.agreement.id")),
        sa.Column("source", KEY, sa.ForeignKey("sla.source.code")),
        sa.Column("refold", sa.Boolean, nullable=False),
        sa.Column("after_source", KEY, nullable=False, server_default=""),
        sa.Column("after_ticket", KEY, nullable=False, server_default=""),
        _instant("made_at", nullable=False),
        sa.CheckConstraint("(agreement_id IS NULL) <> (source IS NULL)", name="sweep_is_of_one_thing"),
        schema="sla",
    )
    op.create_table(
        "period_recheck",
        sa.Column("agreement_id", sa.Uuid, sa.ForeignKey("sla.agreement.id"), primary_key=True),
        sa.Column("from_period", sa.Text, nullable=False),
        _instant("asked_at", nullable=False),
        schema="sla",
    )


def _grants() -> None:
    op.execute("GRANT SELECT, INSERT, UPDATE ON sla.source, sla.source_activity, sla.source_hour TO svc_sla")
    op.execute("GRANT SELECT, INSERT ON sla.batch, sla.rejection TO svc_sla")
    op.execute("GRANT USAGE ON SEQUENCE sla.batch_seq_seq TO svc_sla")
    # The events are the truth: nobody changes one, or takes one away.
    op.execute("GRANT SELECT, INSERT ON sla.ticket_event TO svc_sla")
    op.execute("GRANT SELECT, INSERT, UPDATE ON sla.ticket, sla.clock_cycle, sla.breach TO svc_sla")
    op.execute("GRANT SELECT, INSERT ON sla.transition, sla.breach_version TO svc_sla")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON sla.dirty, sla.sweep, sla.period_recheck TO svc_sla")
    for table in ("ticket", "clock_cycle", "breach"):
        supplier_sees("sla", table, "supplier_id = app_supplier")
    supplier_sees(
        "sla", "ticket_event",
        "EXISTS (SELECT 1 FROM sla.ticket t WHERE t.source = ticket_event.source AND t.ticket = ticket_event.ticket"
        " AND t.supplier_id = app_supplier)",
    )  # fmt: skip
    supplier_sees(
        "sla", "breach_version",
        "EXISTS (SELECT 1 FROM sla.breach b WHERE b.id = breach_id AND b.supplier_id = app_supplier)",
    )  # fmt: skip
    # When an event came in, and in which batch, stands beside it; who sent the batch does not.
    op.execute("GRANT SELECT (id, seq, received_at) ON sla.batch TO sla_supplier")
    op.execute("GRANT SELECT (code, name, agreement_id) ON sla.source TO sla_supplier")


def downgrade() -> None:
    for table in (
        "period_recheck", "sweep", "dirty", "breach_version", "breach", "transition", "clock_cycle",
        "ticket_event", "ticket", "rejection", "source_hour", "source_activity", "batch", "source",
    ):  # fmt: skip
        op.drop_table(table, schema="sla")
