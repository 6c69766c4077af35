"""Items of the library by id, by title, and all of them one batch after the other."""

# ruff: noqa: S608  # only fixed column names, bound names and whole numbers are put into statements

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from libs.common.db import Database, Row, Value
from services.catalog.library_model import Item
from services.catalog.model import Owner
from services.catalog.store.library.scans import SHOWN, Filters, Place, Scan, ScanStore
from services.catalog.store.rows import bound

BATCH: Final = 2000
_COLUMNS: Final = (
    "i.id, i.provider, i.kind, i.panel_id, i.name, i.title, i.sort, i.year, i.rating, i.added, i.category,"
    " i.language, i.genres, i.tmdb, i.guide_id, i.icon, i.extension, i.match_imdb, i.more"
)


class ListStore:
    """Reads items whole."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._scans = ScanStore(database)

    async def items(self, owner: Owner, ids: Sequence[int]) -> dict[int, Item]:
        """Those of `ids` that the owner's own accounts have."""
        if not ids:
            return {}
        named = _named(ids)
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS}, f.item IS NOT NULL AS is_favourite FROM library_items i"
            " JOIN library_providers p ON p.number = i.provider"
            " LEFT JOIN library_favourites f ON f.item = i.id"
            " AND f.account_id = :account_id AND f.profile_id = :profile_id"
            " WHERE p.account_id = :account_id AND p.profile_id = :profile_id"
            f" AND i.id IN ({_places(named)})",
            **bound(owner),
            **named,
        )
        return {row["id"]: _item(row) for row in rows}

    async def versions(self, item: Item, providers: Sequence[int], *, most: int) -> list[int]:
        """Other rows of the same title: as it was matched, or of one name and year where it was not."""
        values: dict[str, Value] = {"kind": item.kind, "id": item.id}
        if item.match_imdb is not None:
            same = "match_imdb = :imdb"
            values["imdb"] = item.match_imdb
        else:
            same = "sort = :sort AND COALESCE(year, 0) = :year AND match_imdb IS NULL"
            values |= {"sort": item.sort, "year": item.year or 0}
        named = _named(providers)
        rows = await self._db.fetch_all(
            f"SELECT id FROM library_items WHERE provider IN ({_places(named)}) AND kind = :kind AND {same}"
            f" AND id <> :id ORDER BY id LIMIT {most}",
            **values,
            **named,
        )
        return [row["id"] for row in rows]

    async def episode_counts(self, series: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Seasons and episodes of those whose details are held; an episode's streams count once."""
        if not series:
            return {}
        named = _named(series)
        rows = await self._db.fetch_all(
            "SELECT series, COUNT(DISTINCT season) AS seasons, COUNT(*) AS episodes FROM (SELECT DISTINCT"
            f" series, season, number FROM library_episodes WHERE series IN ({_places(named)})) told"
            " GROUP BY series",
            **named,
        )
        return {row["series"]: (row["seasons"], row["episodes"]) for row in rows}

    async def everything(
        self,
        providers: Sequence[int],
        kind: int,
        *,
        category: int | None = None,
        shown_to: Owner | None = None,
    ) -> AsyncIterator[list[Item]]:
        """All items of a kind, one provider after the other, in batches: by their number at the provider, or
        by title in one category. `is_favourite` isn't told; `shown_to` leaves out what that owner hides."""
        for provider in providers:
            if category is None:
                batches = self._by_panel_id(provider, kind, shown_to)
            else:
                batches = self._of_category(provider, kind, category, shown_to)
            async for batch in batches:
                yield batch

    async def _by_panel_id(
        self, provider: int, kind: int, shown_to: Owner | None
    ) -> AsyncIterator[list[Item]]:
        shown = "" if shown_to is None else f" AND {SHOWN}"
        values: Mapping[str, Value] = {} if shown_to is None else bound(shown_to)
        after = -(2**63)
        while True:
            rows = await self._db.fetch_all(
                f"SELECT {_COLUMNS}, FALSE AS is_favourite FROM library_items i WHERE provider = :provider"
                f" AND kind = :kind AND panel_id > :after{shown} ORDER BY panel_id LIMIT {BATCH}",
                provider=provider,
                kind=kind,
                after=after,
                **values,
            )
            if rows:
                after = rows[-1]["panel_id"]
                yield [_item(row) for row in rows]
            if len(rows) < BATCH:
                return

    async def _of_category(
        self, provider: int, kind: int, category: int, shown_to: Owner | None
    ) -> AsyncIterator[list[Item]]:
        scan = Scan(
            provider=provider,
            kind=kind,
            order="title",
            filters=Filters(category=category),
            limit=BATCH,
            shown_to=shown_to,
        )
        for read in (self._scans.walk, self._scans.members):
            after: Place | None = None
            while True:
                places = await read(replace(scan, after=after))
                if places:
                    after = places[-1]
                    yield await self._at(places)
                if len(places) < BATCH:
                    break

    async def _at(self, places: Sequence[Place]) -> list[Item]:
        named = _named([place.id for place in places])
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS}, FALSE AS is_favourite FROM library_items i WHERE id IN ({_places(named)})",
            **named,
        )
        items = {row["id"]: _item(row) for row in rows}
        return [items[place.id] for place in places if place.id in items]


def _named(numbers: Sequence[int]) -> dict[str, Value]:
    return {f"n{place}": number for place, number in enumerate(numbers)}


def _places(named: Mapping[str, Value]) -> str:
    return ", ".join(f":{name}" for name in named)


def _item(row: Row) -> Item:
    return Item(
        id=row["id"],
        provider=row["provider"],
        kind=row["kind"],
        panel_id=row["panel_id"],
        name=row["name"],
        title=row["title"],
        sort=row["sort"],
        year=row["year"],
        rating=row["rating"],
        added=row["added"],
        category=row["category"],
        language=row["language"],
        genres=row["genres"],
        tmdb=row["tmdb"],
        guide_id=row["guide_id"],
        icon=row["icon"],
        extension=row["extension"],
        match_imdb=row["match_imdb"],
        more=row["more"],
        is_favourite=bool(row["is_favourite"]),
    )
