"""Profiles' connections to Trakt, and what their accounts there may still be asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    op.create_table(
        "trakt_connections",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("choices", sa.Text, nullable=False),
        sa.Column("sealed_app", sa.LargeBinary, nullable=False),
        sa.Column("sealed_code", sa.LargeBinary, nullable=True),
        sa.Column("user_code", sa.Text, nullable=False, server_default=""),
        sa.Column("verification_url", sa.Text, nullable=False, server_default=""),
        sa.Column("code_ends_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("poll_every_ms", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("poll_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("sealed_tokens", sa.LargeBinary, nullable=True),
        sa.Column("generation", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("refresh_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("ends_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("lease", sa.Text, nullable=False, server_default=""),
        sa.Column("lease_until", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("trakt_user", sa.Text, nullable=False, server_default=""),
        sa.Column("trakt_name", sa.Text, nullable=False, server_default=""),
        sa.Column("remark", sa.Text, nullable=False, server_default=""),
        sa.Column("connected_at", sa.BigInteger, nullable=True),
        sa.Column("synced_at", sa.BigInteger, nullable=True),
        sa.Column("asked_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.UniqueConstraint("account_id", "profile_id", name="trakt_connections_owner"),
    )
    op.create_index("trakt_connections_polls", "trakt_connections", ["state", "poll_at"])
    op.create_table(
        "trakt_budgets",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("strikes", sa.BigInteger, nullable=False, server_default="0"),
    )


def downgrade() -> None:
    op.drop_table("trakt_budgets")
    op.drop_index("trakt_connections_polls", table_name="trakt_connections")
    op.drop_table("trakt_connections")
