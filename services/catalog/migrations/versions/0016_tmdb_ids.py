"""Which numbers of TMDB are which titles of IMDb, as TMDB itself told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision: str | None = "0015"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "tmdb_ids",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("imdb", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("tmdb_ids")
