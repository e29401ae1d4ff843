"""gateway: people, sessions, keys

Namespace: gateway. Phase: expand.
"""

from alembic import op

from migrations.ground import lay_ground

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lay_ground("gateway")


def downgrade() -> None:
    op.execute("DROP SCHEMA gateway CASCADE")
