"""Which titles the library's films and series are: names to look them up by, and what people decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"


def upgrade() -> None:
    op.create_table(
        "imdb_names",
        # Made from imdb_titles: names in the form in which they are compared.
        _number("kind"),
        sa.Column("key", _folded(), primary_key=True),
        _number("id"),
        sa.Column("article", sa.Text, nullable=False),
        sa.Column("loss", sa.Integer, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("imdb_names_title", "imdb_names", ["id"])
    op.create_index("imdb_names_near", "imdb_names", ["kind", "year", "key"])
    op.create_table(
        "imdb_names_made",
        # One row: of which import, by which rules, and how far.
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("rules", sa.Integer, nullable=False),
        sa.Column("imported_at", sa.BigInteger, nullable=False),
        sa.Column("through", sa.Integer, nullable=False),
        sa.Column("matched_again", sa.Integer, nullable=False),
    )
    op.create_table(
        "tmdb_imdb",
        # How many rows of a provider say that a title of TMDB is one of IMDb.
        _number("provider"),
        _number("kind"),
        _number("tmdb"),
        _number("imdb"),
        sa.Column("items", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "match_choices",
        # Of no row, so that it outlasts all of them. `item` is "" where it holds for every row of that name.
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("profile_id", sa.Text, primary_key=True),
        _number("kind"),
        sa.Column("name_key", sa.Text, primary_key=True),
        _number("name_year"),
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("imdb", sa.Integer, nullable=True),
        sa.Column("chosen_at", sa.BigInteger, nullable=False),
    )
    op.create_index(
        "library_items_named",
        "library_items",
        ["name_key", "provider"],
        sqlite_where=sa.text("name_key <> ''"),
        postgresql_where=sa.text("name_key <> ''"),
    )


def _folded() -> sa.Text:
    """Compared letter by letter: SQLite does so unless told otherwise."""
    return sa.Text(collation="C") if op.get_context().dialect.name == "postgresql" else sa.Text()


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)


def downgrade() -> None:
    op.drop_index("library_items_named", "library_items")
    for table in ("match_choices", "tmdb_imdb", "imdb_names_made", "imdb_names"):
        op.drop_table(table)
