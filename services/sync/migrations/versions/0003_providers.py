"""Runs about one account at a provider, and what its owner has settled about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"

UNFINISHED = sa.text("state IN ('queued', 'running')")


def upgrade() -> None:
    for name in ("profile_id", "subject"):
        op.add_column("job_runs", sa.Column(name, sa.Text, nullable=False, server_default=""))
    _unfinished("kind", "account_id", "subject")
    op.create_index("job_runs_subject", "job_runs", ["subject", "kind", "created_at"])
    op.create_table(
        "sync_settings",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("sealed_webhook", sa.LargeBinary, nullable=True),
    )
    op.create_table(
        "sealed_with",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("proof", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "sync_networks",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("metered", sa.Boolean, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("sync_networks")
    op.drop_table("sealed_with")
    op.drop_table("sync_settings")
    op.drop_index("job_runs_subject", table_name="job_runs")
    op.execute("DELETE FROM job_runs WHERE subject <> ''")
    _unfinished("kind", "account_id")
    for name in ("subject", "profile_id"):
        op.drop_column("job_runs", name)


def _unfinished(*columns: str) -> None:
    op.drop_index("job_runs_unfinished", table_name="job_runs")
    op.create_index(
        "job_runs_unfinished",
        "job_runs",
        list(columns),
        unique=True,
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
