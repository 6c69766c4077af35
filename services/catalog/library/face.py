"""What players are listed: categories, channels, films and series of all of a profile's accounts.

A category's items are made into what players read once for each state of an account, and kept packed: the
hub lists 125,000 films in the time it takes to send them. Favourites come first, as a category of their own.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

import msgspec

from libs.common.cache import Cache, Lives, Loaded
from libs.common.tasks import Tasks
from services.catalog.library.face_packing import Packed, packed
from services.catalog.library.face_rows import (
    FAVOURITES,
    FAVOURITES_NAME,
    UNSORTED,
    UNSORTED_NAME,
    category_id,
    channel,
    movie,
    series,
)
from services.catalog.library.face_shapes import FaceCategory, FaceChannel, FaceMovie, FaceSeries
from services.catalog.library_model import KINDS, Provider
from services.catalog.model import Owner
from services.catalog.store.library.face import CategoryRow, Chosen, FaceItem, FaceStore, Place
from services.catalog.store.library.providers import ProviderStore

BATCH: Final = 2000
DAY_S: Final = 24 * 3600.0
KEPT_S: Final = DAY_S
LATELY_S: Final = 14 * DAY_S
"""Televisions that weren't on for two weeks don't have lists made for them."""
CHANNELS: Final = KINDS["channels"]
MOVIES: Final = KINDS["movies"]
SERIES: Final = KINDS["series"]

_OPEN, _COMMA, _CLOSE = packed(b"["), packed(b","), packed(b"]")
_encode = msgspec.json.Encoder().encode

Genres: TypeAlias = Sequence[tuple[int, str]]


class _Batch(msgspec.Struct, frozen=True, array_like=True):
    """`after` is where the next one goes on, None at the end."""

    piece: Packed
    after: Place | None


_batch_of = msgspec.msgpack.Decoder(_Batch).decode


@dataclass(frozen=True, slots=True)
class Shelf:
    """One account and those of its categories that the profile sees; 0 is what is in none."""

    provider: Provider
    seen: tuple[CategoryRow, ...]
    hidden: tuple[CategoryRow, ...]

    @property
    def has_others(self) -> bool:
        return any(row.others for row in (*self.seen, *self.hidden))

    def sees(self, category: int) -> bool:
        return any(row.id == category for row in self.seen)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which rows are made; `genres` are looked up where rows tell them."""

    kind: int
    genres: Genres


