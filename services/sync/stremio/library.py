"""Reading a Stremio library: what has changed since, a part at a time, handed over to viewing state.

What is read is kept before it is told, so that whoever takes a run over reads nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.viewing_handover import (
    MAX_ROWS,
    Part,
    PlaybackRow,
    ToldCounts,
    ViewingHandoverClient,
    WatchedRow,
)
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, NotFound
from libs.common.identity import Identity
from libs.protocols.stremio_api.wire import ItemMeta, LibraryItem
from services.sync.model import Owner
from services.sync.store.stremio import StremioConnection, StremioStore
from services.sync.store.stremio_items import ItemRows, ReadItem, StremioItemStore
from services.sync.stremio.access import Session, StremioAccess
from services.sync.stremio.rows import SERIES, Orders, is_less, orders_of, rows_of, watched_of

SOURCE: Final = "stremio"
PARTS: Final[tuple[Part, ...]] = ("watched", "playback")
BATCH: Final = 200
MOST_APART: Final = 1000
"""Of changed titles that are told by themselves."""
MOST_ITEMS: Final = 100_000
"""The last changed of them."""
MOST_LISTS: Final = 200
"""Lists of episodes asked for in one run: addons answer them. The next run asks for the rest."""
MOST_ROWS: Final = MAX_ROWS
"""Of episodes in one run: an addon may name any number of them, and viewing state takes no more."""
ROWS_AT_ONCE: Final = 5000
"""Kept in one go, so that a library of long shows holds nobody up."""
LISTS_AT_ONCE: Final = 4
LIST_S: Final = 20.0
LISTS_WITHIN_S: Final = 300.0
CALL_S: Final = 30.0
TELL_S: Final = 600.0

Report = Callable[[int, int], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Read:
    """One run at one library. `whole`: the parts of which everything is told; of others `fresh` alone is.
    `later`: the shows whose episodes are asked for by the next run. `counts`: what became of each part."""

    there: frozenset[str]
    changed: list[ItemMeta]
    gone: list[str]
    whole: set[Part]
    fresh: list[ItemRows] = field(default_factory=list)
    later: int = 0
    lists_until: Deadline | None = None
    lists_left: int = MOST_LISTS
    rows_left: int = 0
    counts: dict[Part, ToldCounts] = field(default_factory=dict)


class Library:
    """Raises StremioNotConnected, StremioAway, and what streaming says."""

    def __init__(
        self,
        connections: StremioStore,
        items: StremioItemStore,
        access: StremioAccess,
        *,
        catalog: CatalogClient,
        viewing: ViewingHandoverClient,
        clock: Clock,
    ) -> None:
        self._connections = connections
        self._items = items
        self._access = access
        self._catalog = catalog
        self._viewing = viewing
        self._clock = clock

    async def read(self, held: StremioConnection, report: Report, *, again: bool = False) -> Read:
        """`again`: everything, whether it has changed or not."""
        async with self._access.session(held.owner) as session:
            read = await self._look(held, session, again=again)
            if read.changed or read.gone:
                # Kept before anything is read: whoever takes over tells everything then.
                await self._connections.reads(held.id)
            for start in range(0, len(read.changed), BATCH):
                await self._take(held.owner, session, read, read.changed[start : start + BATCH])
                await report(min(len(read.changed), start + BATCH), len(read.changed))
            await self._items.remove(held.owner, read.gone)
        for part in PARTS:
            await self._tell(held.owner, read, part)
        await self._connections.told(held.id, at=epoch_ms(self._clock))
        return read

    async def _look(self, held: StremioConnection, session: Session, *, again: bool) -> Read:
        """One question, where nothing has changed."""
        metas = await session.api.library_metas(session.key, deadline=self._within(CALL_S))
        known = await self._items.changes(held.owner)
        there, changed, later, gone = await asyncio.to_thread(_compared, metas, known, again)
        is_whole = held.untold or bool(gone) or len(changed) > MOST_APART
        return Read(
            there=there,
            changed=[*changed, *later[:MOST_LISTS]],
            gone=gone,
            whole=set(PARTS) if is_whole else set(),
            later=len(later[MOST_LISTS:]),
            lists_until=self._within(LISTS_WITHIN_S),
            rows_left=MOST_ROWS,
        )

    async def _take(self, owner: Owner, session: Session, read: Read, metas: Sequence[ItemMeta]) -> None:
        changed_at = {meta.id: meta.changed_at_ms for meta in metas}
        within = self._within(CALL_S)
        items = await session.api.library_items(session.key, list(changed_at), deadline=within)
        items = [item for item in items if item.id in changed_at]
        before = await self._items.rows_of(owner, [item.id for item in items])
        gate = asyncio.Semaphore(LISTS_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            taking = [group.create_task(self._rows(owner, item, read, gate)) for item in items]
        taken = list[ReadItem]()
        for item, (rows, is_whole) in zip(items, (task.result() for task in taking), strict=True):
            # An item may be newer than was said of it: it is read once more then, which changes nothing.
            taken.append(ReadItem(item.id, changed_at[item.id] if is_whole else 0, rows))
            less = is_less(rows, before.get(item.id, ItemRows()))
            read.whole |= {part for part, is_less_of in zip(PARTS, less, strict=True) if is_less_of}
            read.later += not is_whole
        if len(read.whole) < len(PARTS):
            read.fresh += [item.rows for item in taken]
        for few in _few(taken):
            await self._items.put(owner, few)

    async def _rows(
        self, owner: Owner, item: LibraryItem, read: Read, gate: asyncio.Semaphore
    ) -> tuple[ItemRows, bool]:
        """And whether that is all it says: else its episodes could not be asked for."""
        watched = watched_of(item)
        if watched is None:
            return rows_of(item, None, ()), True
        async with gate:
            if read.lists_left <= 0 or (read.lists_until is not None and read.lists_until.expired):
                return rows_of(item, watched, ()), False
            if read.rows_left <= 0:
                # Not for later, which would come to the same: the last one seen has to do.
                return rows_of(item, watched, ()), True
            read.lists_left -= 1
            orders = await self._orders(owner, item)
            rows = await asyncio.to_thread(rows_of, item, watched, orders or ())
            read.rows_left -= len(rows.watched)
        return rows, orders is not None

    async def _orders(self, owner: Owner, item: LibraryItem) -> Orders | None:
        """Of its episodes; none where nobody knows the show, None where nobody could be asked."""
        identity = Identity(owner.account_id, owner.profile_id)
        try:
            page = await self._catalog.title(identity, SERIES, item.id, deadline=self._within(LIST_S))
        except NotFound:
            return ()
        except HeadgateError as error:
            log.info("stremio_episodes_not_told", code=error.code)
            return None
        return await asyncio.to_thread(orders_of, page.meta)

    async def _tell(self, owner: Owner, read: Read, part: Part) -> None:
        if part not in read.whole:
            if any(_rows_of(rows, part) for rows in read.fresh):
                read.counts[part] = await self._told(owner, part, _each(read.fresh), whole=False)
            return
        counts = await self._told(owner, part, self._items.all_rows(owner))
        if counts.guarded and await self._is_so(owner, read):
            counts = await self._told(owner, part, self._items.all_rows(owner), sure=True)
        read.counts[part] = counts

    async def _told(
        self,
        owner: Owner,
        part: Part,
        rows: AsyncIterator[ItemRows],
        *,
        whole: bool = True,
        sure: bool = False,
    ) -> ToldCounts:
        return await self._viewing.tell(
            (owner.account_id, owner.profile_id),
            SOURCE,
            part,
            _of_part(rows, part),
            deadline=self._within(TELL_S),
            whole=whole,
            sure=sure,
        )

    async def _is_so(self, owner: Owner, read: Read) -> bool:
        """Asked once more whether so much really is gone."""
        async with self._access.session(owner) as session:
            again = await session.api.library_metas(session.key, deadline=self._within(CALL_S))
        return {meta.id for meta in again} == read.there

    def _within(self, seconds: float) -> Deadline:
        return Deadline.after(self._clock, seconds)


def _compared(
    metas: Sequence[ItemMeta], known: Mapping[str, int], again: bool
) -> tuple[frozenset[str], list[ItemMeta], list[ItemMeta], list[str]]:
    """What is there, what of it has changed, what was left for later, and what is gone."""
    metas = sorted(metas, key=lambda meta: meta.changed_at_ms, reverse=True)[:MOST_ITEMS]
    there = frozenset(meta.id for meta in metas)
    changed = [meta for meta in metas if again or known.get(meta.id, -1) not in {meta.changed_at_ms, 0}]
    later = [meta for meta in metas if known.get(meta.id) == 0 and not again]
    return there, changed, later, [id_ for id_ in known if id_ not in there]


def _few(items: Sequence[ReadItem]) -> Iterator[list[ReadItem]]:
    few, rows = list[ReadItem](), 0
    for item in items:
        few.append(item)
        rows += len(item.rows.watched)
        if rows >= ROWS_AT_ONCE:
            yield few
            few, rows = [], 0
    if few:
        yield few


async def _each(rows: Sequence[ItemRows]) -> AsyncIterator[ItemRows]:
    for each in rows:
        yield each


async def _of_part(items: AsyncIterator[ItemRows], part: Part) -> AsyncIterator[WatchedRow | PlaybackRow]:
    """No more than viewing state takes at once."""
    left = MAX_ROWS
    async for rows in items:
        for row in _rows_of(rows, part)[:left]:
            left -= 1
            yield row


def _rows_of(rows: ItemRows, part: Part) -> Sequence[WatchedRow | PlaybackRow]:
    return rows.watched if part == "watched" else rows.playback
