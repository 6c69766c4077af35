"""Films and series as matching reads and writes them."""

# ruff: noqa: S608  # only fixed column lists, rules of ours and each engine's own words are put in

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec

from libs.common.db import Database, Queries, Row
from services.catalog.library_model import NO_TITLE, OPEN_RULES, MatchRule
from services.catalog.model import Owner
from services.catalog.store.library import many
from services.catalog.store.rows import OWNED, bound

MATCHED_KINDS: Final = (2, 3)
_ROW: Final = (
    "i.id, i.provider, i.kind, i.panel_id, i.hash, i.title, i.year, i.tmdb, i.imdb, i.name_key, i.name_year,"
    " i.match_imdb, i.match_rule, i.match_score, d.body AS details"
    " FROM library_items i LEFT JOIN library_details d ON d.item = i.id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRow:
    """A film or a series with what was decided about it. `key` is "" until it was looked for once."""

    id: int
    provider: int
    kind: int
    panel_id: int
    hash: int
    title: str
    original: str
    year: int | None
    tmdb: int | None
    imdb: int | None
    key: str
    key_year: int | None
    match_imdb: int | None
    rule: MatchRule
    score: int | None


class Write(NamedTuple):
    """What a row is to be; written only where it is still what was read."""

    row: MatchRow
    key: str
    year: int | None
    imdb: int | None
    rule: MatchRule
    score: int | None


class Place(NamedTuple):
    """Where an item is among those of a provider and a rule."""

    sort: str
    id: int


class MatchStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def open(self, number: int, *, limit: int) -> list[MatchRow]:
        """Rows still to be looked for; those that wait for others come last."""
        for rule in OPEN_RULES:
            for kind in MATCHED_KINDS:
                rows = await self._db.fetch_all(
                    f"SELECT {_ROW} WHERE i.provider = :number AND i.match_rule = :rule"
                    " AND i.kind = :kind ORDER BY i.sort, i.id LIMIT :limit",
                    number=number,
                    rule=rule,
                    kind=kind,
                    limit=limit,
                )
                if rows:
                    return [_match_row(row) for row in rows]
        return []

    async def left(self, number: int) -> int:
        row = await self._db.fetch_one(
            "SELECT count(*) AS items FROM library_items WHERE provider = :number"
            f" AND match_rule IN {_texts(OPEN_RULES)} AND kind IN (2, 3)",
            number=number,
        )
        return 0 if row is None else int(row["items"])

    async def providers_with_open(self) -> list[int]:
        """Accounts that nobody writes of now, and that have rows to look for."""
        rows = await self._db.fetch_all(
            "SELECT number FROM library_providers p WHERE run = '' AND EXISTS (SELECT 1 FROM library_items i"
            f" WHERE i.provider = p.number AND i.match_rule IN {_texts(OPEN_RULES)} AND i.kind IN (2, 3))"
            " ORDER BY number"
        )
        return [row["number"] for row in rows]

    async def put(self, tx: Queries, writes: Sequence[Write]) -> None:
        await tx.execute_many(
            "UPDATE library_items SET name_key = :key, name_year = :year, match_imdb = :imdb,"
            " match_rule = :rule, match_score = :score WHERE id = :id AND hash = :hash AND match_rule = :was"
            " AND COALESCE(year, 0) = :said_year AND COALESCE(tmdb, 0) = :said_tmdb"
            " AND COALESCE(imdb, 0) = :said_imdb",
            [
                {
                    "key": one.key,
                    "year": one.year,
                    "imdb": one.imdb,
                    "rule": one.rule,
                    "score": one.score,
                    "id": one.row.id,
                    "hash": one.row.hash,
                    "was": one.row.rule,
                    "said_year": one.row.year or 0,
                    "said_tmdb": one.row.tmdb or 0,
                    "said_imdb": one.row.imdb or 0,
                }
                for one in writes
            ],
        )

    async def undecided(self, number: int, *, after: int, limit: int) -> list[int]:
        """The next ids of what has no title yet, or one that IMDb has no more. Each page looks at all there
        is."""
        rows = await self._db.fetch_all(
            "SELECT id FROM library_items WHERE provider = :number AND id > :after"
            f" AND match_rule IN {_texts(NO_TITLE)} AND kind IN (2, 3)"
            " UNION ALL SELECT i.id FROM library_items i WHERE i.provider = :number AND i.id > :after"
            f" AND i.kind IN (2, 3) AND i.match_rule IN {_texts(_BY_NAME)} AND NOT EXISTS"
            " (SELECT 1 FROM imdb_titles t WHERE t.id = i.match_imdb) ORDER BY id LIMIT :limit",
            number=number,
            after=after,
            limit=limit,
        )
        return [row["id"] for row in rows]

    async def rows(self, ids: Iterable[int]) -> list[MatchRow]:
        found = await self._db.fetch_all(
            f"SELECT {_ROW} WHERE i.id IN {many.numbers(self._db.dialect, 'ids')}",
            ids=many.encoded(ids),
        )
        return [_match_row(row) for row in found]

    async def bridges(self, number: int, kind: int, tmdb: Iterable[int]) -> dict[int, list[tuple[int, int]]]:
        """By id of TMDB, the titles that other rows of the provider are, with how many rows, most first."""
        rows = await self._db.fetch_all(
            "SELECT tmdb, imdb, items FROM tmdb_imdb WHERE provider = :number AND kind = :kind"
            f" AND tmdb IN {many.numbers(self._db.dialect, 'tmdb')} ORDER BY items DESC, imdb",
            number=number,
            kind=kind,
            tmdb=many.encoded(tmdb),
        )
        found: dict[int, list[tuple[int, int]]] = {}
        for row in rows:
            found.setdefault(row["tmdb"], []).append((row["imdb"], row["items"]))
        return found

    async def teach(self, tx: Queries, number: int, told: Mapping[tuple[int, int, int], int]) -> None:
        """Kind, id of TMDB and title of IMDb, and how many rows more say so."""
        if not told:
            return
        given = many.rows(
            self._db.dialect, "told", kind="number", tmdb="number", imdb="number", items="number"
        )
        await tx.execute(
            "INSERT INTO tmdb_imdb (provider, kind, tmdb, imdb, items)"
            f" SELECT CAST(:number AS INTEGER), kind, tmdb, imdb, items FROM {given} AS given WHERE TRUE"
            " ON CONFLICT (provider, kind, tmdb, imdb)"
            " DO UPDATE SET items = tmdb_imdb.items + excluded.items",
            number=number,
            told=many.encoded((*which, items) for which, items in sorted(told.items())),
        )

    async def open_again(self, tx: Queries, ids: Iterable[int]) -> None:
        await tx.execute(
            "UPDATE library_items SET match_rule = '', match_imdb = NULL, match_score = NULL"
            f" WHERE id IN {many.numbers(self._db.dialect, 'ids')}",
            ids=many.encoded(ids),
        )

    async def called(self, owner: Owner, *, kind: int, key: str, year: int) -> list[MatchRow]:
        """Rows of the owner's accounts that are called so; `year` is 0 for none."""
        rows = await self._db.fetch_all(
            f"SELECT {_ROW} WHERE i.name_key = :key AND i.name_key <> '' AND i.kind = :kind"
            " AND COALESCE(i.name_year, 0) = :year AND i.provider IN"
            f" (SELECT number FROM library_providers WHERE {OWNED}) ORDER BY i.id",
            **bound(owner),
            key=key,
            kind=kind,
            year=year,
        )
        return [_match_row(row) for row in rows]

    async def owned(self, owner: Owner, item: int) -> MatchRow | None:
        row = await self._db.fetch_one(
            f"SELECT {_ROW} WHERE i.id = :item AND i.kind IN (2, 3) AND i.provider IN"
            f" (SELECT number FROM library_providers WHERE {OWNED})",
            **bound(owner),
            item=item,
        )
        return None if row is None else _match_row(row)

    async def listed(
        self, number: int, kind: int, rule: MatchRule, *, after: Place | None, limit: int
    ) -> list[Place]:
        """Items of a provider by title."""
        beyond = "" if after is None else " AND (sort, id) > (:sort, :id)"
        rows = await self._db.fetch_all(
            "SELECT sort, id FROM library_items WHERE provider = :number AND match_rule = :rule"
            f" AND kind = :kind{beyond} ORDER BY sort, id LIMIT :limit",
            number=number,
            rule=rule,
            kind=kind,
            limit=limit,
            sort="" if after is None else after.sort,
            id=0 if after is None else after.id,
        )
        return [Place(row["sort"], row["id"]) for row in rows]


class _Details(msgspec.Struct, frozen=True):
    """What of `Told` tells which title it is."""

    original_name: str = ""


_DETAILS: Final = msgspec.json.Decoder(_Details)
_BY_NAME: Final[tuple[MatchRule, ...]] = ("tmdb_id", "name", "near_name", "name_only", "best_known")


def _texts(rules: Sequence[MatchRule]) -> str:
    return f"({', '.join(repr(rule) for rule in rules)})"


def _match_row(row: Row) -> MatchRow:
    return MatchRow(
        id=row["id"],
        provider=row["provider"],
        kind=row["kind"],
        panel_id=row["panel_id"],
        hash=row["hash"],
        title=row["title"],
        original=_DETAILS.decode(row["details"]).original_name if row["details"] else "",
        year=row["year"],
        tmdb=row["tmdb"],
        imdb=row["imdb"],
        key=row["name_key"],
        key_year=row["name_year"],
        match_imdb=row["match_imdb"],
        rule=row["match_rule"],
        score=row["match_score"],
    )
