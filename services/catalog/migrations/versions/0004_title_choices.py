"""What owners say about entries: that two are the same title, or are not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    op.create_table(
        "title_choices",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("one", sa.Text, primary_key=True),
        sa.Column("other", sa.Text, primary_key=True),
        sa.Column("same", sa.Boolean, nullable=False),
        sa.Column("chosen_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "profile_id"],
            ["addon_lists.account_id", "addon_lists.profile_id"],
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    op.drop_table("title_choices")
