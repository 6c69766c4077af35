"""Lists for players, kept in the database: made when a run has ended, before anybody asks.

A kept piece is as the last run has left it. While the next one writes, that is what players are listed.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from libs.common.clock import Clock
from libs.common.tasks import Tasks
from services.catalog.library.face_making import BATCH, Making, Wanted
from services.catalog.library.face_packing import Packed
from services.catalog.library.face_shelves import Shelf, Shelves, state_of
from services.catalog.library_model import KINDS, Provider
from services.catalog.store.library.face import CategoryRow, Place
from services.catalog.store.library.face_pieces import KeptPiece, PieceStore

SHAPES: Final = 1
"""Another number for each change of what a row is made into: what was kept before is made anew."""
TOGETHER: Final = 16
"""Pieces that are read or written at once: one or two megabytes."""

_SHAPED: Final = f"{SHAPES}."
_place_of = msgspec.json.Decoder(Place).decode


class Kept:
    def __init__(
        self, shelves: Shelves, making: Making, store: PieceStore, *, tasks: Tasks, clock: Clock
    ) -> None:
        self._shelves = shelves
        self._making = making
        self._store = store
        self._tasks = tasks
        self._clock = clock
        self._turn = asyncio.Lock()
        self._waiting: set[str] = set()

    async def pieces(
        self, shelf: Shelf, wanted: Wanted, rows: Sequence[CategoryRow]
    ) -> AsyncIterator[Packed]:
        """What is in those categories. What isn't kept is made as it is sent, and then kept for the next."""
        is_whole = True
        try:
            for group in _groups(rows):
                kept = await self._held(shelf, wanted, [row.id for row in group], since=0)
                for row in group:
                    async for piece, was_kept in self._of_row(shelf, wanted, row, kept.get(row.id, [])):
                        is_whole = is_whole and was_kept
                        yield piece
        finally:
            if not is_whole and not shelf.provider.run:
                self.begin(shelf.provider.id)

    async def _of_row(
        self, shelf: Shelf, wanted: Wanted, row: CategoryRow, held: list[KeptPiece]
    ) -> AsyncIterator[tuple[Packed, bool]]:
        state = _state(shelf.provider)
        if shelf.provider.run and held and held[0].state.startswith(_SHAPED):
            # While a run writes, whatever is kept of one state.
            state = held[0].state
        after: Place | None = None
        for number in itertools.count():
            if number and number % TOGETHER == 0:
                held = (await self._held(shelf, wanted, [row.id], since=number)).get(row.id, [])
            kept = next((one for one in held if (one.number, one.state) == (number, state)), None)
            if kept is None:
                break
            yield Packed(kept.body, kept.crc, kept.size), True
            if not kept.behind:
                return
            after = _place_of(kept.behind)
        async for piece, _ in self._making.pieces(shelf, wanted, row.id, after=after):
            yield piece, False

    async def _held(
        self, shelf: Shelf, wanted: Wanted, categories: Sequence[int], *, since: int
    ) -> dict[int, list[KeptPiece]]:
        found: dict[int, list[KeptPiece]] = {}
        for piece in await self._store.of(
            shelf.provider.number, wanted.kind, categories, since=since, most=TOGETHER
        ):
            found.setdefault(piece.category, []).append(piece)
        return found

    def begin(self, provider_id: str) -> None:
        """After a run of that account; comes back at once."""
        if provider_id in self._waiting:
            return
        # While the app closes, nothing new begins.
        with suppress(RuntimeError):
            self._tasks.spawn("player_lists_kept", self.make(provider_id))
            self._waiting.add(provider_id)

    async def make(self, provider_id: str) -> None:
        """One account at a time, however many runs end together."""
        async with self._turn:
            self._waiting.discard(provider_id)
            for kind in KINDS.values():
                # Its state is read anew for each kind: the next run may have begun meanwhile.
                shelf = await self._shelves.of_provider(provider_id, kind)
                if shelf is None or shelf.provider.run:
                    return
                await self._make(shelf, await self._making.wanted(kind))

    async def _make(self, shelf: Shelf, wanted: Wanted) -> None:
        provider, state = shelf.provider, _state(shelf.provider)
        whole = await self._store.whole(provider.number, wanted.kind, state)
        made: list[KeptPiece] = []
        async for piece in self._made(shelf, wanted, [row for row in shelf.seen if row.id not in whole]):
            made.append(piece)
            if len(made) == TOGETHER:
                if not await self._store.put(provider, wanted.kind, made):
                    return
                made = []
        if made:
            await self._store.put(provider, wanted.kind, made)
        await self._store.forget_others(provider, wanted.kind, state)

    async def _made(
        self, shelf: Shelf, wanted: Wanted, rows: Sequence[CategoryRow]
    ) -> AsyncIterator[KeptPiece]:
        state = _state(shelf.provider)
        for row in rows:
            began, place = self._clock.monotonic(), 0
            async for piece, after in self._making.pieces(shelf, wanted, row.id):
                behind = "" if after is None else msgspec.json.encode(after).decode()
                yield KeptPiece(row.id, place, state, behind, piece.crc, piece.size, piece.body)
                # Half of the time is others'.
                await self._clock.sleep(self._clock.monotonic() - began)
                began, place = self._clock.monotonic(), place + 1


def _groups(rows: Sequence[CategoryRow]) -> Iterator[list[CategoryRow]]:
    """Categories that have about `TOGETHER` pieces together; what is large is on its own."""
    group, pieces = list[CategoryRow](), 0
    for row in rows:
        pieces += row.items // BATCH + 1
        if group and pieces > TOGETHER:
            yield group
            group, pieces = [], row.items // BATCH + 1
        group.append(row)
    if group:
        yield group


def _state(provider: Provider) -> str:
    return f"{_SHAPED}{state_of(provider)}"
