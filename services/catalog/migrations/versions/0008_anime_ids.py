"""Which anime are which titles of IMDb, and where their episodes stand there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"

NAME = "anime_ids"
STAGED = "anime_ids_staged"


def upgrade() -> None:
    op.create_table(NAME, *_columns(), sqlite_with_rowid=False)
    # What only an import in the making needs may be lost with the server: the import begins again.
    prefixes = ["UNLOGGED"] if op.get_context().dialect.name == "postgresql" else []
    op.create_table(STAGED, *_columns(), sqlite_with_rowid=False, prefixes=prefixes)


def downgrade() -> None:
    op.drop_table(STAGED)
    op.drop_table(NAME)
    op.execute("DELETE FROM imdb_sets WHERE name = 'anime_ids'")


def _columns() -> list[sa.Column[object]]:
    """Made anew for each table, since a column belongs to one."""
    return [
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("system", sa.Text, primary_key=True),
        sa.Column("imdb", sa.Integer, nullable=False),
        sa.Column("season", sa.Integer, nullable=True),
        sa.Column("episodes_before", sa.Integer, nullable=False),
    ]
