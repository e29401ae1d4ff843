"""gateway: people, sessions, keys

Namespace: gateway. Phase: expand.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.ground import audited, lay_ground

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _instant(name: str, **options: object) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), **options)  # type: ignore[arg-type]  # the stubs name each option


def upgrade() -> None:
    lay_ground("gateway")
    op.create_table(
        "user",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("roles", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("supplier_id", sa.Uuid, sa.ForeignKey("suppliers.supplier.id")),
        sa.Column("supplier_number", sa.Text),
        sa.Column("supplier_name", sa.Text),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("password_hash", sa.Text),
        _instant("password_changed_at"),
        sa.Column("failed_attempts", sa.Integer, nullable=False),
        _instant("locked_until"),
        sa.Column("language", sa.Text),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("theme", sa.Text, nullable=False),
        sa.Column("density", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _instant("created_at", nullable=False, server_default=sa.text("now()")),
        _instant("updated_at", nullable=False, server_default=sa.text("now()")),
        sa.UniqueConstraint("login", name="user_login_key"),
        schema="gateway",
    )
    op.create_index("user_by_name", "user", ["name", "id"], schema="gateway")
    op.create_index("user_by_time", "user", ["created_at", "id"], schema="gateway")
    op.create_table(
        "first_password",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("gateway.user.id"), nullable=False),
        _instant("expires_at", nullable=False),
        schema="gateway",
    )
    op.create_index("first_password_by_user", "first_password", ["user_id"], schema="gateway")
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("gateway.user.id"), nullable=False),
        _instant("created_at", nullable=False, server_default=sa.text("now()")),
        _instant("expires_at", nullable=False),
        schema="gateway",
    )
    op.create_index("session_by_user", "session", ["user_id"], schema="gateway")
    op.create_index("session_by_end", "session", ["expires_at"], schema="gateway")
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        _instant("created_at", nullable=False, server_default=sa.text("now()")),
        _instant("revoked_at"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("key_id", name="api_key_key_id_key"),
        schema="gateway",
    )
    op.create_index("api_key_by_time", "api_key", ["created_at", "id"], schema="gateway")
    op.execute(
        'GRANT SELECT, INSERT, UPDATE, DELETE ON gateway."user", gateway.first_password, gateway.session,'
        " gateway.api_key TO svc_gateway"
    )
    audited("gateway", '"user"', hidden=("password_hash",))
    audited("gateway", "first_password", record="user_id", hidden=("digest",))
    audited("gateway", "session", record="user_id", hidden=("digest",))
    audited("gateway", "api_key", hidden=("digest",))


def downgrade() -> None:
    op.execute("DROP SCHEMA gateway CASCADE")
