"""Addons of a profile, which of their rows are shown, and how they have been answering."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    _addons()
    _choices_and_health()


def _addons() -> None:
    op.create_table(
        "addon_lists",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("welcomed_at", sa.BigInteger, nullable=True),
    )
    op.create_table(
        "addons",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sealed_url", sa.LargeBinary, nullable=False),
        sa.Column("transport_hash", sa.Text, nullable=False),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.Column("manifest_hash", sa.Text, nullable=False),
        sa.Column("manifest_fetched_at", sa.BigInteger, nullable=False),
        sa.Column("manifest_next_at", sa.BigInteger, nullable=False),
        sa.Column("manifest_failures", sa.Integer, nullable=False),
        sa.Column("manifest_error", sa.Text, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("builtin", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("account_id", "profile_id", "key"),
        sa.UniqueConstraint("account_id", "profile_id", "transport_hash"),
    )
    op.create_index("addons_due", "addons", ["manifest_next_at"])


def _choices_and_health() -> None:
    op.create_table(
        "row_choices",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("addon_id", sa.Text, sa.ForeignKey("addons.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("type", sa.Text, primary_key=True),
        sa.Column("catalog_id", sa.Text, primary_key=True),
        sa.Column("included", sa.Boolean, nullable=False),
    )
    op.create_table(
        "addon_health",
        sa.Column("addon_id", sa.Text, sa.ForeignKey("addons.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("calls", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("failing_in_a_row", sa.Integer, nullable=False),
        sa.Column("latency_ms", sa.Float, nullable=True),
        sa.Column("last_answer_at", sa.BigInteger, nullable=True),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("error_at", sa.BigInteger, nullable=True),
    )


def downgrade() -> None:
    op.drop_table("addon_health")
    op.drop_table("row_choices")
    op.drop_index("addons_due", table_name="addons")
    op.drop_table("addons")
    op.drop_table("addon_lists")
