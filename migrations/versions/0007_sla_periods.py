"""sla: decisions on breaches; periods and credits

Namespace: sla. Phase: expand.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.ground import audited, supplier_sees

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.Text(collation="C")


def _instant(name: str, **options: object) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), **options)  # type: ignore[arg-type]  # the stubs name each option


def upgrade() -> None:
    op.create_table(
        "exclusion",
        sa.Column("breach_id", sa.Uuid, sa.ForeignKey("sla.breach.id"), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_by_id", sa.Uuid, nullable=False),
        _instant("asked_at", nullable=False),
        schema="sla",
    )
    op.create_index("exclusion_by_time", "exclusion", ["asked_at", "breach_id"], schema="sla")
    op.create_table(
        "breach_decision",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("breach_id", sa.Uuid, sa.ForeignKey("sla.breach.id"), nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("by_id", sa.Uuid, nullable=False),
        _instant("at", nullable=False),
        sa.CheckConstraint(
            "action IN ('acknowledge', 'exclude', 'confirm', 'refuse', 'reinstate')",
            name="breach_decision_action_is_known",
        ),
        schema="sla",
    )
    op.create_index("breach_decision_by_breach", "breach_decision", ["breach_id", "id"], schema="sla")
    op.create_table(
        "period",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("agreement_id", sa.Uuid, sa.ForeignKey("sla.agreement.id"), nullable=False),
        sa.Column("supplier_id", sa.Uuid, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("restatable", sa.Boolean, nullable=False),
        _instant("begins", nullable=False),
        _instant("ends", nullable=False),
        sa.Column("contract", sa.Text, nullable=False),
        sa.Column("monthly_charge", sa.Numeric(20, 4), nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("at_risk_share", sa.Numeric(12, 10), nullable=False),
        sa.Column("credit_total", sa.Numeric(20, 4), nullable=False),
        sa.Column("targets", postgresql.JSONB, nullable=False),
        sa.Column("credits", postgresql.JSONB, nullable=False),
        sa.Column("judged_by", postgresql.JSONB, nullable=False),
        sa.Column("counted", sa.Text, nullable=False),
        sa.Column("closed_by", sa.Text, nullable=False),
        _instant("closed_at", nullable=False),
        sa.UniqueConstraint("agreement_id", "period", name="period_agreement_id_period_key"),
        schema="sla",
    )
    op.create_index("period_by_label", "period", ["period", "id"], schema="sla")
    op.create_index("period_by_supplier", "period", ["supplier_id", "period", "id"], schema="sla")
    op.create_index("period_by_closing", "period", ["closed_at", "id"], schema="sla")
    op.create_index(
        "period_restatable", "period", ["closed_at", "id"], schema="sla", postgresql_where=sa.text("restatable")
    )
    op.create_table(
        "period_cycle",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("period_id", sa.Uuid, sa.ForeignKey("sla.period.id"), nullable=False),
        sa.Column("target", KEY, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("ticket", KEY, nullable=False),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False),
        _instant("at", nullable=False),
        sa.Column("fold", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint(
            "period_id", "target", "source", "ticket", "cycle",
            name="period_cycle_period_id_target_source_ticket_cycle_key",
        ),
        schema="sla",
    )  # fmt: skip
    op.create_index("period_cycle_by_time", "period_cycle", ["period_id", "at", "id"], schema="sla")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON sla.exclusion TO svc_sla")
    op.execute("GRANT SELECT, INSERT ON sla.breach_decision, sla.period_cycle TO svc_sla")
    op.execute("GRANT SELECT, INSERT, UPDATE ON sla.period TO svc_sla")
    own_breach = "EXISTS (SELECT 1 FROM sla.breach b WHERE b.id = breach_id AND b.supplier_id = app_supplier)"
    # Asked of each of the few that are undecided: EXISTS would be answered from a list of all the firm's breaches.
    supplier_sees("sla", "exclusion", "(SELECT b.supplier_id FROM sla.breach b WHERE b.id = breach_id) = app_supplier")
    supplier_sees("sla", "breach_decision", own_breach)
    supplier_sees("sla", "period", "supplier_id = app_supplier")
    supplier_sees(
        "sla", "period_cycle",
        "EXISTS (SELECT 1 FROM sla.period p WHERE p.id = period_id AND p.supplier_id = app_supplier)",
    )  # fmt: skip
    audited("sla", "exclusion", record="breach_id")
    audited("sla", "breach_decision", record="breach_id")
    audited("sla", "period")


def downgrade() -> None:
    for table in ("period_cycle", "period", "breach_decision", "exclusion"):
        op.drop_table(table, schema="sla")
