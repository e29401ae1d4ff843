"""news and audit: the bridge between services, and the trail of every change

Namespaces: news, audit. Phase: expand.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICES = ("contracts", "suppliers", "sla", "security", "gateway")

WRITE = """
CREATE FUNCTION audit.write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    was jsonb := CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE to_jsonb(OLD) END;
    is_now jsonb := CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) END;
    place int;
BEGIN
    IF was IS NOT DISTINCT FROM is_now THEN
        RETURN NULL;
    END IF;
    FOR place IN 1 .. TG_NARGS - 1 LOOP
        was := was - TG_ARGV[place];
        is_now := is_now - TG_ARGV[place];
    END LOOP;
    INSERT INTO audit.entry (actor, action, service, "table", record, before, after, request_id, client)
    VALUES (
        coalesce(nullif(current_setting('heyue.actor', true), ''), session_user::text),
        coalesce(nullif(current_setting('heyue.action', true), ''), lower(TG_OP)),
        TG_TABLE_SCHEMA, TG_TABLE_NAME, coalesce(is_now, was) ->> TG_ARGV[0], was, is_now,
        coalesce(current_setting('heyue.request_id', true), ''), coalesce(current_setting('heyue.client', true), '')
    );
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA news")
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("subscriber", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("payload", postgresql.JSONB, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False, server_default=""),
        sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("fault", sa.Text),
        sa.CheckConstraint("state IN ('waiting', 'done', 'dead')", name="delivery_state_is_known"),
        schema="news",
    )
    op.create_index(
        "delivery_due", "delivery", ["subscriber", "next_at", "id"], schema="news",
        postgresql_where=sa.text("state = 'waiting'"),
    )  # fmt: skip
    op.create_index(
        "delivery_heads", "delivery", ["subscriber", "key", "id"], schema="news",
        postgresql_where=sa.text("state IN ('waiting', 'dead')"),
    )  # fmt: skip
    op.create_index(
        "delivery_done", "delivery", ["subscriber", "done_at"], schema="news",
        postgresql_where=sa.text("state = 'done'"),
    )  # fmt: skip
    op.execute("ALTER TABLE news.delivery ENABLE ROW LEVEL SECURITY")
    # A service tells whom it likes, and reads and marks only what is addressed to it.
    op.execute("CREATE POLICY told ON news.delivery FOR INSERT TO PUBLIC WITH CHECK (true)")
    op.execute(
        "CREATE POLICY addressed ON news.delivery FOR SELECT TO PUBLIC USING ('svc_' || subscriber = current_user)"
    )
    op.execute("CREATE POLICY marked ON news.delivery FOR UPDATE TO PUBLIC USING ('svc_' || subscriber = current_user)")
    op.execute(
        "CREATE POLICY swept ON news.delivery FOR DELETE TO PUBLIC"
        " USING ('svc_' || subscriber = current_user AND state = 'done')"
    )
    op.execute("CREATE SCHEMA audit")
    op.create_table(
        "entry",
        sa.Column("id", sa.Uuid, primary_key=True, server_default=sa.text("uuidv7()")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("table", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("before", postgresql.JSONB),
        sa.Column("after", postgresql.JSONB),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        schema="audit",
    )
    op.create_index("entry_by_time", "entry", ["at", "id"], schema="audit")
    op.create_index("entry_by_record", "entry", ["record", "at", "id"], schema="audit")
    op.create_index("entry_by_actor", "entry", ["actor", "at", "id"], schema="audit")
    op.create_index("entry_by_action", "entry", ["action", "at", "id"], schema="audit")
    op.create_index("entry_by_table", "entry", ["service", "table", "at", "id"], schema="audit")
    op.create_index("entry_by_request", "entry", ["request_id"], schema="audit")
    op.create_index(
        "entry_by_number", "entry", [sa.text("(COALESCE(after, before) ->> 'number'::text)")], schema="audit",
        postgresql_where=sa.text("(COALESCE(after, before) ->> 'number'::text) IS NOT NULL"),
    )  # fmt: skip
    op.execute(WRITE)
    for service in SERVICES:
        op.execute(f"GRANT USAGE ON SCHEMA news TO svc_{service}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON news.delivery TO svc_{service}")
    op.execute("GRANT USAGE ON SCHEMA audit TO svc_security")
    op.execute("GRANT SELECT ON audit.entry TO svc_security")
    # Owned by a role that nobody signs in as: no service can change the trail, nor the function that writes it.
    op.execute("GRANT USAGE, CREATE ON SCHEMA audit TO heyue_audit")
    op.execute("ALTER TABLE audit.entry OWNER TO heyue_audit")
    op.execute("ALTER FUNCTION audit.write() OWNER TO heyue_audit")
    op.execute("REVOKE CREATE ON SCHEMA audit FROM heyue_audit")
    # Else whoever may make a temporary table could hang the function on it and write entries of its own invention.
    op.execute("REVOKE EXECUTE ON FUNCTION audit.write() FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP SCHEMA audit CASCADE")
    op.execute("DROP SCHEMA news CASCADE")