class Face:
    """Each call is about one profile's library."""

    def __init__(self, providers: ProviderStore, store: FaceStore, cache: Cache, tasks: Tasks) -> None:
        self._providers = providers
        self._store = store
        self._cache = cache
        self._tasks = tasks

    async def providers(self, owner: Owner) -> list[Provider]:
        return await self._providers.visible(owner)

    async def chosen(self, owner: Owner, kind: int) -> Chosen:
        return await self._store.chosen(owner, kind)

    async def state(self, owner: Owner, *, with_episodes: bool = False) -> str:
        """Another one after every change to what any list of this profile says."""
        told = [
            f"{one.number}.{one.revision if with_episodes else _state(one)}.{one.name}"
            for one in await self.providers(owner)
        ]
        told += [(await self._store.chosen(owner, kind)).mark for kind in KINDS.values()]
        return "|".join(told)

    async def shelves(self, owner: Owner, kind: int) -> list[Shelf]:
        hidden = (await self._store.chosen(owner, kind)).hidden
        found = []
        for provider in await self._providers.visible(owner):
            rows = await self._rows(provider, kind)
            found.append(
                Shelf(
                    provider,
                    tuple(row for row in rows if row.id not in hidden),
                    tuple(row for row in rows if row.id in hidden),
                )
            )
        return found

    async def _rows(self, provider: Provider, kind: int) -> list[CategoryRow]:
        rows = await self._store.categories(provider.number, kind)
        if await self._store.has_unsorted(provider.number, kind):
            rows.append(CategoryRow(0, provider.number, UNSORTED_NAME, 1, 0))
        return rows

    async def categories(self, owner: Owner, kind: int) -> list[FaceCategory]:
        """Those that are empty are left out; an account's name stands before them where there are several."""
        found = dict[str, FaceCategory]()
        if (await self._store.chosen(owner, kind)).favourites:
            found[str(FAVOURITES)] = FaceCategory(category_id=str(FAVOURITES), category_name=FAVOURITES_NAME)
        for row, name in named(await self.shelves(owner, kind)):
            id_ = category_id(row.id)
            found.setdefault(id_, FaceCategory(category_id=id_, category_name=name))
        return list(found.values())

    async def listed(self, owner: Owner, kind: int, category: int | None) -> AsyncIterator[Packed]:
        """A JSON array of a category's items, or of everything: its pieces."""
        yield _OPEN
        is_first = True
        async for piece in self._pieces(owner, kind, category):
            if not piece.size:
                continue
            if not is_first:
                yield _COMMA
            is_first = False
            yield piece
        yield _CLOSE

    async def kept(self, shelf: Shelf, kind: int) -> AsyncIterator[Packed]:
        """What is kept of a whole list; what isn't yet is made."""
        wanted = await self._wanted(kind)
        for row in shelf.seen:
            async for piece in self._of_category(shelf, wanted, row):
                yield piece

    async def was_listed(self, provider: Provider, kind: int) -> bool:
        """Whether a player has asked for a whole list with it lately."""
        return await self._cache.get(_asked_key(provider, kind)) is not None

    async def _note_listed(self, provider: Provider, kind: int) -> None:
        """Once a day."""

        async def asked() -> Loaded:
            return Loaded(b"asked", Lives(DAY_S, stale_s=LATELY_S))

        await self._cache.get_or_load(_asked_key(provider, kind), asked)

    async def _wanted(self, kind: int) -> _Wanted:
        return _Wanted(kind, await self._store.genres() if kind == SERIES else ())

    async def _pieces(self, owner: Owner, kind: int, category: int | None) -> AsyncIterator[Packed]:
        wanted = await self._wanted(kind)
        if category in {None, FAVOURITES}:
            async for piece in self._favourites(owner, wanted):
                yield piece
        for shelf in await self.shelves(owner, kind):
            rows = [row for row in shelf.seen if category in {None, row.id or UNSORTED}]
            async for piece in self._of_categories(shelf, wanted, rows):
                yield piece
            for row in rows if category is not None else ():
                if row.others:
                    async for piece in self._also_in(shelf, wanted, row):
                        yield piece
            if category is None:
                await self._note_listed(shelf.provider, kind)
                async for items, others in self.seen_elsewhere(shelf, kind):
                    yield await asyncio.to_thread(_made, wanted, items, others)

    async def _of_categories(
        self, shelf: Shelf, wanted: _Wanted, rows: Sequence[CategoryRow]
    ) -> AsyncIterator[Packed]:
        """The next one is begun while this one is made: one is read while the other is packed."""
        for row, following in itertools.zip_longest(rows, rows[1:]):
            if following is not None and self._cache.held(_key(shelf, wanted, following, 0)) is None:
                ahead = self._batch(shelf, wanted, following, 0, None)
                self._tasks.spawn("player_list_ahead", ahead)
            async for piece in self._of_category(shelf, wanted, row):
                yield piece

    async def _of_category(self, shelf: Shelf, wanted: _Wanted, row: CategoryRow) -> AsyncIterator[Packed]:
        after: Place | None = None
        for number in itertools.count():
            batch = await self._batch(shelf, wanted, row, number, after)
            yield batch.piece
            if batch.after is None:
                return
            after = batch.after

    async def _batch(
        self, shelf: Shelf, wanted: _Wanted, row: CategoryRow, number: int, after: Place | None
    ) -> _Batch:
        load = partial(self._load, shelf, wanted, row.id, after)
        return _batch_of((await self._cache.get_or_load(_key(shelf, wanted, row, number), load)).entry.value)

    async def _load(self, shelf: Shelf, wanted: _Wanted, category: int, after: Place | None) -> Loaded:
        items = await self._store.batch(
            shelf.provider.number, wanted.kind, category, after=after, limit=BATCH
        )
        piece = await asyncio.to_thread(_made, wanted, items, await self._others(shelf, items))
        batch = _Batch(piece, items[-1].place() if len(items) == BATCH else None)
        return Loaded(msgspec.msgpack.encode(batch), Lives(KEPT_S))

    async def _others(self, shelf: Shelf, items: Sequence[FaceItem]) -> dict[int, list[int]]:
        if not shelf.has_others:
            return {}
        return await self._store.other_categories([item.id for item in items])

    async def _also_in(self, shelf: Shelf, wanted: _Wanted, row: CategoryRow) -> AsyncIterator[Packed]:
        after = 0
        while True:
            items = await self._store.also_in(
                shelf.provider.number, wanted.kind, row.id, after=after, limit=BATCH
            )
            others = {item.id: [item.category] for item in items if item.category}
            yield await asyncio.to_thread(_made, wanted, items, others, row.id)
            if len(items) < BATCH:
                return
            after = items[-1].id

    async def seen_elsewhere(
        self, shelf: Shelf, kind: int
    ) -> AsyncIterator[tuple[list[FaceItem], dict[int, list[int]]]]:
        """What is first of all in a hidden category and in some that are seen, as if in these alone."""
        for row in shelf.hidden if shelf.has_others else ():
            after: Place | None = None
            while True:
                items = await self._store.batch(shelf.provider.number, kind, row.id, after=after, limit=BATCH)
                others = await self._others(shelf, items)
                seen = {
                    item: [other for other in categories if shelf.sees(other)]
                    for item, categories in others.items()
                }
                yield (
                    [
                        msgspec.structs.replace(item, category=seen[item.id][0])
                        for item in items
                        if seen.get(item.id)
                    ],
                    seen,
                )
                if len(items) < BATCH:
                    break
                after = items[-1].place()

    async def _favourites(self, owner: Owner, wanted: _Wanted) -> AsyncIterator[Packed]:
        after = 0
        while True:
            items = await self._store.favourites(owner, wanted.kind, after=after, limit=BATCH)
            others = {item.id: [item.category] for item in items if item.category}
            yield await asyncio.to_thread(_made, wanted, items, others, FAVOURITES)
            if len(items) < BATCH:
                return
            after = items[-1].id


