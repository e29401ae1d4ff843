"""security: who reads the trail

Namespace: security. Phase: expand.
"""

from alembic import op

from migrations.ground import lay_ground

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lay_ground("security")


def downgrade() -> None:
    op.execute("DROP SCHEMA security CASCADE")
