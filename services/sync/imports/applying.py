"""Handing an import over to viewing state, and taking it back. Whoever takes over goes on where it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import msgspec
import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.viewing_handover import (
    MAX_ROWS,
    ListedRow,
    Part,
    PlaybackRow,
    ViewingHandoverClient,
    WatchedRow,
)
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, NotFound
from libs.common.identity import Identity
from libs.protocols.stremio_api.wire import LibraryItem
from services.sync.imports.reading.said import ShowRow
from services.sync.imports.told import Told, read_of, text_of, told_of
from services.sync.model import Owner
from services.sync.store.imports import Chunk, ImportStore, StoredImport
from services.sync.stremio.rows import SERIES, Orders, orders_of, rows_of, watched_of

PARTS: Final[tuple[Part, ...]] = ("playback", "watchlist", "watched")
"""What people go on with first, what is long last."""
LISTS_AT_ONCE: Final = 4
LIST_S: Final = 20.0
TELL_S: Final = 1800.0
_Decoder: TypeAlias = (
    msgspec.json.Decoder[list[PlaybackRow]]
    | msgspec.json.Decoder[list[ListedRow]]
    | msgspec.json.Decoder[list[WatchedRow]]
)
_ROWS: Final[Mapping[Part, _Decoder]] = {
    "playback": msgspec.json.Decoder(list[PlaybackRow]),
    "watchlist": msgspec.json.Decoder(list[ListedRow]),
    "watched": msgspec.json.Decoder(list[WatchedRow]),
}
_shows = msgspec.json.Decoder(list[ShowRow])

Report = Callable[[str, int, Told], Awaitable[None]]

log = structlog.get_logger(__name__)


class Applying:
    """Raises what streaming says."""

    def __init__(
        self, store: ImportStore, *, catalog: CatalogClient, viewing: ViewingHandoverClient, clock: Clock
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._viewing = viewing
        self._clock = clock

    async def apply(self, held: StoredImport, report: Report) -> Told:
        told = await self._with_episodes(held, report)
        for number, part in enumerate(PARTS):
            if part in told.parts:
                continue
            await report(part, 40 + 20 * number, told)
            counts = await self._viewing.tell(
                _pair(held.owner),
                source_of(held.id),
                part,
                self._rows(held.id, part),
                deadline=self._within(TELL_S),
                whole=False,
            )
            told = msgspec.structs.replace(told, parts={**told.parts, part: counts})
            await self._store.note(held.owner, held.id, text_of(told))
        await self._store.move(held.owner, held.id, ["applying"], "applied", at=epoch_ms(self._clock))
        return told

    async def undo(self, held: StoredImport) -> None:
        deadline = self._within(TELL_S)
        await self._viewing.take_back(_pair(held.owner), source_of(held.id), deadline=deadline)
        await self._store.move(held.owner, held.id, ["undoing"], "undone", at=epoch_ms(self._clock))

    async def _rows(self, import_id: str, part: Part) -> AsyncIterator[WatchedRow | ListedRow | PlaybackRow]:
        """No more than viewing state takes at once."""
        left = MAX_ROWS
        async for chunk in self._store.chunks(import_id, part):
            for row in _ROWS[part].decode(chunk.body)[:left]:
                left -= 1
                yield row

    async def _with_episodes(self, held: StoredImport, report: Report) -> Told:
        """With rows in place of series whose file says but by a list which of their episodes were seen."""
        told, done = told_of(held), 0
        of = max(1, read_of(held).report.counts.shows)
        room = _Room(MAX_ROWS)
        async for chunk in self._store.chunks(held.id, "shows"):
            shows = _shows.decode(chunk.body)
            await report("episodes", min(40, 40 * done // of), told)
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(self._seen(held.owner, show, room)) for show in shows]
            rows = [row for task in asked for row in task.result()[0]]
            unknown = told.unknown_shows + sum(not task.result()[1] for task in asked)
            told = msgspec.structs.replace(told, unknown_shows=unknown)
            body = msgspec.json.encode(rows).decode()
            await self._store.note(held.owner, held.id, text_of(told), Chunk(chunk.number, "watched", body))
            done += len(shows)
        return told

    async def _seen(self, owner: Owner, show: ShowRow, room: _Room) -> tuple[Sequence[WatchedRow], bool]:
        """And whether anybody knew its episodes."""
        item = LibraryItem(
            raw=b"",
            id=show.id,
            type=SERIES,
            name=show.name,
            poster=show.poster,
            video_id=show.video_id,
            watched=show.watched,
            last_watched_ms=show.last_watched_ms,
        )
        async with room.gate:
            orders = await self._orders(owner, show.id) if room.rows_left > 0 else ()
            rows = (await asyncio.to_thread(rows_of, item, watched_of(item), orders)).watched
            room.rows_left -= len(rows)
        return rows, any(orders)

    async def _orders(self, owner: Owner, show_id: str) -> Orders:
        identity = Identity(owner.account_id, owner.profile_id)
        try:
            page = await self._catalog.title(identity, SERIES, show_id, deadline=self._within(LIST_S))
        except NotFound:
            return ()
        except HeadgateError as error:
            log.info("import_episodes_not_told", code=error.code)
            return ()
        return await asyncio.to_thread(orders_of, page.meta)

    def _within(self, seconds: float) -> Deadline:
        return Deadline.after(self._clock, seconds)


@dataclass(slots=True)
class _Room:
    """For episodes of shows: an addon may name any number of them, and viewing state takes no more."""

    rows_left: int
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LISTS_AT_ONCE))


def source_of(import_id: str) -> str:
    return f"import:{import_id}"


def _pair(owner: Owner) -> tuple[str, str]:
    return owner.account_id, owner.profile_id
