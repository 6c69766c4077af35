"""What IPTV apps sign in with: a user name and a password per profile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    op.create_table(
        "player_logins",
        sa.Column("id", sa.Text, primary_key=True),
        _reference("account_id", "accounts.id"),
        _reference("profile_id", "profiles.id", unique=True),
        sa.Column("username", sa.Text, nullable=False, unique=True),
        sa.Column("proof_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("sealed_password", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("player_logins_by_account", "player_logins", ["account_id"])


def _reference(column: str, target: str, *, unique: bool = False) -> sa.Column[str]:
    reference = sa.ForeignKey(target, ondelete="CASCADE")
    return sa.Column(column, sa.Text, reference, nullable=False, unique=unique)


def downgrade() -> None:
    op.drop_table("player_logins")
