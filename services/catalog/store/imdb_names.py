"""IMDb's titles by their names in the form in which they are compared, made from its titles step by step.

Only titles that somebody rated: the others are two of three, and hardly any of them is at a provider.
"""

# ruff: noqa: S608  # only fixed lists and each engine's own words are put into statements

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from libs.common.db import Database, Dialect
from services.catalog.library_model import KINDS
from services.catalog.store.library import many

THROUGH: Final = 2**31 - 1
"""Beyond every title: all are done."""
_TYPES: Final = {
    "movie": KINDS["movies"],
    "tvMovie": KINDS["movies"],
    "video": KINDS["movies"],
    "short": KINDS["movies"],
    "tvShort": KINDS["movies"],
    "tvSpecial": KINDS["movies"],
    "tvSeries": KINDS["series"],
    "tvMiniSeries": KINDS["series"],
}
HEAD: Final = 3
"""Letters that near names begin with in common."""
_LAST: Final = "\U0010ffff"


class Named(NamedTuple):
    """A form of a title's name. `loss` is in hundredths."""

    kind: int
    key: str
    id: int
    article: str
    loss: int
    year: int


class Known(NamedTuple):
    """A title that is called by `key`, and how many people rated it."""

    key: str
    id: int
    article: str
    loss: int
    year: int
    votes: int


class Titled(NamedTuple):
    id: int
    kind: int
    name: str
    original_name: str
    year: int


class Facts(NamedTuple):
    kind: int | None
    name: str
    year: int | None


@dataclass(frozen=True, slots=True)
class Made:
    """How far names were made: by which rules, of which import, up to which title; and up to which provider
    rows were matched again for it."""

    rules: int
    imported_at: int
    through: int
    matched_again: int


