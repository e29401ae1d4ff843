"""suppliers: the register

Namespace: suppliers. Phase: expand.
"""

from alembic import op

from migrations.ground import lay_ground

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lay_ground("suppliers")


def downgrade() -> None:
    op.execute("DROP SCHEMA suppliers CASCADE")