def _key(shelf: Shelf, wanted: _Wanted, row: CategoryRow, number: int) -> str:
    """The number of a batch tells it from others of the same state of the account."""
    return f"{shelf.provider.number}:{_state(shelf.provider)}:{wanted.kind}:{row.id}:{number}"


def _asked_key(provider: Provider, kind: int) -> str:
    return f"asked:{provider.number}:{kind}"


def _state(provider: Provider) -> str:
    """Lists and guide change in runs alone; details, which come between them all the time, are not in any."""
    within = f"r{provider.revision}" if provider.run else ""
    return f"{provider.run_number}{within}.{provider.synced_at}.{provider.guide_synced_at}"


def named(shelves: Sequence[Shelf]) -> list[tuple[CategoryRow, str]]:
    """Categories as players are shown them; what is in none is one category, whosever it is."""
    several = len(shelves) > 1
    return [
        (row, f"{shelf.provider.name or shelf.provider.host}: {row.name}" if several and row.id else row.name)
        for shelf in shelves
        for row in shelf.seen
    ]


def genre_names(bits: int, genres: Genres) -> str:
    return ", ".join(name for bit, name in genres if bits >> bit & 1) if bits else ""


def _made(
    wanted: _Wanted, items: Sequence[FaceItem], others: dict[int, list[int]], category: int | None = None
) -> Packed:
    """The items as players read them, with commas between them."""
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
