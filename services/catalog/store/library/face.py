"""What players are listed: items by category in batches, their categories, and episodes.

Batches go on behind the last row of the one before, so that nothing is held open while a player reads.
"""

# ruff: noqa: S608  # only fixed column lists and whole numbers are put into statements

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec

from libs.common.db import Database, Row
from services.catalog.library_model import KINDS, NAMELESS, Episode, More
from services.catalog.model import Owner
from services.catalog.store.library import many
from services.catalog.store.rows import OWNED, bound

_COLUMNS = (
    f"i.id, i.provider, i.panel_id, COALESCE(NULLIF(i.name, ''), '{NAMELESS}') AS name, i.title, i.sort,"
    " i.year, i.rating, i.added, i.category, i.genres, i.tmdb, i.guide_id, i.icon, i.extension, i.more"
)
CHANNELS = KINDS["channels"]

_more = msgspec.json.Decoder(More).decode


class FaceItem(msgspec.Struct, frozen=True, gc=False):
    """A row of the library as far as players see it. `rating` is in tenths, `added` in epoch seconds."""

    id: int
    provider: int
    panel_id: int
    name: str
    title: str
    sort: str
    year: int | None
    rating: int | None
    added: int
    category: int
    genres: int
    tmdb: int | None
    guide_id: str
    icon: str
    extension: str
    more: str

    def told(self) -> More:
        return _more(self.more) if self.more else More()

    def place(self) -> Place:
        return Place(self.panel_id, self.sort, self.id)


