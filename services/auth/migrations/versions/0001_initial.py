"""Accounts with their profiles, what proves an identity, what signs one, and what happened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    _people()
    _proofs()
    _install_tokens()
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.Text, primary_key=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "login_attempts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("failed_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
    )
    op.create_index("audit_log_by_account", "audit_log", ["account_id", "at"])
    op.create_index("audit_log_by_time", "audit_log", ["at"])


def _people() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("username_key", sa.Text, nullable=False, unique=True),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    # Two set-ups at the same moment: the database itself lets one owner in.
    is_owner = sa.text("role = 'owner'")
    op.create_index(
        "accounts_one_owner",
        "accounts",
        ["role"],
        unique=True,
        sqlite_where=is_owner,
        postgresql_where=is_owner,
    )
    op.create_table(
        "profiles",
        sa.Column("id", sa.Text, primary_key=True),
        _account(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    is_default = sa.text("is_default")
    op.create_index(
        "profiles_one_default",
        "profiles",
        ["account_id"],
        unique=True,
        sqlite_where=is_default,
        postgresql_where=is_default,
    )


def _proofs() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text, primary_key=True),
        _account(),
        _profile(),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "refresh_families",
        sa.Column("id", sa.Text, primary_key=True),
        _account(),
        _profile(),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger, nullable=True),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column(
            "family_id", sa.Text, sa.ForeignKey("refresh_families.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=True),
    )
    op.create_index("refresh_tokens_by_family", "refresh_tokens", ["family_id"])


def _install_tokens() -> None:
    op.create_table(
        "install_tokens",
        sa.Column("id", sa.Text, primary_key=True),
        _account(),
        _profile(),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("sealed_token", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger, nullable=True),
    )
    works = sa.text("revoked_at IS NULL")
    op.create_index(
        "install_tokens_one_that_works",
        "install_tokens",
        ["profile_id"],
        unique=True,
        sqlite_where=works,
        postgresql_where=works,
    )


def _account() -> sa.Column[str]:
    reference = sa.ForeignKey("accounts.id", ondelete="CASCADE")
    return sa.Column("account_id", sa.Text, reference, nullable=False)


def _profile() -> sa.Column[str]:
    reference = sa.ForeignKey("profiles.id", ondelete="CASCADE")
    return sa.Column("profile_id", sa.Text, reference, nullable=False)


def downgrade() -> None:
    tables = "audit_log login_attempts signing_keys install_tokens refresh_tokens refresh_families sessions"
    for table in (*tables.split(), "profiles", "accounts"):
        op.drop_table(table)
