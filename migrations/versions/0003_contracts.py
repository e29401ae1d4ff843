"""contracts: contracts, their terms, and copies of suppliers' states

Namespace: contracts. Phase: expand.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.ground import audited, lay_ground, supplier_sees

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEXES = {
    "contract_by_title": ["title_key", "id"],
    "contract_by_end": ["ends_on", "id"],
    "contract_by_start": ["starts_on", "id"],
    "contract_by_state": ["state", "id"],
    "contract_by_state_and_end": ["state", "ends_on", "id"],
    "contract_by_value": ["value", "id"],
    "contract_by_time": ["created_at", "id"],
    "contract_by_supplier": ["supplier_id", "created_at", "id"],
    "contract_by_supplier_name": ["supplier_key", "id"],
    "contract_by_owner": ["owner", "id"],
}


def upgrade() -> None:
    lay_ground("contracts")
    op.create_table(
        "contract",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("supplier_id", sa.Uuid, sa.ForeignKey("suppliers.supplier.id"), nullable=False),
        sa.Column("supplier_name", sa.Text, nullable=False),
        sa.Column("supplier_key", sa.Text(collation="C"), nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("value", sa.Numeric(20, 4), nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("title_key", sa.Text(collation="C"), nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.UniqueConstraint("number", name="contract_number_key"),
        sa.CheckConstraint("state IN ('draft', 'active', 'ended')", name="contract_state_is_known"),
        sa.CheckConstraint("type IN ('ITO', 'BPO', 'KPO')", name="contract_type_is_known"),
        sa.CheckConstraint("ends_on >= starts_on", name="contract_term_is_positive"),
        sa.CheckConstraint("value >= 0", name="contract_value_is_not_negative"),
        schema="contracts",
    )
    for name, columns in INDEXES.items():
        op.create_index(name, "contract", columns, schema="contracts")
    op.create_index("contract_grams", "contract", ["grams"], schema="contracts", postgresql_using="gin")
    op.create_table(
        "term",
        sa.Column("contract_id", sa.Uuid, sa.ForeignKey("contracts.contract.id"), primary_key=True),
        sa.Column("starts_on", sa.Date, primary_key=True),
        sa.Column("monthly_charge", sa.Numeric(20, 4), nullable=False),
        sa.Column("at_risk_share", sa.Numeric(12, 10), nullable=False),
        sa.CheckConstraint("monthly_charge >= 0", name="term_charge_is_not_negative"),
        sa.CheckConstraint("at_risk_share >= 0 AND at_risk_share <= 1", name="term_share_is_a_share"),
        schema="contracts",
    )
    op.create_table(
        "supplier_state",
        sa.Column("supplier_id", sa.Uuid, sa.ForeignKey("suppliers.supplier.id"), primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("legal_name", sa.Text, nullable=False),
        sa.Column("short_name", sa.Text, nullable=False),
        sa.Column("credit_code", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        schema="contracts",
    )
    op.create_index("supplier_state_by_number", "supplier_state", ["number"], schema="contracts")
    op.create_table(
        "external_ref",
        sa.Column("system", sa.Text, primary_key=True),
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("contract_id", sa.Uuid, sa.ForeignKey("contracts.contract.id"), nullable=False),
        schema="contracts",
    )
    op.create_index("external_ref_by_contract", "external_ref", ["contract_id"], schema="contracts")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA contracts TO svc_contracts")
    op.execute("REVOKE DELETE ON contracts.event, contracts.sealer, contracts.supplier_state FROM svc_contracts")
    op.execute("REVOKE UPDATE ON contracts.event FROM svc_contracts")
    op.execute("GRANT UPDATE (pos) ON contracts.event TO svc_contracts")
    supplier_sees("contracts", "contract", "supplier_id = app_supplier AND state <> 'draft'")
    supplier_sees("contracts", "supplier_state", "supplier_id = app_supplier")
    supplier_sees(
        "contracts", "term",
        "EXISTS (SELECT 1 FROM contracts.contract c WHERE c.id = contract_id AND c.supplier_id = app_supplier)",
    )  # fmt: skip
    audited("contracts", "contract", hidden=("search_text", "grams", "title_key", "supplier_key"))
    audited("contracts", "term", record="contract_id")
    audited("contracts", "external_ref", record="contract_id")


def downgrade() -> None:
    op.execute("DROP SCHEMA contracts CASCADE")
