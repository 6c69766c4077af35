"""Each owner chooses where ratings are shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    op.create_table(
        "rating_choices",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Boolean, nullable=False)
            for name in ("rows", "titles", "episodes", "name", "description")
        ),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("template", "separator", "place")),
        sa.Column("minimum_votes", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "profile_id"],
            ["addon_lists.account_id", "addon_lists.profile_id"],
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    op.drop_table("rating_choices")
