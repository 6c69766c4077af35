"""What players are listed: categories, channels, films and series of all of a profile's accounts.

A category's items are made into what players read once for each state of an account, and kept packed: the
hub lists 125,000 films in the time it takes to send them. Favourites come first, as a category of their own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import msgspec

from services.catalog.library.face_kept import Kept
from services.catalog.library.face_making import Making, Page, Wanted, by_number
from services.catalog.library.face_packing import Packed, packed
from services.catalog.library.face_rows import FAVOURITES, FAVOURITES_NAME, UNSORTED, category_id
from services.catalog.library.face_shapes import FaceCategory
from services.catalog.library.face_shelves import Shelf, Shelves, named, state_of
from services.catalog.library_model import KINDS, Provider
from services.catalog.model import Owner
from services.catalog.store.library.face import Chosen, FaceItem, FaceStore

_OPEN, _COMMA, _CLOSE = packed(b"["), packed(b","), packed(b"]")


class Face:
    """Each call is about one profile's library."""

    def __init__(self, shelves: Shelves, store: FaceStore, making: Making, kept: Kept) -> None:
        self._shelves = shelves
        self._store = store
        self._making = making
        self._kept = kept

    async def providers(self, owner: Owner) -> list[Provider]:
        return await self._shelves.providers(owner)

    async def chosen(self, owner: Owner, kind: int) -> Chosen:
        return await self._store.chosen(owner, kind)

    async def state(self, owner: Owner, *, with_episodes: bool = False) -> str:
        """Another one after every change to what any list of this profile says."""
        told = [
            f"{one.number}.{one.revision if with_episodes else state_of(one)}.{one.name}"
            for one in await self.providers(owner)
        ]
        told += [(await self._store.chosen(owner, kind)).mark for kind in KINDS.values()]
        return "|".join(told)

    async def shelves(self, owner: Owner, kind: int) -> list[Shelf]:
        return await self._shelves.of(owner, kind)

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

    async def _pieces(self, owner: Owner, kind: int, category: int | None) -> AsyncIterator[Packed]:
        wanted = await self._making.wanted(kind)
        if category in {None, FAVOURITES}:
            async for piece in self._also(wanted, FAVOURITES, partial(self._store.favourites, owner, kind)):
                yield piece
        for shelf in await self.shelves(owner, kind):
            rows = [row for row in shelf.seen if category in {None, row.id or UNSORTED}]
            async for piece in self._kept.pieces(shelf, wanted, rows):
                yield piece
            for row in rows if category is not None else ():
                if row.others:
                    page = partial(self._store.also_in, shelf.provider.number, kind, row.id)
                    async for piece in self._also(wanted, row.id, page):
                        yield piece
            if category is None:
                async for items, others in self._seen_elsewhere(shelf, kind):
                    yield await self._making.made(wanted, items, others)

    async def _also(self, wanted: Wanted, category: int, page: Page) -> AsyncIterator[Packed]:
        """Items that are in it besides their first category."""
        async for items in by_number(page):
            others = {item.id: [item.category] for item in items if item.category}
            yield await self._making.made(wanted, items, others, category)

    async def items(self, shelf: Shelf, kind: int) -> AsyncIterator[list[FaceItem]]:
        """Everything that the profile sees of an account, each once."""
        for row in shelf.seen:
            async for items in self._making.items(shelf, kind, row.id):
                yield items
        async for items, _ in self._seen_elsewhere(shelf, kind):
            yield items

    async def _seen_elsewhere(
        self, shelf: Shelf, kind: int
    ) -> AsyncIterator[tuple[list[FaceItem], dict[int, list[int]]]]:
        """What is first of all in a hidden category and in some that are seen, as if in these alone."""
        for row in shelf.hidden if shelf.has_others else ():
            async for items in self._making.items(shelf, kind, row.id):
                others = await self._making.others(shelf, items)
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
