"""sla: calendars, with China's built in

Namespace: sla. Phase: expand.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.china import calendars
from migrations.ground import audited, lay_ground

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lay_ground("sla")
    calendar = op.create_table(
        "calendar",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.UniqueConstraint("code", name="calendar_code_key"),
        sa.CheckConstraint("code ~ '^[a-z0-9-]{1,60}$'", name="calendar_code_is_plain"),
        schema="sla",
    )
    version = op.create_table(
        "calendar_version",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("calendar_id", sa.Uuid, sa.ForeignKey("sla.calendar.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("text", postgresql.JSONB, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.UniqueConstraint("calendar_id", "version", name="calendar_version_calendar_id_version_key"),
        schema="sla",
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON sla.calendar TO svc_sla")
    op.execute("GRANT SELECT, INSERT ON sla.calendar_version TO svc_sla")
    # A supplier's user reads ledgers, which are derived from calendars: hours and holidays are nobody's secret.
    op.execute("GRANT USAGE ON SCHEMA sla TO sla_supplier")
    op.execute("GRANT SELECT ON sla.calendar, sla.calendar_version TO sla_supplier")
    audited("sla", "calendar")
    audited("sla", "calendar_version", record="calendar_id")
    _build_in(calendar, version)


def _build_in(calendar: sa.Table, version: sa.Table) -> None:
    op.execute(
        "SELECT set_config('heyue.actor', 'system:migration', true),"
        " set_config('heyue.action', 'calendar.create', true)"
    )
    new_id = sa.func.uuidv7()
    for code, name, text in calendars():
        op.execute(calendar.insert().values(id=new_id, code=code, name=name, version=1))
        its_id = sa.select(calendar.c.id).where(calendar.c.code == code).scalar_subquery()
        op.execute(
            version.insert().values(id=new_id, calendar_id=its_id, version=1, text=text, made_by="system:migration")
        )


def downgrade() -> None:
    op.execute("DROP SCHEMA sla CASCADE")
