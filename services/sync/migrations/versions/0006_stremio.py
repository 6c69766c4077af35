"""Profiles' connections to Stremio accounts, what is to be changed there, and their lists as they were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    op.create_table(
        "stremio_connections",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("choices", sa.Text, nullable=False),
        sa.Column("sealed_key", sa.LargeBinary, nullable=True),
        sa.Column("sealed_code", sa.LargeBinary, nullable=True),
        sa.Column("code_ends_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("ask_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("stremio_user", sa.Text, nullable=False, server_default=""),
        sa.Column("stremio_name", sa.Text, nullable=False, server_default=""),
        sa.Column("connected_at", sa.BigInteger, nullable=True),
        sa.Column("synced_at", sa.BigInteger, nullable=True),
        sa.Column("written_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.UniqueConstraint("account_id", "profile_id", name="stremio_connections_owner"),
    )
    op.create_index("stremio_connections_asks", "stremio_connections", ["state", "ask_at"])
    op.create_table(
        "stremio_plans",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("problem", sa.Text, nullable=False, server_default=""),
        sa.Column("sealed_body", sa.LargeBinary, nullable=False),
        sa.Column("sealed_progress", sa.LargeBinary, nullable=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=True),
    )
    op.create_index("stremio_plans_of", "stremio_plans", ["account_id", "profile_id", "created_at"])
    op.create_table(
        "stremio_backups",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("stremio_user", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("addons", sa.BigInteger, nullable=False),
        sa.Column("sealed_body", sa.LargeBinary, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )
    op.create_index("stremio_backups_of", "stremio_backups", ["account_id", "profile_id", "made_at"])
    op.create_table(
        "stremio_items",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("item_id", sa.Text, primary_key=True),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("stremio_items")
    op.drop_index("stremio_backups_of", table_name="stremio_backups")
    op.drop_table("stremio_backups")
    op.drop_index("stremio_plans_of", table_name="stremio_plans")
    op.drop_table("stremio_plans")
    op.drop_index("stremio_connections_asks", table_name="stremio_connections")
    op.drop_table("stremio_connections")