class ImdbNameStore:
    def __init__(self, database: Database) -> None:
        self._db = database
        self._asks = _ASKS[database.dialect]

    async def imported_at(self) -> int:
        """Another number after each import that names come from; 0 before the first."""
        row = await self._db.fetch_one(
            "SELECT MAX(imported_at) AS at, COUNT(imported_at) AS sets FROM imdb_sets"
            " WHERE name IN ('titles', 'ratings')"
        )
        return 0 if row is None or row["sets"] < 2 else int(row["at"])

    async def made(self) -> Made:
        row = await self._db.fetch_one(
            "SELECT rules, imported_at, through, matched_again FROM imdb_names_made WHERE name = 'names'"
        )
        return (
            Made(0, 0, 0, 0)
            if row is None
            else Made(row["rules"], row["imported_at"], row["through"], row["matched_again"])
        )

    async def begin(self, *, rules: int, imported_at: int) -> None:
        await self._db.execute(
            "INSERT INTO imdb_names_made (name, rules, imported_at, through, matched_again)"
            " VALUES ('names', :rules, :at, 0, 0) ON CONFLICT (name) DO UPDATE SET"
            " rules = excluded.rules, imported_at = excluded.imported_at, through = 0, matched_again = 0",
            rules=rules,
            at=imported_at,
        )

    async def matched_again(self, made: Made, *, provider: int) -> None:
        """What had no title was looked for again, of all providers up to that one."""
        await self._db.execute(
            "UPDATE imdb_names_made SET matched_again = :provider WHERE name = 'names' AND rules = :rules"
            " AND imported_at = :at",
            provider=provider,
            rules=made.rules,
            at=made.imported_at,
        )

    async def titles(self, *, after: int, limit: int) -> list[Titled]:
        rows = await self._db.fetch_all(
            "SELECT t.id, t.type, t.name, t.original_name, t.year FROM imdb_titles t"
            " JOIN imdb_ratings r ON r.id = t.id WHERE t.id > :after AND t.year IS NOT NULL AND NOT t.adult"
            f" AND t.type IN ({', '.join(repr(type_) for type_ in _TYPES)}) ORDER BY t.id LIMIT :limit",
            after=after,
            limit=limit,
        )
        return [
            Titled(row["id"], _TYPES[row["type"]], row["name"], row["original_name"], row["year"])
            for row in rows
        ]

    async def between(self, low: int, high: int) -> set[Named]:
        """What is held of titles after `low`, up to `high`."""
        rows = await self._db.fetch_all(
            "SELECT kind, key, id, article, loss, year FROM imdb_names WHERE id > :low AND id <= :high",
            low=low,
            high=high,
        )
        return {Named(*row) for row in rows}

    async def put(self, made: Made, *, through: int, gone: Collection[Named], new: Collection[Named]) -> bool:
        """One step. False, and nothing is written, where somebody else has made it already."""
        async with self._db.transaction() as tx:
            own = await tx.execute(
                "UPDATE imdb_names_made SET through = :through WHERE name = 'names' AND rules = :rules"
                " AND imported_at = :at AND through = :low",
                through=through,
                rules=made.rules,
                at=made.imported_at,
                low=made.through,
            )
            if own != 1:
                return False
            await tx.execute_many(
                "DELETE FROM imdb_names WHERE kind = :kind AND key = :key AND id = :id",
                [{"kind": one.kind, "key": one.key, "id": one.id} for one in gone],
            )
            if new:
                await tx.insert_rows("imdb_names", Named._fields, sorted(new))
        if through == THROUGH and self._db.dialect == "postgresql":
            # Without knowing how many names there are it would read them all for each question.
            await self._db.execute("ANALYZE imdb_names")
        return True

    async def same(self, kind: int, keys: Collection[str]) -> list[Known]:
        """Titles called so."""
        if not keys:
            return []
        found = await self._db.fetch_all(self._asks.same, kind=kind, keys=many.encoded(sorted(keys)))
        return [Known(*row) for row in found]

    async def near(self, kind: int, places: Collection[tuple[int, str]]) -> list[Known]:
        """Titles of those years that begin as said."""
        if not places:
            return []
        asked = [(year, head, head + _LAST) for year, head in sorted(places)]
        found = await self._db.fetch_all(self._asks.near, kind=kind, places=many.encoded(asked))
        return [Known(*row) for row in found]

    async def facts(self, ids: Iterable[int]) -> dict[int, Facts]:
        """Of those titles of IMDb that there are."""
        rows = await self._db.fetch_all(
            "SELECT id, type, name, year FROM imdb_titles"
            f" WHERE id IN {many.numbers(self._db.dialect, 'ids')}",
            ids=many.encoded(ids),
        )
        return {row["id"]: Facts(_TYPES.get(row["type"]), row["name"], row["year"]) for row in rows}

    async def called(self, id_: int) -> tuple[tuple[str, ...], int | None]:
        """The names of a title, the usual one first, and its year; none where it isn't known."""
        row = await self._db.fetch_one(
            "SELECT name, original_name, year FROM imdb_titles WHERE id = :id", id=id_
        )
        if row is None:
            return (), None
        names = dict.fromkeys(name for name in (row["name"], row["original_name"]) if name)
        return tuple(names), row["year"] or None


class _Asks(NamedTuple):
    same: str
    near: str


MOST_ALIKE: Final = 2000
"""Titles of one name, or of a year that begin alike."""
_KNOWN: Final = (
    "n.key, n.id, n.article, n.loss, n.year,"
    " COALESCE((SELECT r.votes FROM imdb_ratings r WHERE r.id = n.id), 0) AS votes"
)
_SAME: Final = "n.kind = :kind AND n.key = w.value"
_NEAR: Final = "n.kind = :kind AND n.year = w.year AND n.key >= w.low AND n.key < w.high AND n.loss <= 1"


def _asks(dialect: Dialect) -> _Asks:
    """What is asked about leads, name by name: the engines would rather read all names once for many.

    CROSS JOIN keeps SQLite from turning the loops round, a LIMIT inside keeps PostgreSQL from it.
    """
    places = many.rows(dialect, "places", year="number", low="text", high="text")
    keys = many.texts(dialect, "keys").removesuffix(")").removeprefix("(")
    same, near = (_joined(dialect, condition) for condition in (_SAME, _NEAR))
    return _Asks(f"SELECT {_KNOWN} FROM ({keys}) AS w {same}", f"SELECT {_KNOWN} FROM {places} AS w {near}")


def _joined(dialect: Dialect, condition: str) -> str:
    if dialect == "sqlite":
        return f"CROSS JOIN imdb_names n ON {condition}"
    return f"JOIN LATERAL (SELECT n.* FROM imdb_names n WHERE {condition} LIMIT {MOST_ALIKE}) n ON TRUE"


_ASKS: Final = {"sqlite": _asks("sqlite"), "postgresql": _asks("postgresql")}
