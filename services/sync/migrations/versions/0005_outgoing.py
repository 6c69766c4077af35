"""What was watched here and is to reach a connected account elsewhere, and who sends it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    op.create_table(
        "outgoing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("share", sa.Float(53), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("sent_at", sa.BigInteger, nullable=False),
        sa.Column("landed_at", sa.BigInteger, nullable=True),
        sa.Column("reason", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    # An event may be told twice. Its number alone is used again where streaming's tables begin anew.
    op.create_index("outgoing_event", "outgoing", ["seq", "at"], unique=True)
    op.create_index("outgoing_of", "outgoing", ["account_id", "profile_id", "state", "seq"])
    op.create_index("outgoing_items", "outgoing", ["account_id", "profile_id", "item", "state"])
    op.create_index("outgoing_states", "outgoing", ["state", "sent_at"])
    op.create_table(
        "outgoing_senders",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("lease_owner", sa.Text, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("dropped", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("outgoing_senders")
    op.drop_table("outgoing")
