"""Rows get names, places and a switch for search, and several can be made one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    op.add_column("row_choices", sa.Column("name", sa.Text, nullable=False, server_default=""))
    op.add_column(
        "row_choices", sa.Column("searchable", sa.Boolean, nullable=False, server_default=sa.true())
    )
    op.add_column("row_choices", sa.Column("position", sa.Integer, nullable=True))
    op.create_table(
        "merged_rows",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("included", sa.Boolean, nullable=False),
        sa.Column("searchable", sa.Boolean, nullable=False),
        sa.Column("position", sa.Integer, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "profile_id"],
            ["addon_lists.account_id", "addon_lists.profile_id"],
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "merged_row_members",
        # A catalog is part of one merged row at most.
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("addon_id", sa.Text, sa.ForeignKey("addons.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("type", sa.Text, primary_key=True),
        sa.Column("catalog_id", sa.Text, primary_key=True),
        sa.Column("row_key", sa.Text, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "profile_id", "row_key"],
            ["merged_rows.account_id", "merged_rows.profile_id", "merged_rows.key"],
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    op.drop_table("merged_row_members")
    op.drop_table("merged_rows")
    for column in ("position", "searchable", "name"):
        op.drop_column("row_choices", column)
