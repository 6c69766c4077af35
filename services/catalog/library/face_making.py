"""Rows of the library made into pieces of the lists that players read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import msgspec

from services.catalog.library.face_packing import Packed, packed
from services.catalog.library.face_rows import channel, movie, series
from services.catalog.library.face_shapes import FaceChannel, FaceMovie, FaceSeries
from services.catalog.library.face_shelves import CHANNELS, MOVIES, SERIES, Shelf
from services.catalog.store.library.face import FaceItem, FaceStore, Place

BATCH: Final = 2000

_encode = msgspec.json.Encoder().encode

Genres: TypeAlias = Sequence[tuple[int, str]]
Others: TypeAlias = Mapping[int, Sequence[int]]
"""By item, its categories beyond the first."""


class Page(Protocol):
    """Items by their numbers."""

    def __call__(self, *, after: int, limit: int) -> Awaitable[list[FaceItem]]: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are made; `genres` are looked up where rows tell them."""

    kind: int
    genres: Genres


class Making:
    """Reads in batches and makes them: nothing of a list is held but the piece that is being sent."""

    def __init__(self, store: FaceStore) -> None:
        self._store = store

    async def wanted(self, kind: int) -> Wanted:
        return Wanted(kind, await self._store.genres() if kind == SERIES else ())

    async def pieces(
        self, shelf: Shelf, wanted: Wanted, category: int, *, after: Place | None = None
    ) -> AsyncIterator[tuple[Packed, Place | None]]:
        """Each with where the next one goes on, None at the end."""
        async for items in self.items(shelf, wanted.kind, category, after=after):
            piece = await self.made(wanted, items, await self.others(shelf, items))
            yield piece, items[-1].place() if len(items) == BATCH else None

    async def items(
        self, shelf: Shelf, kind: int, category: int, *, after: Place | None = None
    ) -> AsyncIterator[list[FaceItem]]:
        """Those whose first category it is, in order; at least one batch, be it empty."""
        while True:
            items = await self._store.batch(shelf.provider.number, kind, category, after=after, limit=BATCH)
            yield items
            if len(items) < BATCH:
                return
            after = items[-1].place()

    async def others(self, shelf: Shelf, items: Sequence[FaceItem]) -> dict[int, list[int]]:
        if not shelf.has_others:
            return {}
        return await self._store.other_categories([item.id for item in items])

    async def made(
        self, wanted: Wanted, items: Sequence[FaceItem], others: Others, category: int | None = None
    ) -> Packed:
        """The items as players read them, with commas between them."""
        return await asyncio.to_thread(_made, wanted, items, others, category)


async def by_number(page: Page) -> AsyncIterator[list[FaceItem]]:
    """At least one batch, be it empty."""
    after = 0
    while True:
        items = await page(after=after, limit=BATCH)
        yield items
        if len(items) < BATCH:
            return
        after = items[-1].id


def genre_names(bits: int, genres: Genres) -> str:
    return ", ".join(name for bit, name in genres if bits >> bit & 1) if bits else ""


def _made(wanted: Wanted, items: Sequence[FaceItem], others: Others, category: int | None) -> Packed:
    rows: list[FaceChannel | FaceMovie | FaceSeries] = []
    for item in items:
        first, more = item.category if category is None else category, others.get(item.id, ())
        if wanted.kind == CHANNELS:
            rows.append(channel(item, first, more))
        elif wanted.kind == MOVIES:
            rows.append(movie(item, first, more))
        else:
            rows.append(series(item, first, more, genres=genre_names(item.genres, wanted.genres)))
    return packed(_encode(rows)[1:-1])
