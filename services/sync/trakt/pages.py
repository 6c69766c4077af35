"""Reading a list of an account page by page, each kept as soon as it is there: what was read stays read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from libs.common.clock import Clock
from libs.common.contracts.viewing_handover import ListedRow, PlaybackRow, Row, WatchedRow
from libs.common.deadline import Deadline
from libs.protocols.trakt.answers import Page
from libs.protocols.trakt.client import PAGE_ITEMS, TraktClient
from libs.protocols.trakt.errors import TooMany
from libs.protocols.trakt.wire import Ids, PlaybackItem, WatchedMovie, WatchedShow, WatchlistItem
from services.sync.model import ListName, Owner
from services.sync.store.trakt_syncs import PageHead, TraktSyncStore
from services.sync.trakt.access import Access
from services.sync.trakt.refusals import Refusal
from services.sync.trakt.rows import listed, paused, watched_movie, watched_show

MAX_PAGES: Final = 2_000
"""Of one list: twice what 100,000 plays make at the smallest page that Trakt was seen to send."""
MAX_BYTES: Final = 100 * 1024 * 1024
"""Of one list as rows: four times what 100,000 episodes make."""
PAGE_WITHIN_S: Final = 120.0
TURNS: Final = 30
"""How often a page is waited for because too much was asked, before the whole is left for later."""
SHORTEST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 60.0
"""Who wants to be left alone for longer is left for later: few runs are at work at once, for everybody."""

Told = Callable[[Sequence[PageHead]], Awaitable[None]]


class PagesGone(Exception):
    """Somebody else has begun to read the list anew."""


class Refused(Exception):
    """Nothing is to be asked until the owner has done something; the text is for them."""


@dataclass(frozen=True, slots=True)
class _List:
    ask: Callable[[TraktClient, int, Deadline], Awaitable[Page[Any]]]
    rows: Callable[[Any], Iterator[Row]]
    key: Callable[[Any], int]
    is_torn: Callable[[Any], bool] = lambda _item: False


class Pages:
    def __init__(self, access: Access, store: TraktSyncStore, clock: Clock) -> None:
        self._access = access
        self._store = store
        self._clock = clock

    async def read(self, owner: Owner, name: ListName, told: Told) -> list[PageHead]:
        """All pages of the list, `told` after each. Raises Refused, TraktError."""
        heads = await self._store.heads(owner, name)
        while not (heads and heads[-1].is_last):
            number = len(heads) + 1
            page = await self._page(owner, _LISTS[name], number)
            before = sum(head.size_bytes for head in heads)
            # In a thread: a page of shows may have tens of thousands of episodes.
            head, rows = await asyncio.to_thread(_kept, _LISTS[name], page, number, before=before)
            await self._store.add_page(owner, name, head, rows)
            heads.append(head)
            await told(heads)
        return heads

    async def rows(self, owner: Owner, name: ListName, heads: Sequence[PageHead]) -> AsyncIterator[Row]:
        for head in heads:
            rows = await self._store.rows(owner, name, head.number)
            if rows is None:
                # A page that is missing must not pass for one that is empty: its rows would be taken away.
                raise PagesGone
            for row in _DECODERS[name].decode(rows):
                yield row

    async def _page(self, owner: Owner, list_: _List, number: int) -> Page[Any]:
        for turn in range(TURNS):
            # A token may end between two pages, and a connection too.
            try:
                client = await self._access.client(owner)
                if isinstance(client, Refusal):
                    raise Refused(client.text)
                return await list_.ask(client, number, Deadline.after(self._clock, PAGE_WITHIN_S))
            except TooMany as error:
                wait_s = max(SHORTEST_WAIT_S, error.retry_after_s or 0.0)
                if turn == TURNS - 1 or wait_s > LONGEST_WAIT_S:
                    raise
            await self._clock.sleep(wait_s)
        raise AssertionError


def is_whole(heads: Sequence[PageHead]) -> bool:
    """Whether the pages are the list as it was at one time: each item once, and as many as Trakt counts."""
    keys = {key for head in heads for key in head.keys}
    items = sum(len(head.keys) for head in heads)
    count = heads[-1].count
    return len(keys) == items and len({head.count for head in heads}) == 1 and count in (None, items)


def is_torn(heads: Sequence[PageHead]) -> bool:
    return any(head.torn for head in heads)


def _kept(list_: _List, page: Page[Any], number: int, *, before: int) -> tuple[PageHead, bytes]:
    """`before`: the bytes of the pages before it."""
    rows, keys, skipped = list[Row](), list[int](), 0
    for item in page.items:
        found = list(list_.rows(item))
        rows += found
        skipped += not found
        keys.append(list_.key(item))
    # What could not be read, or has no number, counts all the same.
    keys += [0] * page.unread
    named = tuple(key or -(number * PAGE_ITEMS + place) for place, key in enumerate(keys))
    body = msgspec.json.encode(rows)
    # Behind the last page there is nothing; what is cut off behind more than anybody has may still be there.
    ends = page.is_last or not page.items
    is_cut = not ends and (number >= MAX_PAGES or before + len(body) >= MAX_BYTES)
    head = PageHead(
        number=number,
        is_last=ends or is_cut,
        keys=named,
        pages=page.pages,
        count=page.count,
        torn=page.unread + sum(map(list_.is_torn, page.items)) + is_cut,
        skipped=skipped,
        size_bytes=len(body),
    )
    return head, body


def _number(ids: Ids | None) -> int:
    return (ids and ids.trakt) or 0


def _is_torn_show(item: WatchedShow) -> bool:
    """Whether episodes of it may be missing."""
    return item.seasons is None or any(season.episodes is None for season in item.seasons)


def _playback_key(item: PlaybackItem) -> int:
    return item.id


def _watchlist_key(item: WatchlistItem) -> int:
    return item.id or 0


def _movies_key(item: WatchedMovie) -> int:
    return _number(item.movie.ids)


def _shows_key(item: WatchedShow) -> int:
    return _number(item.show.ids)


_LISTS: Final[dict[ListName, _List]] = {
    "playback": _List(
        lambda client, page, deadline: client.playback(page, deadline=deadline), paused, _playback_key
    ),
    "watchlist": _List(
        lambda client, page, deadline: client.watchlist(page, deadline=deadline), listed, _watchlist_key
    ),
    "movies": _List(
        lambda client, page, deadline: client.watched_movies(page, deadline=deadline),
        watched_movie,
        _movies_key,
    ),
    "shows": _List(
        lambda client, page, deadline: client.watched_shows(page, deadline=deadline),
        watched_show,
        _shows_key,
        _is_torn_show,
    ),
}
_DECODERS: Final[dict[ListName, msgspec.json.Decoder[list[Any]]]] = {
    "playback": msgspec.json.Decoder(list[PlaybackRow]),
    "watchlist": msgspec.json.Decoder(list[ListedRow]),
    "movies": msgspec.json.Decoder(list[WatchedRow]),
    "shows": msgspec.json.Decoder(list[WatchedRow]),
}
