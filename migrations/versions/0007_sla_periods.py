"""sla: periods and credits

Namespace: sla. Phase: expand.
"""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by its subject."""


def downgrade() -> None:
    """Filled by its subject."""
