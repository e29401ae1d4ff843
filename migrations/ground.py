"""What every namespace's first revision lays: the log, its sealer, the counters, the kept answers; and audit triggers.

Revisions may import this and nothing else of ours; what stands here is frozen like a revision.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def lay_ground(schema: str) -> None:
    """A namespace with what each service needs, and the grants of the service's own role."""
    op.execute(f"CREATE SCHEMA {schema}")
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("pos", sa.BigInteger),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("data", postgresql.JSONB, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False, server_default=""),
        schema=schema,
    )
    op.create_index(
        "event_by_pos", "event", ["pos"], unique=True, schema=schema, postgresql_where=sa.text("pos IS NOT NULL")
    )
    op.create_index("event_unsealed", "event", ["id"], schema=schema, postgresql_where=sa.text("pos IS NULL"))
    op.create_table(
        "sealer",
        sa.Column("one", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("pos", sa.BigInteger, nullable=False),
        sa.CheckConstraint("one = 1", name="sealer_is_the_only_row"),
        schema=schema,
    )
    op.execute(f"INSERT INTO {schema}.sealer VALUES (1, 0)")  # noqa: S608  # a name of our own
    op.create_table(
        "counter",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
        schema=schema,
    )
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.Uuid, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("claim", sa.Uuid, nullable=False, server_default=sa.text("uuidv7()")),
        sa.Column("status", sa.Integer),
        sa.Column("body", sa.LargeBinary),
        sa.Column("media_type", sa.Text),
        sa.Column("etag", sa.Text),
        sa.Column("location", sa.Text),
        schema=schema,
    )
    op.create_index("idempotency_by_age", "idempotency", ["at"], schema=schema)
    op.execute(f"GRANT USAGE ON SCHEMA {schema} TO svc_{schema}")
    # The log is append-only for its own service too, but for the sealer's position.
    op.execute(f"GRANT SELECT, INSERT ON {schema}.event TO svc_{schema}")
    op.execute(f"GRANT UPDATE (pos) ON {schema}.event TO svc_{schema}")
    op.execute(f"GRANT SELECT, UPDATE ON {schema}.sealer TO svc_{schema}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.counter, {schema}.idempotency TO svc_{schema}")


def audited(schema: str, table: str, record: str = "id", hidden: tuple[str, ...] = ()) -> None:
    """Write every change of the table to the audit trail.

    record: the column by which the entry is found (a child table names its parent's). hidden: columns that stay
    out of the trail.
    """
    arguments = ", ".join(f"'{name}'" for name in (record, *hidden))
    op.execute(
        f"CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON {schema}.{table}"
        f" FOR EACH ROW EXECUTE FUNCTION audit.write({arguments})"
    )


def supplier_sees(schema: str, table: str, condition: str) -> None:
    """The second wall: the service's own role sees all rows, its supplier role only those of `condition`.

    condition: SQL in which `app_supplier` stands for the caller's supplier id, as in `supplier_id = app_supplier`.
    Unset, it is NULL and shows nothing.
    """
    own = "(SELECT nullif(current_setting('heyue.supplier_id', true), '')::uuid)"
    op.execute(f"ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_service ON {schema}.{table} TO svc_{schema} USING (true) WITH CHECK (true)")
    op.execute(
        f"CREATE POLICY own_supplier ON {schema}.{table} FOR SELECT TO {schema}_supplier"
        f" USING ({condition.replace('app_supplier', own)})"
    )
    op.execute(f"GRANT USAGE ON SCHEMA {schema} TO {schema}_supplier")
    op.execute(f"GRANT SELECT ON {schema}.{table} TO {schema}_supplier")
