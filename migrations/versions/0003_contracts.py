"""contracts: contracts, their terms, and copies of suppliers' states

Namespace: contracts. Phase: expand.
"""

from alembic import op

from migrations.ground import lay_ground

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lay_ground("contracts")


def downgrade() -> None:
    op.execute("DROP SCHEMA contracts CASCADE")
