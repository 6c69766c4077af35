"""The library: what Xtream and M3U accounts have, who they belong to, and what is searched by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"

FILTERS = ("added", "year", "rating", "language", "genres", "category")
"""Every order has these beside it, so that a list is filtered without visiting its rows."""
ORDERS = {
    "title": ("provider", "kind", "sort", "id"),
    "added": ("provider", "kind", "added", "id"),
    "rating": ("provider", "kind", "rating", "id"),
    "year": ("provider", "kind", "year", "sort", "id"),
    "category": ("provider", "kind", "category", "sort", "id"),
    "category_added": ("provider", "kind", "category", "added", "id"),
}
"""SQLite has no columns that an index only carries, PostgreSQL has."""


def upgrade() -> None:
    _providers()
    _items()
    _episodes()
    _guide()
    _words()
    _choices()
    _postings()
    op.bulk_insert(
        op.create_table(
            "library_numbers",
            sa.Column("name", sa.Text, primary_key=True),
            sa.Column("next", sa.BigInteger, nullable=False),
        ),
        [{"name": "item", "next": 1}, {"name": "category", "next": 1}],
    )
    op.create_table(
        "library_upkeep",
        # When each kind of upkeep last began, in epoch milliseconds: replicas do it once.
        sa.Column("name", sa.Text, primary_key=True),
        _big("at"),
    )


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _folded() -> sa.Text:
    """Compared letter by letter: SQLite does so unless told otherwise."""
    return sa.Text(collation="C") if _is_postgresql() else sa.Text()


def _number(name: str = "id") -> sa.Column[object]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _integer(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Integer, nullable=nullable)


def _big(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _providers() -> None:
    op.create_table(
        "library_providers",
        # Never given out twice: what is left of a removed one must not become another's.
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        _text("name"),
        _text("host"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("address_hash", sa.Text, nullable=False),
        sa.Column("play", sa.Text, nullable=False, server_default="proxy"),
        sa.Column("first_sync", sa.Boolean, nullable=False, server_default=sa.true()),
        _big("created_at"),
        sa.Column("status", sa.Text, nullable=False, server_default="unchecked"),
        _text("problem"),
        _big("checked_at", nullable=True),
        _big("expires_at", nullable=True),
        _integer("max_connections", nullable=True),
        _text("formats"),
        _text("zone"),
        _text("run"),
        sa.Column("run_number", sa.Integer, nullable=False, server_default="0"),
        # Items of this id and later have come since what was gone was last removed; 0 before a run.
        sa.Column("run_first_item", sa.BigInteger, nullable=False, server_default="0"),
        _big("synced_at", nullable=True),
        _big("guide_synced_at", nullable=True),
        sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),
        # Until then the provider wants no questions about single titles, from any replica.
        sa.Column("rests_until", sa.BigInteger, nullable=False, server_default="0"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "library_providers_address",
        "library_providers",
        ["account_id", "profile_id", "address_hash"],
        unique=True,
    )
    op.create_table(
        "library_removed",
        # Accounts that are gone, until the last of their rows is. Until then one replica is at it.
        _number("number"),
        sa.Column("busy_until", sa.BigInteger, nullable=False, server_default="0"),
    )


def _items() -> None:
    op.create_table(
        "library_items",
        _number(),
        _integer("provider"),
        _integer("kind"),
        _big("panel_id"),
        _big("hash"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("sort", _folded(), nullable=False),
        _integer("year", nullable=True),
        _integer("rating", nullable=True),
        _big("added"),
        _integer("category"),
        _integer("language"),
        _big("genres"),
        _integer("tmdb", nullable=True),
        _integer("imdb", nullable=True),
        _text("guide_id"),
        _text("icon"),
        _text("extension"),
        sa.Column("sealed_url", sa.LargeBinary, nullable=True),
        _text("name_key"),
        _integer("name_year", nullable=True),
        _integer("match_imdb", nullable=True),
        _text("match_rule"),
        _integer("match_score", nullable=True),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("more", sa.Text, nullable=False),
    )
    op.create_index("library_items_panel", "library_items", ["provider", "kind", "panel_id"], unique=True)
    for name, columns in ORDERS.items():
        beside = [column for column in FILTERS if column not in columns]
        if _is_postgresql():
            op.create_index(
                f"library_items_{name}", "library_items", list(columns), postgresql_include=beside
            )
        else:
            op.create_index(f"library_items_{name}", "library_items", [*columns, *beside])
    matched = sa.text("match_imdb IS NOT NULL")
    op.create_index(
        "library_items_match",
        "library_items",
        ["match_imdb", "provider"],
        postgresql_where=matched,
        sqlite_where=matched,
    )
    named = sa.text("guide_id <> ''")
    op.create_index(
        "library_items_guide",
        "library_items",
        ["provider", "guide_id"],
        postgresql_where=named,
        sqlite_where=named,
    )
    op.create_index("library_items_review", "library_items", ["provider", "match_rule", "kind", "sort", "id"])
    op.create_table(
        "library_categories",
        _number(),
        _integer("provider"),
        _integer("kind"),
        sa.Column("panel_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        _integer("position"),
        _integer("items"),
        sa.Column("others", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_index(
        "library_categories_panel", "library_categories", ["provider", "kind", "panel_id"], unique=True
    )
    op.create_table(
        "library_item_categories",
        # An item's categories but its first.
        _number("category"),
        _number("item"),
        sqlite_with_rowid=False,
    )
    op.create_index("library_item_categories_item", "library_item_categories", ["item"])
    op.create_table(
        "library_facets",
        # How many items of a provider and kind have a value: "year", "genre", "language"; "all" is every one.
        _number("provider"),
        _number("kind"),
        sa.Column("facet", sa.Text, primary_key=True),
        sa.Column("value", sa.BigInteger, primary_key=True, autoincrement=False),
        _integer("items"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "library_terms",
        # Genres (their bit, 0 to 61) and languages (their number).
        sa.Column("facet", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        _integer("value"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "library_changes",
        _number("provider"),
        _number("run_number"),
        _number("place"),
        _integer("kind"),
        _integer("item"),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def _episodes() -> None:
    op.create_table(
        "library_details",
        _number("item"),
        _integer("provider"),
        _big("fetched_at"),
        _big("next_at"),
        _big("modified"),
        _integer("failures"),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("library_details_due", "library_details", ["provider", "next_at"])
    op.create_table(
        "library_seasons",
        _number("series"),
        _number("number"),
        _integer("provider"),
        _text("name"),
        _text("plot"),
        _text("air_date"),
        _text("picture"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "library_episodes",
        _number(),
        _integer("provider"),
        _integer("series"),
        _integer("season"),
        _integer("number", nullable=True),
        _big("panel_id"),
        _big("hash"),
        _text("title"),
        _text("plot"),
        _text("air_date"),
        _text("picture"),
        _big("added"),
        _text("extension"),
        _integer("duration_s", nullable=True),
        _integer("rating", nullable=True),
        sa.Column("sealed_url", sa.LargeBinary, nullable=True),
        _text("more"),
    )
    op.create_index("library_episodes_panel", "library_episodes", ["provider", "panel_id"], unique=True)
    op.create_index("library_episodes_series", "library_episodes", ["series", "season", "number", "id"])


def _guide() -> None:
    op.create_table(
        "library_programmes",
        _number("provider"),
        sa.Column("guide_id", _folded(), primary_key=True),
        sa.Column("start", sa.BigInteger, primary_key=True, autoincrement=False),
        _big("stop"),
        _big("hash"),
        sa.Column("title", sa.Text, nullable=False),
        _text("subtitle"),
        _text("plot"),
        _text("categories"),
        _text("icon"),
        _integer("season", nullable=True),
        _integer("episode", nullable=True),
        sa.Column("sort", _folded(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("library_programmes_title", "library_programmes", ["provider", "sort", "start"])
    # What has ended, and what is held at all, without reading what programmes are about.
    op.create_index(
        "library_programmes_stop", "library_programmes", ["provider", "stop", "guide_id", "start", "hash"]
    )


def _words() -> None:
    op.create_table(
        "library_words",
        sa.Column("word", _folded(), primary_key=True),
        _integer("items"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "library_edits",
        # Each word of three letters or more, with every one of its first eight letters left out in turn.
        sa.Column("edit", _folded(), primary_key=True),
        sa.Column("word", _folded(), primary_key=True),
        sqlite_with_rowid=False,
    )


def _choices() -> None:
    for table, column in (("library_favourites", "item"), ("library_hidden_categories", "category")):
        op.create_table(
            table,
            sa.Column("account_id", sa.Text, primary_key=True),
            sa.Column("profile_id", sa.Text, primary_key=True),
            _number(column),
            _big("at"),
        )
        op.create_index(f"{table}_{column}", table, [column])


def _postings() -> None:
    if _is_postgresql():
        # Without a list of what is yet to be sorted in: each search would read through it while a run writes.
        op.execute(
            "CREATE INDEX library_items_words ON library_items"
            " USING gin (array_to_tsvector(string_to_array(words, ' '))) WITH (fastupdate = off)"
        )
        return
    # The words are folded already; to this tokenizer every letter beyond ASCII is one, so that it parts them
    # where fold() did. One that splits a word again would refuse to look for it.
    op.execute(
        "CREATE VIRTUAL TABLE library_postings USING fts5(words, content='library_items', content_rowid='id',"
        " detail='none', columnsize=0, prefix='1 2 3', tokenize='ascii')"
    )


def downgrade() -> None:
    if not _is_postgresql():
        op.execute("DROP TABLE library_postings")
    for table in (
        "library_upkeep",
        "library_numbers",
        "library_hidden_categories",
        "library_favourites",
        "library_edits",
        "library_words",
        "library_programmes",
        "library_episodes",
        "library_seasons",
        "library_details",
        "library_changes",
        "library_terms",
        "library_facets",
        "library_item_categories",
        "library_categories",
        "library_items",
        "library_removed",
        "library_providers",
    ):
        op.drop_table(table)
