"""Programmes are found by every word of their titles, not only by how those begin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision: str | None = "0011"


def upgrade() -> None:
    folded = sa.Text(collation="C") if op.get_context().dialect.name == "postgresql" else sa.Text()
    op.create_table(
        "library_programme_words",
        # Of each title that an account's guide has, once: the same is shown many times.
        sa.Column("provider", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("word", folded, primary_key=True),
        sa.Column("sort", folded, primary_key=True),
        sqlite_with_rowid=False,
    )
    # The next run brings each programme again, and its words with it.
    op.execute("UPDATE library_programmes SET hash = 0")


def downgrade() -> None:
    op.drop_table("library_programme_words")
