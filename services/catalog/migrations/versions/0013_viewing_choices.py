"""Each owner chooses what rows show of what was watched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision: str | None = "0012"


def upgrade() -> None:
    op.create_table(
        "viewing_choices",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Boolean, nullable=False)
            for name in ("hide_watched", "description", "release_info")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "profile_id"],
            ["addon_lists.account_id", "addon_lists.profile_id"],
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    op.drop_table("viewing_choices")
