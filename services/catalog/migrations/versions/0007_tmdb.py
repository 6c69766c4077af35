"""An account's key of TMDB, what each profile chose beside it, and what TMDB told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    op.create_table(
        "tmdb_keys",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("sealed_key", sa.LargeBinary, nullable=False),
        sa.Column("saved_at", sa.BigInteger, nullable=False),
        sa.Column("checked_at", sa.BigInteger, nullable=True),
        sa.Column("refused_at", sa.BigInteger, nullable=True),
    )
    op.create_table(
        "tmdb_choices",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("language", "poster_size", "background_size")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "profile_id"],
            ["addon_lists.account_id", "addon_lists.profile_id"],
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "tmdb_titles",
        sa.Column("question", sa.Text, primary_key=True),
        sa.Column("facts", sa.LargeBinary, nullable=False),
        sa.Column("fetched_at", sa.BigInteger, nullable=False),
    )
    op.create_index("tmdb_titles_fetched_at", "tmdb_titles", ["fetched_at"])


def downgrade() -> None:
    op.drop_table("tmdb_titles")
    op.drop_table("tmdb_choices")
    op.drop_table("tmdb_keys")
