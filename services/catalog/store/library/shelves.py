"""What a provider's library is divided into, and how much is in each part."""

# ruff: noqa: S608  # only bound names are put into statements

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from libs.common.db import Database
from services.catalog.store.library import many


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """`items` counts what has it as its first, `others` what is in it besides."""

    id: int
    provider: int
    kind: int
    name: str
    items: int
    others: int

    @property
    def total(self) -> int:
        return self.items + self.others


@dataclass(frozen=True, slots=True)
class Shelf:
    """Of one provider. `counts` has how many items of a kind and facet have each value."""

    categories: Mapping[int, Category] = field(default_factory=dict)
    counts: Mapping[tuple[int, str], Mapping[int, int]] = field(default_factory=dict)

    def total(self, kind: int) -> int:
        return self.between(kind, "all", 0, 0)

    def between(self, kind: int, facet: str, low: int | None, high: int | None) -> int:
        """How many items have a value from `low` to `high`."""
        counts = self.counts.get((kind, facet), {})
        if low is not None and low == high:
            return counts.get(low, 0)
        return sum(
            items
            for value, items in counts.items()
            if (low is None or low <= value) and (high is None or value <= high)
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """Genres by their bit's place and languages by their number; they only ever become more."""

    genres: Mapping[int, str] = field(default_factory=dict)
    languages: Mapping[int, str] = field(default_factory=dict)

    def named(self, genres: int) -> tuple[str, ...]:
        """The names of those bits."""
        return tuple(name for bit, name in self.genres.items() if genres >> bit & 1)


class ShelfStore:
    """Reads them whole: they are small."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def shelves(self, providers: Sequence[int]) -> dict[int, Shelf]:
        """Categories are in their provider's order."""
        dialect, given = self._db.dialect, many.encoded(providers)
        theirs = many.among(dialect, "provider", "providers")
        categories: dict[int, dict[int, Category]] = {number: {} for number in providers}
        for row in await self._db.fetch_all(
            "SELECT id, provider, kind, name, items, others FROM library_categories"
            f" WHERE {theirs} ORDER BY provider, kind, position, id",
            providers=given,
        ):
            categories[row["provider"]][row["id"]] = Category(**dict(row))
        counts: dict[int, dict[tuple[int, str], dict[int, int]]] = {number: {} for number in providers}
        for row in await self._db.fetch_all(
            f"SELECT provider, kind, facet, value, items FROM library_facets WHERE {theirs}",
            providers=given,
        ):
            facet = counts[row["provider"]].setdefault((row["kind"], row["facet"]), {})
            facet[row["value"]] = row["items"]
        return {number: Shelf(categories[number], counts[number]) for number in providers}

    async def terms(self) -> Terms:
        genres: dict[int, str] = {}
        languages: dict[int, str] = {}
        for row in await self._db.fetch_all("SELECT facet, name, value FROM library_terms"):
            (genres if row["facet"] == "genre" else languages)[row["value"]] = row["name"]
        return Terms(genres, languages)
