"""How profiles want their sources: what they filter out and what comes first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "source_settings",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("settings", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("source_settings")