class Place(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where a batch ended."""

    panel_id: int
    sort: str
    id: int


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """`items` counts those whose first category it is, `others` those that are in it too."""

    id: int
    provider: int
    name: str
    items: int
    others: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a profile hides and likes; `mark` is another one after each change."""

    hidden: frozenset[int]
    favourites: int
    mark: str


class FaceStore:
    """Reads only. `providers` are numbers that were looked up as the owner's."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def chosen(self, owner: Owner, kind: int) -> Chosen:
        hidden = await self._db.fetch_all(
            f"SELECT category, at FROM library_hidden_categories WHERE {OWNED} ORDER BY category",
            **bound(owner),
        )
        liked = await self._db.fetch_one(
            "SELECT COUNT(*) AS items, COALESCE(MAX(f.at), 0) AS latest, COALESCE(SUM(f.item), 0) AS total"
            " FROM library_favourites f JOIN library_items i ON i.id = f.item"
            " JOIN library_providers p ON p.number = i.provider"
            " AND p.account_id = f.account_id AND p.profile_id = f.profile_id"
            " WHERE f.account_id = :account_id AND f.profile_id = :profile_id AND i.kind = :kind",
            kind=kind,
            **bound(owner),
        )
        favourites = 0 if liked is None else int(liked["items"])
        marks = [0, 0] if liked is None else [int(liked["latest"]), int(liked["total"])]
        numbers = frozenset(int(row["category"]) for row in hidden)
        mark = f"{sorted(numbers)}:{favourites}:{marks}"
        return Chosen(numbers, favourites, mark)

    async def categories(self, provider: int, kind: int) -> list[CategoryRow]:
        """In the provider's order."""
        rows = await self._db.fetch_all(
            "SELECT id, provider, name, items, others FROM library_categories"
            " WHERE provider = :provider AND kind = :kind AND (items > 0 OR others > 0)"
            " ORDER BY position, id",
            provider=provider,
            kind=kind,
        )
        return [
            CategoryRow(row["id"], row["provider"], row["name"], row["items"], row["others"]) for row in rows
        ]

    async def has_unsorted(self, provider: int, kind: int) -> bool:
        found = await self._db.fetch_one(
            "SELECT 1 AS one FROM library_items WHERE provider = :provider AND kind = :kind AND category = 0"
            " LIMIT 1",
            provider=provider,
            kind=kind,
        )
        return found is not None

    async def batch(
        self, provider: int, kind: int, category: int, *, after: Place | None, limit: int
    ) -> list[FaceItem]:
        """Of the items whose first category it is: channels as the provider has them, others by title."""
        order = "i.panel_id" if kind == CHANNELS else "i.sort, i.id"
        behind = "i.panel_id > :panel_id" if kind == CHANNELS else "(i.sort, i.id) > (:sort, :id)"
        place = {} if after is None else _place(kind, after)
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS} FROM library_items i WHERE i.provider = :provider AND i.kind = :kind"
            f" AND i.category = :category{' AND ' + behind if place else ''} ORDER BY {order} LIMIT {limit}",
            provider=provider,
            kind=kind,
            category=category,
            **place,
        )
        return [_item(row) for row in rows]

    async def also_in(
        self, provider: int, kind: int, category: int, *, after: int, limit: int
    ) -> list[FaceItem]:
        """Items that are in a category besides their first, by their numbers."""
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS} FROM library_item_categories c JOIN library_items i ON i.id = c.item"
            " WHERE c.category = :category AND i.provider = :provider AND i.kind = :kind AND i.id > :after"
            f" ORDER BY i.id LIMIT {limit}",
            provider=provider,
            kind=kind,
            category=category,
            after=after,
        )
        return [_item(row) for row in rows]

    async def other_categories(self, items: Collection[int]) -> dict[int, list[int]]:
        """Of items of one batch, those beyond their first."""
        if not items:
            return {}
        rows = await self._db.fetch_all(
            "SELECT item, category FROM library_item_categories"
            f" WHERE item IN {many.numbers(self._db.dialect, 'items')} ORDER BY item, category",
            items=many.encoded(items),
        )
        found: dict[int, list[int]] = {}
        for row in rows:
            found.setdefault(int(row["item"]), []).append(int(row["category"]))
        return found

    async def favourites(self, owner: Owner, kind: int, *, after: int, limit: int) -> list[FaceItem]:
        """Of the owner's own accounts alone, by their numbers."""
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS} FROM library_favourites f JOIN library_items i ON i.id = f.item"
            " JOIN library_providers p ON p.number = i.provider"
            " AND p.account_id = f.account_id AND p.profile_id = f.profile_id"
            " WHERE f.account_id = :account_id AND f.profile_id = :profile_id AND i.kind = :kind"
            f" AND i.id > :after ORDER BY i.id LIMIT {limit}",
            kind=kind,
            after=after,
            **bound(owner),
        )
        return [_item(row) for row in rows]

    async def item(self, owner: Owner, kind: int, number: int) -> FaceItem | None:
        row = await self._db.fetch_one(
            f"SELECT {_COLUMNS} FROM library_items i JOIN library_providers p ON p.number = i.provider"
            " WHERE i.id = :number AND i.kind = :kind"
            " AND p.account_id = :account_id AND p.profile_id = :profile_id",
            number=number,
            kind=kind,
            **bound(owner),
        )
        return None if row is None else _item(row)

    async def genres(self) -> tuple[tuple[int, str], ...]:
        """Bits and their names."""
        rows = await self._db.fetch_all(
            "SELECT name, value FROM library_terms WHERE facet = 'genre' ORDER BY value"
        )
        return tuple((int(row["value"]), str(row["name"])) for row in rows)

    async def episodes(self, series: Sequence[int]) -> list[Episode]:
        """Those that are known of the series of one batch, in order."""
        if not series:
            return []
        rows = await self._db.fetch_all(
            "SELECT id, provider, series, season, number, panel_id, title, picture, extension, duration_s"
            f" FROM library_episodes WHERE series IN {many.numbers(self._db.dialect, 'series')}"
            " ORDER BY series, season, number, id",
            series=many.encoded(series),
        )
        return [
            Episode(
                id=row["id"],
                provider=row["provider"],
                series=row["series"],
                season=row["season"],
                number=row["number"],
                panel_id=row["panel_id"],
                title=row["title"],
                picture=row["picture"],
                extension=row["extension"],
                duration_s=row["duration_s"],
            )
            for row in rows
        ]


def _place(kind: int, after: Place) -> dict[str, str | int]:
    return {"panel_id": after.panel_id} if kind == CHANNELS else {"sort": after.sort, "id": after.id}


def _item(row: Row) -> FaceItem:
    return FaceItem(*row)
