"""Channels, films and series as a run writes them. Lists and searches have stores of their own."""

# ruff: noqa: S608  # only fixed column lists and each engine's own words are put into statements

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec

from libs.common.db import Database, Queries, Value
from services.catalog.store.library import many
from services.catalog.store.library.numbers import take_numbers
from services.catalog.store.library.postings import postings_of

COLUMNS = (
    "id",
    "provider",
    "kind",
    "panel_id",
    "hash",
    "name",
    "title",
    "sort",
    "year",
    "rating",
    "added",
    "category",
    "language",
    "genres",
    "tmdb",
    "imdb",
    "guide_id",
    "icon",
    "extension",
    "words",
    "more",
    "sealed_url",
)
"""What a run writes. Beside them stand the columns of matching, which it only resets.

`id` is the item's own number (library_numbers "item"), `category` the number of its first category or 0,
`genres` bits and `language` a number of library_terms or 0, `rating` tenths, `added` epoch seconds or 0.
"""
ORDERED = ("sort", "year", "rating", "added", "category", "language", "genres", "guide_id")
"""In indexes: a change of others alone leaves those as they are."""

Record: TypeAlias = tuple[Any, ...]
"""Values in the order of COLUMNS, whose types are the columns'."""


class Page(NamedTuple):
    hashes: list[int]
    last: int | None


class Likeness(NamedTuple):
    """What finds an item again under another number of the panel's. `hash` is of the row."""

    id: int
    hash: int
    name: str
    sort: str
    year: int | None
    language: int
    extension: str
    tmdb: int | None


class Going(NamedTuple):
    """What has to be known of an item to take it out."""

    id: int
    name: str
    words: str
    year: int | None
    rating: int | None
    category: int
    language: int
    genres: int


