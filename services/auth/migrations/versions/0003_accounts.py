"""Several accounts: switched off, invited, with keys, with sessions that can be told apart, and removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("disabled_at", sa.BigInteger, nullable=True))
    op.create_index("accounts_by_time", "accounts", ["created_at", "id"])
    op.create_index("profiles_by_account", "profiles", ["account_id", "created_at"])
    _sessions()
    _invitations()
    _api_keys()
    op.create_table(
        "removals",
        sa.Column("id", sa.Text, primary_key=True),
        # No references: the rows they would name are gone.
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("profile_id", sa.Text, nullable=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("removals_by_time", "removals", ["at", "id"])


def _sessions() -> None:
    for table in ("sessions", "refresh_families"):
        for column in ("address", "client"):
            op.add_column(table, sa.Column(column, sa.Text, nullable=False, server_default=""))
        op.create_index(f"{table}_by_account", table, ["account_id"])
        op.create_index(f"{table}_by_profile", table, ["profile_id"])
    op.add_column(
        "refresh_families", sa.Column("seen_at", sa.BigInteger, nullable=False, server_default=sa.text("0"))
    )
    op.execute("UPDATE refresh_families SET seen_at = created_at")


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("code_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("tier", sa.Text, nullable=False),
        _reference("created_by", "accounts.id"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=True),
    )
    op.create_index("invitations_by_creator", "invitations", ["created_by"])


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text, primary_key=True),
        _reference("account_id", "accounts.id"),
        _reference("profile_id", "profiles.id"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("prefix", sa.Text, nullable=False),
        sa.Column("key_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=True),
        sa.Column("last_used_at", sa.BigInteger, nullable=True),
    )
    op.create_index("api_keys_by_account", "api_keys", ["account_id", "profile_id"])
    op.create_index("api_keys_by_profile", "api_keys", ["profile_id"])


def _reference(column: str, target: str) -> sa.Column[str]:
    return sa.Column(column, sa.Text, sa.ForeignKey(target, ondelete="CASCADE"), nullable=False)


def downgrade() -> None:
    for table in ("removals", "api_keys", "invitations"):
        op.drop_table(table)
    op.drop_column("refresh_families", "seen_at")
    for table in ("refresh_families", "sessions"):
        op.drop_index(f"{table}_by_profile", table)
        op.drop_index(f"{table}_by_account", table)
        for column in ("client", "address"):
            op.drop_column(table, column)
    op.drop_index("profiles_by_account", "profiles")
    op.drop_index("accounts_by_time", "accounts")
    op.drop_column("accounts", "disabled_at")
