"""sla: calendars

Namespace: sla. Phase: expand.
"""

from alembic import op

from migrations.ground import lay_ground

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lay_ground("sla")


def downgrade() -> None:
    op.execute("DROP SCHEMA sla CASCADE")
