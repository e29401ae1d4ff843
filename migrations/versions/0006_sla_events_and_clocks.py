"""sla: events, clocks, breaches

Namespace: sla. Phase: expand.
"""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by its subject."""


def downgrade() -> None:
    """Filled by its subject."""
