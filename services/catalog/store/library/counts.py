"""How many items have what: lists show it, and choose by it which way to walk."""

# ruff: noqa: S608  # only each engine's own words are put into statements

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from libs.common.db import Database, Queries, Value
from services.catalog.store.library import many

ALL = "all"
BITS = 62
"""Genres that have a bit; SQLite and PostgreSQL hold 63 in a number. Later ones are not told apart."""
MOST_LANGUAGES = 1000


class Counted(NamedTuple):
    """What of an item is counted, in this order."""

    year: int | None
    rating: int | None
    category: int
    language: int
    genres: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What is to be added to what is counted of one provider's items of one kind.

    `facets` by facet and value, `categories` by number, `others` those that are not an item's first.
    """

    facets: Counter[tuple[str, int]] = field(default_factory=Counter)
    categories: Counter[int] = field(default_factory=Counter)
    others: Counter[int] = field(default_factory=Counter)

    def add(self, counted: Sequence[tuple[Value, ...]], by: int) -> None:
        """So many items more of each, told as `Counted`."""
        if not counted:
            return
        years, ratings, categories, languages, masks = (
            Counter(column) for column in zip(*counted, strict=True)
        )
        self.facets[ALL, 0] += by * len(counted)
        for facet, values in (("year", years), ("language", languages)):
            for value, items in values.items():
                if value:
                    self.facets[facet, value] += by * items
        for rating, items in ratings.items():
            if rating is not None:
                self.facets["rating", rating // 10] += by * items
        for mask, items in masks.items():
            for bit in bits(mask):
                self.facets["genre", bit] += by * items
        for category, items in categories.items():
            if category:
                self.categories[category] += by * items


def bits(mask: int) -> Iterable[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


class CountStore:
    def __init__(self, database: Database) -> None:
        self._db = database
        self._known: dict[str, dict[str, int]] = {}

    async def add(self, tx: Queries, number: int, kind: int, counts: Counts) -> None:
        facets = sorted((facet, value, by) for (facet, value), by in counts.facets.items() if by)
        if facets:
            await tx.execute_many(
                "INSERT INTO library_facets (provider, kind, facet, value, items)"
                " VALUES (:number, :kind, :facet, :value, :by)"
                " ON CONFLICT (provider, kind, facet, value)"
                " DO UPDATE SET items = library_facets.items + excluded.items",
                [
                    {"number": number, "kind": kind, "facet": facet, "value": value, "by": by}
                    for facet, value, by in facets
                ],
            )
            if any(by < 0 for _, _, by in facets):
                await tx.execute(
                    "DELETE FROM library_facets WHERE provider = :number AND kind = :kind AND items <= 0",
                    number=number,
                    kind=kind,
                )
        await tx.execute_many(
            "UPDATE library_categories SET items = items + :items, others = others + :others WHERE id = :id",
            [
                {
                    "id": id_,
                    "items": counts.categories[id_],
                    "others": counts.others[id_],
                }
                for id_ in sorted(counts.categories.keys() | counts.others.keys())
                if counts.categories[id_] or counts.others[id_]
            ],
        )

    async def terms(self, facet: str, names: Collection[str]) -> Mapping[str, int]:
        """The numbers of genres or languages, given out where they have none; full, the last have none.

        They only ever become more: what was read once holds.
        """
        known = self._known.get(facet, {})
        if missing := sorted(set(names) - known.keys()):
            known = await self._terms(facet, self._db)
            if len(known) < _most(facet) and (missing := [name for name in missing if name not in known]):
                known = await self._give(facet, missing)
            self._known[facet] = known
        return known

    async def _give(self, facet: str, names: Sequence[str]) -> dict[str, int]:
        async with self._db.transaction() as tx:
            # Whoever else gives out numbers waits here.
            await tx.execute("UPDATE library_numbers SET next = next WHERE name = 'category'")
            known = await self._terms(facet, tx)
            # Genres are bits from 0; 0 is no language.
            first = 0 if facet == "genre" else 1
            free = sorted(set(range(first, first + _most(facet))) - set(known.values()))
            given = dict(
                zip((name for name in dict.fromkeys(names) if name not in known), free, strict=False)
            )
            await tx.execute_many(
                "INSERT INTO library_terms (facet, name, value) VALUES (:facet, :name, :value)",
                [{"facet": facet, "name": name, "value": value} for name, value in given.items()],
            )
        return {**known, **given}

    async def _terms(self, facet: str, queries: Queries) -> dict[str, int]:
        rows = await queries.fetch_all(
            "SELECT name, value FROM library_terms WHERE facet = :facet", facet=facet
        )
        return {row["name"]: row["value"] for row in rows}

    async def totals(self, numbers: Sequence[int]) -> Mapping[int, int]:
        """How many items of each kind those providers have together."""
        rows = await self._db.fetch_all(
            "SELECT kind, CAST(sum(items) AS BIGINT) AS items FROM library_facets WHERE facet = 'all'"
            f" AND {many.among(self._db.dialect, 'provider', 'numbers')} GROUP BY kind",
            numbers=many.encoded(numbers),
        )
        return {row["kind"]: row["items"] for row in rows}


def _most(facet: str) -> int:
    return BITS if facet == "genre" else MOST_LANGUAGES
