"""suppliers: the register

Namespace: suppliers. Phase: expand.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.ground import audited, lay_ground, supplier_sees

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATES = "'candidate', 'screened', 'approved', 'suspended', 'blacklisted', 'retired'"


def upgrade() -> None:
    lay_ground("suppliers")
    op.create_table(
        "supplier",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("state_reason", sa.Text),
        sa.Column("legal_name", sa.Text, nullable=False),
        sa.Column("short_name", sa.Text, nullable=False),
        sa.Column("credit_code", sa.Text, nullable=False),
        sa.Column("scope", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("region", sa.Text),
        sa.Column("contacts", postgresql.JSONB, nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("initials", sa.Text, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("name_grams", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.UniqueConstraint("number", name="supplier_number_key"),
        sa.UniqueConstraint("credit_code", name="supplier_credit_code_key"),
        sa.CheckConstraint(f"state IN ({STATES})", name="supplier_state_is_known"),
        sa.CheckConstraint("char_length(credit_code) = 18", name="supplier_credit_code_is_whole"),
        schema="suppliers",
    )
    op.create_index("supplier_by_name", "supplier", ["name_key", "id"], schema="suppliers")
    op.create_index("supplier_by_state", "supplier", ["state", "id"], schema="suppliers")
    op.create_index("supplier_by_region", "supplier", ["region", "created_at", "id"], schema="suppliers")
    op.create_index(
        "supplier_by_initials", "supplier", ["initials"], schema="suppliers",
        postgresql_ops={"initials": "text_pattern_ops"},
    )  # fmt: skip
    op.create_index("supplier_by_time", "supplier", ["created_at", "id"], schema="suppliers")
    op.create_index("supplier_grams", "supplier", ["grams"], schema="suppliers", postgresql_using="gin")
    op.create_index("supplier_name_grams", "supplier", ["name_grams"], schema="suppliers", postgresql_using="gin")
    op.create_table(
        "external_ref",
        sa.Column("system", sa.Text, primary_key=True),
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("supplier_id", sa.Uuid, sa.ForeignKey("suppliers.supplier.id"), nullable=False),
        schema="suppliers",
    )
    op.create_index("external_ref_by_supplier", "external_ref", ["supplier_id"], schema="suppliers")
    op.execute("GRANT SELECT, INSERT, UPDATE ON suppliers.supplier, suppliers.external_ref TO svc_suppliers")
    supplier_sees("suppliers", "supplier", "id = app_supplier")
    audited("suppliers", "supplier", hidden=("search_text", "grams", "name_grams", "name_key", "initials"))
    audited("suppliers", "external_ref", record="supplier_id")


def downgrade() -> None:
    op.execute("DROP SCHEMA suppliers CASCADE")
