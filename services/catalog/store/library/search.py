"""What a search asks the tables: titles by their beginning, words near to a typed one, items with words.

Both engines see the same words, those that fold() made, and so find the same. Nothing of what is asked is
syntax: words are of letters and digits alone.
"""

# ruff: noqa: S608  # only fixed column names, bound names and whole numbers are put into statements

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from libs.common.db import Database, Row, Value
from services.catalog.model import Owner
from services.catalog.store.library import many
from services.catalog.store.library.scans import SHOWN
from services.catalog.store.rows import bound

END: Final = "\U0010ffff"
"""Behind every text that begins the same."""
_COLUMNS: Final = "i.id, i.kind, i.sort, i.year, i.rating"


class Candidate(NamedTuple):
    """An item that may be what is searched for."""

    id: int
    kind: int
    sort: str
    year: int | None
    rating: int | None


class Among(NamedTuple):
    """Where to search: the asker's own providers, by number. `shown_to` leaves out what that owner hides."""

    providers: tuple[int, ...]
    kinds: tuple[int, ...]
    shown_to: Owner | None = None


class Group(NamedTuple):
    """Any of `words` will do. With `begins`, what begins with the first will, too."""

    words: tuple[str, ...]
    begins: bool = False


class Near(NamedTuple):
    """A word that has an `edit` in common with a typed one, and how many items have it."""

    edit: str
    word: str
    items: int


class SearchStore:
    """Finds candidates; which of them are meant is judged elsewhere."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def titles(self, among: Among, folded: str, *, most: int) -> list[Candidate]:
        """Those whose folded title begins so, by title, the first of each provider and kind."""
        parts, values = [], dict[str, Value](_shown(among)[1], low=folded, high=folded + END)
        for place, provider in enumerate(among.providers):
            values[f"p{place}"] = provider
            parts += [
                f"SELECT * FROM (SELECT {_COLUMNS} FROM library_items i WHERE provider = :p{place}"
                f" AND kind = {kind:d} AND sort >= :low AND sort < :high{_shown(among)[0]}"
                f" ORDER BY provider, kind, sort, id LIMIT {most}) t{place}k{kind:d}"
                for kind in among.kinds
            ]
        return _candidates(await self._db.fetch_all(" UNION ALL ".join(parts), **values))

    async def counts(self, words: Collection[str], beginning: str) -> dict[str, int]:
        """In how many items each word is, and under `beginning*` all words that begin so, are."""
        dialect = self._db.dialect
        rows = await self._db.fetch_all(
            "SELECT word, items FROM library_words"
            f" WHERE {many.one_of(dialect, 'word', many.texts(dialect, 'words'))}"
            " UNION ALL SELECT '*', CAST(COALESCE(SUM(items), 0) AS BIGINT) FROM library_words"
            " WHERE word >= :low AND word < :high",
            words=many.encoded(words),
            low=beginning,
            high=beginning + END,
        )
        return {f"{beginning}*" if row["word"] == "*" else row["word"]: row["items"] for row in rows}

    async def near(self, edits: Iterable[str]) -> list[Near]:
        dialect = self._db.dialect
        # Joined, PostgreSQL would read all words there are to find those few.
        rows = await self._db.fetch_all(
            "SELECT e.edit, e.word, COALESCE((SELECT w.items FROM library_words w WHERE w.word = e.word), 0)"
            " AS items FROM library_edits e"
            f" WHERE {many.one_of(dialect, 'e.edit', many.texts(dialect, 'edits'))}",
            edits=many.encoded(edits),
        )
        return [Near(row["edit"], row["word"], row["items"]) for row in rows]

    async def having(self, among: Among, ways: Sequence[Sequence[Group]], *, most: int) -> list[Candidate]:
        """Items with a word of every group of one of `ways`, each of which finds its share of `most`; in no
        order."""
        shown, values = _shown(among)
        dialect = self._db.dialect
        where = (
            many.among(dialect, "i.provider", "providers")
            + f" AND i.kind IN ({', '.join(f'{kind:d}' for kind in among.kinds)}){shown}"
        )
        having, text = (_having_posted, _match) if dialect == "sqlite" else (_having_indexed, _tsquery)
        places = range(len(ways))
        return _candidates(
            await self._db.fetch_all(
                " UNION ALL ".join(having(place, where, most // len(ways)) for place in places),
                **values,
                **{f"groups{place}": text(groups) for place, groups in enumerate(ways)},
                providers=many.encoded(among.providers),
            )
        )


def _having_posted(place: int, where: str, most: int) -> str:
    """SQLite's: the items in question decide who goes first. There are as many as have the rarest word."""
    return (
        f"SELECT * FROM (SELECT {_COLUMNS} FROM library_postings f"
        " CROSS JOIN library_items i ON i.id = f.rowid"
        f" WHERE library_postings MATCH :groups{place} AND {where} LIMIT {most}) found{place}"
    )


def _having_indexed(place: int, where: str, most: int) -> str:
    """PostgreSQL's: planned as if all were wanted, since for a few of many it would rather read the table;
    yet only so many are read."""
    return (
        f"SELECT * FROM (WITH found AS MATERIALIZED (SELECT {_COLUMNS} FROM library_items i"
        f" WHERE array_to_tsvector(string_to_array(i.words, ' ')) @@ CAST(:groups{place} AS tsquery)"
        f" AND {where}) SELECT * FROM found LIMIT {most}) found{place}"
    )


def _shown(among: Among) -> tuple[str, dict[str, Value]]:
    return ("", {}) if among.shown_to is None else (f" AND {SHOWN}", {**bound(among.shown_to)})


def _match(groups: Sequence[Group]) -> str:
    """As FTS5 reads it."""
    return " AND ".join(
        "(" + " OR ".join(f'"{word}"' + "*" * (begins and not at) for at, word in enumerate(words)) + ")"
        for words, begins in groups
    )


def _tsquery(groups: Sequence[Group]) -> str:
    return "&".join(
        "(" + "|".join(f"'{word}'" + ":*" * (begins and not at) for at, word in enumerate(words)) + ")"
        for words, begins in groups
    )


def _candidates(rows: Sequence[Row]) -> list[Candidate]:
    return [Candidate(row["id"], row["kind"], row["sort"], row["year"], row["rating"]) for row in rows]
