"""sla: agreements, their versions, and the terms of their contracts

Namespace: sla. Phase: expand.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.ground import audited, supplier_sees

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEXES = {
    "agreement_by_title": ["title_key", "id"],
    "agreement_by_time": ["created_at", "id"],
    "agreement_by_state": ["state", "created_at", "id"],
    "agreement_by_contract": ["contract_id", "id"],
    "agreement_by_contract_number": ["contract_number", "id"],
    "agreement_by_supplier": ["supplier_id", "created_at", "id"],
}


def upgrade() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("contract_id", sa.Uuid, sa.ForeignKey("contracts.contract.id"), nullable=False),
        sa.Column("contract_number", sa.Text, nullable=False),
        sa.Column("supplier_id", sa.Uuid, sa.ForeignKey("suppliers.supplier.id"), nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("in_force_at", sa.DateTime(timezone=True)),
        sa.Column("title_key", sa.Text(collation="C"), nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.UniqueConstraint("number", name="agreement_number_key"),
        sa.CheckConstraint("state IN ('draft', 'in_force', 'superseded', 'ended')", name="agreement_state_is_known"),
        sa.CheckConstraint("period = 'month'", name="agreement_period_is_known"),
        schema="sla",
    )
    for name, columns in INDEXES.items():
        op.create_index(name, "agreement", columns, schema="sla")
    op.create_index("agreement_grams", "agreement", ["grams"], schema="sla", postgresql_using="gin")
    op.create_table(
        "agreement_version",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("agreement_id", sa.Uuid, sa.ForeignKey("sla.agreement.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("targets", postgresql.JSONB, nullable=False),
        sa.Column("calendars", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.UniqueConstraint("agreement_id", "version", name="agreement_version_agreement_id_version_key"),
        sa.UniqueConstraint("agreement_id", "since", name="agreement_version_agreement_id_since_key"),
        schema="sla",
    )
    op.create_index(
        "agreement_version_calendars", "agreement_version", ["calendars"], schema="sla", postgresql_using="gin"
    )
    op.create_table(
        "contract_terms",
        sa.Column("contract_id", sa.Uuid, sa.ForeignKey("contracts.contract.id"), primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("supplier_id", sa.Uuid, sa.ForeignKey("suppliers.supplier.id"), nullable=False),
        sa.Column("supplier_number", sa.Text, nullable=False),
        sa.Column("supplier_name", sa.Text, nullable=False),
        sa.Column("supplier_legal_name", sa.Text, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("terms", postgresql.JSONB, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        schema="sla",
    )
    op.create_index("contract_terms_by_supplier", "contract_terms", ["supplier_number"], schema="sla")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON sla.agreement, sla.agreement_version TO svc_sla")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON sla.contract_terms TO svc_sla")
    supplier_sees("sla", "agreement", "supplier_id = app_supplier AND state <> 'draft'")
    supplier_sees(
        "sla", "agreement_version",
        "EXISTS (SELECT 1 FROM sla.agreement a WHERE a.id = agreement_id AND a.supplier_id = app_supplier"
        " AND a.state <> 'draft')",
    )  # fmt: skip
    supplier_sees("sla", "contract_terms", "supplier_id = app_supplier")
    audited("sla", "agreement", hidden=("search_text", "grams", "title_key"))
    audited("sla", "agreement_version", record="agreement_id")


def downgrade() -> None:
    for table in ("contract_terms", "agreement_version", "agreement"):
        op.drop_table(table, schema="sla")
