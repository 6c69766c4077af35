"""What is kept of IMDb's data sets: ratings, places of rated episodes, titles and their other names.

Each table has a twin that an import fills before the change is made in one step.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"

STAGED = "_staged"


def upgrade() -> None:
    op.create_table(
        "imdb_sets",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("imported_at", sa.BigInteger, nullable=True),
        sa.Column("staging", sa.Text, nullable=False),
        sa.Column("staged_rows", sa.BigInteger, nullable=False),
    )
    for name, columns in _tables().items():
        op.create_table(name, *columns, sqlite_with_rowid=_has_one_key(columns))
    # What only an import in the making needs may be lost with the server: the import begins again.
    prefixes = ["UNLOGGED"] if op.get_context().dialect.name == "postgresql" else []
    for name, columns in _tables().items():
        op.create_table(
            name + STAGED, *columns, sqlite_with_rowid=_has_one_key(columns), prefixes=list(prefixes)
        )


def downgrade() -> None:
    for name in _tables():
        op.drop_table(name + STAGED)
        op.drop_table(name)
    op.drop_table("imdb_sets")


def _has_one_key(columns: list[sa.Column[object]]) -> bool:
    """One whole number as key is SQLite's own row id; several are a tree of their own without it."""
    return sum(column.primary_key for column in columns) == 1


def _key(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)


def _tables() -> dict[str, list[sa.Column[object]]]:
    """Made anew for each caller, since a column belongs to one table."""
    return {
        "imdb_ratings": [
            _key("id"),
            sa.Column("tenths", sa.Integer, nullable=False),
            sa.Column("votes", sa.Integer, nullable=False),
        ],
        "imdb_episodes": [_key("series"), _key("season"), _key("episode"), _key("id")],
        "imdb_titles": [
            _key("id"),
            sa.Column("type", sa.Text, nullable=False),
            sa.Column("name", sa.Text, nullable=False),
            sa.Column("original_name", sa.Text, nullable=False),
            sa.Column("year", sa.Integer, nullable=True),
            sa.Column("end_year", sa.Integer, nullable=True),
            sa.Column("runtime_min", sa.Integer, nullable=True),
            sa.Column("genres", sa.Text, nullable=False),
            sa.Column("adult", sa.Boolean, nullable=False),
        ],
        "imdb_akas": [
            _key("id"),
            _key("place"),
            sa.Column("name", sa.Text, nullable=False),
            sa.Column("region", sa.Text, nullable=False),
            sa.Column("language", sa.Text, nullable=False),
        ],
    }