class ItemStore:
    """The table of items and what finds words in it; what changes is asked inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._postings = postings_of(database.dialect)

    async def count(self, number: int, kind: int) -> int:
        return await self._count("TRUE", number, kind)

    async def _count(self, which: str, number: int, kind: int, **parameters: Value) -> int:
        row = await self._db.fetch_one(
            "SELECT count(*) AS items FROM library_items"
            f" WHERE provider = :number AND kind = :kind AND {which}",
            number=number,
            kind=kind,
            **parameters,
        )
        return 0 if row is None else int(row["items"])

    async def has_any(self, number: int, kind: int) -> bool:
        return bool(await self.some(number, kind, limit=1))

    async def numbers(self, count: int, *, tx: Queries | None = None) -> range:
        """For so many items that are to be written; those that never are leave a gap."""
        return await take_numbers(tx or self._db, "item", count)

    async def hashes(self, number: int, kind: int, *, after: int | None, limit: int = 20_000) -> Page:
        """A page of what is held, by the panel's id. As one text: a row each would cost ten times as much."""
        beyond = "" if after is None else " AND panel_id > :after"
        row = await self._db.fetch_one(
            f"SELECT {many.gathered(self._db.dialect, 'hash')} AS hashes, max(panel_id) AS last"
            " FROM (SELECT hash, panel_id FROM library_items"
            f" WHERE provider = :number AND kind = :kind{beyond} ORDER BY panel_id LIMIT :limit) AS page",
            number=number,
            kind=kind,
            after=after,
            limit=limit,
        )
        if row is None or row["last"] is None:
            return Page([], None)
        return Page(msgspec.json.decode(row["hashes"], type=list[int]), row["last"])

    async def held(self, tx: Queries, number: int, kind: int, panel_ids: Iterable[int]) -> dict[int, Record]:
        """What is held of them, by the panel's id."""
        rows = await tx.fetch_all(
            many.by_panel_id(self._db.dialect, ", ".join(COLUMNS), "library_items", ("provider", "kind")),
            provider=number,
            kind=kind,
            panel_ids=many.encoded(panel_ids),
        )
        return {row["panel_id"]: tuple(row) for row in rows}

    async def add(self, tx: Queries, records: Sequence[Record]) -> None:
        """Raises UniqueViolation where the provider's id is held already."""
        await tx.insert_rows("library_items", COLUMNS, records)
        await self._postings.put(tx, [record[0] for record in records])

    async def change(self, tx: Queries, changes: Sequence[tuple[Record, Record]]) -> None:
        """Each as it was and as it shall be, under the same id."""
        for is_beside, statement in ((True, _CHANGE_BESIDE), (False, _CHANGE)):
            rows = [_named(new) for old, new in changes if _same(old, new, _ORDERED_AT) is is_beside]
            if rows:
                await tx.execute_many(statement, rows)
        unlike = [(old, new) for old, new in changes if old[_WORDS] != new[_WORDS]]
        await self._postings.drop(tx, [(old[0], old[_WORDS]) for old, _ in unlike])
        await self._postings.put(tx, [new[0] for _, new in unlike])

    async def rehash(self, tx: Queries, hashes: Sequence[tuple[int, int]]) -> None:
        """Ids and what their rows' hashes have become, though nothing that is kept differs."""
        await tx.execute_many(
            "UPDATE library_items SET hash = :hash WHERE id = :id",
            [{"id": id_, "hash": hash_} for id_, hash_ in hashes],
        )

    async def unmatch(self, tx: Queries, ids: Sequence[int]) -> None:
        """They are matched anew, since what tells which title they are has changed."""
        await tx.execute(
            "UPDATE library_items SET match_rule = '', match_imdb = NULL, match_score = NULL"
            f" WHERE {many.among(self._db.dialect, 'id', 'ids')} AND match_rule <> ''",
            ids=many.encoded(ids),
        )

    async def with_hashes(self, number: int, kind: int, hashes: Iterable[int]) -> list[Likeness]:
        # Which they are is read from an index, then those rows: looking at all rows is what takes time.
        which = (
            "id IN (SELECT id FROM library_items WHERE provider = :number AND kind = :kind"
            f" AND hash IN {many.numbers(self._db.dialect, 'hashes')})"
        )
        return await self._alike(which, number, kind, hashes=many.encoded(hashes))

    async def count_with_hashes(self, number: int, kind: int, hashes: Iterable[int]) -> int:
        which = f"hash IN {many.numbers(self._db.dialect, 'hashes')}"
        return await self._count(which, number, kind, hashes=many.encoded(hashes))

    async def count_since(self, number: int, kind: int, first: int) -> int:
        return await self._count("id >= :first", number, kind, first=first)

    async def since(self, number: int, kind: int, first: int, sorts: Iterable[str]) -> list[Likeness]:
        """Items of `first` and later ids with one of those folded titles."""
        return await self._alike(
            "id >= :first AND"
            f" {many.one_of(self._db.dialect, 'sort', many.texts(self._db.dialect, 'sorts'))}",
            number,
            kind,
            first=first,
            sorts=many.encoded(sorts),
        )

    async def _alike(self, which: str, number: int, kind: int, **parameters: Value) -> list[Likeness]:
        rows = await self._db.fetch_all(
            f"SELECT {', '.join(Likeness._fields)} FROM library_items"
            f" WHERE provider = :number AND kind = :kind AND {which}",
            number=number,
            kind=kind,
            **parameters,
        )
        return [Likeness(*row) for row in rows]

    async def going(self, tx: Queries, ids: Iterable[int]) -> list[Going]:
        rows = await tx.fetch_all(
            f"SELECT {', '.join(Going._fields)} FROM library_items"
            f" WHERE {many.among(self._db.dialect, 'id', 'ids')}",
            ids=many.encoded(ids),
        )
        return [Going(*row) for row in rows]

    async def some(self, number: int, kind: int, *, limit: int) -> list[int]:
        """Ids of whichever come first."""
        rows = await self._db.fetch_all(
            "SELECT id FROM library_items WHERE provider = :number AND kind = :kind LIMIT :limit",
            number=number,
            kind=kind,
            limit=limit,
        )
        return [row["id"] for row in rows]

    async def words_of(self, *, after: int, limit: int = 5000) -> tuple[list[str], int | None]:
        """The words of a page of everybody's items by id, and the last id."""
        rows = await self._db.fetch_all(
            "SELECT id, words FROM library_items WHERE id > :after ORDER BY id LIMIT :limit",
            after=after,
            limit=limit,
        )
        return [row["words"] for row in rows], rows[-1]["id"] if rows else None

    async def take_out(self, tx: Queries, gone: Sequence[Going]) -> None:
        """The rows alone; what hangs on them is taken out by `removal`."""
        await self._postings.drop(tx, [(one.id, one.words) for one in gone])
        await tx.execute(
            f"DELETE FROM library_items WHERE {many.among(self._db.dialect, 'id', 'ids')}",
            ids=many.encoded(one.id for one in gone),
        )

    async def renumber(self, tx: Queries, moves: Sequence[tuple[Going, Going]]) -> None:
        """What came anew takes the id, what was matched, and what details told, of what it was before; that
        row's place is free afterwards."""
        rows = await tx.fetch_all(
            "SELECT id, year, tmdb, imdb, name_key, name_year, match_imdb, match_rule, match_score"
            f" FROM library_items WHERE {many.among(self._db.dialect, 'id', 'ids')}",
            ids=many.encoded(old.id for old, _ in moves),
        )
        known = {row["id"]: dict(row) for row in rows}
        for old, new in moves:
            if old.name != new.name and old.id in known:
                known[old.id] |= {"year": None, "tmdb": None, "imdb": None}
        await self.take_out(tx, [old for old, _ in moves])
        await self._postings.drop(tx, [(new.id, new.words) for _, new in moves])
        await tx.execute_many(
            "UPDATE library_items SET id = :id, name_key = :name_key, name_year = :name_year,"
            " year = COALESCE(year, CAST(:year AS INTEGER)), tmdb = COALESCE(tmdb, CAST(:tmdb AS INTEGER)),"
            " imdb = COALESCE(imdb, CAST(:imdb AS INTEGER)),"
            " match_imdb = :match_imdb, match_rule = :match_rule, match_score = :match_score"
            " WHERE id = :now",
            [{**known[old.id], "now": new.id} for old, new in moves if old.id in known],
        )
        await self._postings.put(tx, [old.id for old, _ in moves])


_WORDS = COLUMNS.index("words")
_ORDERED_AT = tuple(COLUMNS.index(name) for name in ORDERED)
_CHANGED = tuple(name for name in COLUMNS if name not in ("id", "provider", "kind", "panel_id"))
_CHANGE = f"UPDATE library_items SET {', '.join(f'{name} = :{name}' for name in _CHANGED)} WHERE id = :id"
_CHANGE_BESIDE = (
    "UPDATE library_items SET"
    f" {', '.join(f'{name} = :{name}' for name in _CHANGED if name not in ORDERED)} WHERE id = :id"
)


def kept_year(old: Going, new: Going) -> int | None:
    """Of an item that was moved: what its list says, or what was known of the same name."""
    return old.year if new.year is None and old.name == new.name else new.year


def _same(old: Record, new: Record, places: Sequence[int]) -> bool:
    return all(old[at] == new[at] for at in places)


def _named(record: Record) -> Mapping[str, Value]:
    return dict(zip(COLUMNS, record, strict=True))
