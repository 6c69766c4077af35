"""Writing what was watched here into the library at Stremio, where its owner wants that.

Only what happened since that was wanted, never over what is newer there, and nothing that is there goes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

import msgspec

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.viewing import ViewingItem, ViewingList
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.protocols.stremio_api.watched import (
    Place,
    WatchedUnreadable,
    in_orders,
    read_watched,
    write_watched,
)
from libs.protocols.stremio_api.wire import LibraryItem, changed_item, read_item
from libs.protocols.times import moment_text
from services.sync.store.stremio import StremioConnection, StremioStore
from services.sync.stremio.access import Session, StremioAccess
from services.sync.stremio.rows import MOVIE, SERIES

MOST_TITLES: Final = 100
"""In one run, the oldest first: the next one goes on."""
MOST_LOOKED: Final = 1000
"""Of each list: nobody watches so much, or marks it, between two runs."""
PAGE: Final = 50
CALL_S: Final = 30.0
LISTS: Final[tuple[ViewingList, ...]] = ("continue", "watched")
_IMDB: Final = re.compile(r"tt[0-9]{1,12}", re.ASCII)

State = dict[str, Any]
Entries = Mapping[ViewingList, ViewingItem]
"""Of one title, what each list says of it."""


class Writing:
    """Raises StremioNotConnected, StremioAway, and what streaming says."""

    def __init__(
        self, connections: StremioStore, access: StremioAccess, viewing: ViewingClient, clock: Clock
    ) -> None:
        self._connections = connections
        self._access = access
        self._viewing = viewing
        self._clock = clock

    async def write(self, held: StremioConnection) -> int:
        """How many titles were written."""
        now = epoch_ms(self._clock)
        if not held.written_at:
            await self._connections.written(held.id, until=now)
            return 0
        identity = Identity(held.owner.account_id, held.owner.profile_id)
        found, until = _oldest(await self._since(identity, held.written_at), now)
        written = 0
        if found:
            async with self._access.session(held.owner) as session:
                for start in range(0, len(found), MOST_TITLES):
                    few = dict(islice(found.items(), start, start + MOST_TITLES))
                    written += await self._put(session, identity, few, now)
        await self._connections.written(held.id, until=until)
        return written

    async def _put(self, session: Session, identity: Identity, found: Mapping[str, Entries], now: int) -> int:
        there = await session.api.library_items(session.key, list(found), deadline=self._within())
        known, changes = {item.id: item for item in there}, list[bytes]()
        for title_id, entries in found.items():
            item = known.get(title_id) or _new_item(entries, now)
            changed = await self._changed(identity, item, entries, now)
            if changed is not None:
                changes.append(changed)
        if changes:
            await session.api.put_items(session.key, changes, deadline=self._within())
        return len(changes)

    async def _since(self, identity: Identity, since_ms: int) -> dict[str, Entries]:
        """What the profile's lists say of titles since then, by title."""
        found: dict[str, dict[ViewingList, ViewingItem]] = {}
        for which in LISTS:
            cursor: str | None = None
            for _ in range(MOST_LOOKED // PAGE):
                page = await self._viewing.page(
                    identity, which, deadline=self._within(), limit=PAGE, cursor=cursor
                )
                newer = [item for item in page.items if _ms(item) > since_ms]
                for item in newer:
                    if item.type in {MOVIE, SERIES} and _IMDB.fullmatch(item.title_id):
                        found.setdefault(item.title_id, {})[which] = item
                cursor = page.next_cursor
                if len(newer) < len(page.items) or cursor is None:
                    break
        return dict(found)

    async def _changed(
        self, identity: Identity, item: LibraryItem, entries: Entries, now: int
    ) -> bytes | None:
        """The item as it is to be; None where Stremio knows as much, or something newer."""
        state, at = State(), 0
        seen, stopped = entries.get("watched"), entries.get("continue")
        if seen is not None and _ms(seen) > item.last_watched_ms:
            state |= _film_seen(item) if item.type == MOVIE else await self._show_seen(identity, item)
            at = _ms(seen)
        if stopped is not None and stopped.reason == "resume" and _ms(stopped) > item.last_watched_ms:
            state |= _stopped_at(stopped)
            at = max(at, _ms(stopped))
        if not state:
            return None
        members = {"_mtime": moment_text(max(now, item.changed_at_ms + 1))}
        return changed_item(item.raw, members, {**state, "lastWatched": moment_text(at)})

    async def _show_seen(self, identity: Identity, item: LibraryItem) -> State:
        """Nothing where Stremio goes by another list of episodes: its marks would be moved."""
        show = await self._viewing.show(identity, item.id, deadline=self._within())
        orders = in_orders(
            Place(
                video_id=episode.video_id,
                season=episode.season,
                episode=episode.episode,
                released=None if episode.released is None else episode.released.timestamp(),
            )
            for episode in show.episodes
        )
        seen = {episode.video_id for episode in show.episodes if episode.watched}
        if not item.watched:
            return {"watched": write_watched(seen, orders[0])} if orders and seen else {}
        try:
            watched = read_watched(item.watched)
        except WatchedUnreadable:
            return {}
        order = watched.fitting(orders)
        before = set() if order is None else set(watched.of(order))
        return {} if order is None or seen <= before else {"watched": write_watched(seen | before, order)}

    def _within(self) -> Deadline:
        return Deadline.after(self._clock, CALL_S)


def _oldest(found: Mapping[str, Entries], now: int) -> tuple[Mapping[str, Entries], int]:
    """What one run writes, and until when all is written then."""
    if len(found) <= MOST_TITLES:
        return found, now
    latest = {title_id: max(map(_ms, entries.values())) for title_id, entries in found.items()}
    # Whole lists are marked in one moment: all of it, or the next run would begin with the same again.
    until = sorted(latest.values())[MOST_TITLES - 1]
    return {title_id: entries for title_id, entries in found.items() if latest[title_id] <= until}, until


def _film_seen(item: LibraryItem) -> State:
    if item.flagged_watched or item.times_watched:
        return {}
    return {"flaggedWatched": 1, "timesWatched": 1, "timeOffset": 0, "video_id": item.id}


def _stopped_at(stopped: ViewingItem) -> State:
    return {
        "video_id": stopped.video_id or stopped.title_id,
        "timeOffset": int(stopped.position_s * 1000),
        "duration": int(stopped.duration_s * 1000),
    }


def _new_item(entries: Entries, now: int) -> LibraryItem:
    """Of a title that isn't in the library: it is remembered there, and not put into it."""
    entry = next(iter(entries.values()))
    at = moment_text(now)
    raw = msgspec.json.encode(
        {
            "_id": entry.title_id,
            "name": entry.name,
            "type": entry.type,
            "poster": entry.poster,
            "posterShape": "poster",
            "removed": True,
            "temp": True,
            "_ctime": at,
            "_mtime": at,
            "state": {
                "lastWatched": None,
                "timeWatched": 0,
                "timeOffset": 0,
                "overallTimeWatched": 0,
                "timesWatched": 0,
                "flaggedWatched": 0,
                "duration": 0,
                "video_id": None,
                "watched": None,
                "noNotif": False,
            },
            "behaviorHints": {
                "defaultVideoId": entry.title_id if entry.type == MOVIE else None,
                "hasScheduledVideos": False,
            },
        }
    )
    item = read_item(raw)
    if item is None:
        raise ValueError("an item without an id")
    return item


def _ms(item: ViewingItem) -> int:
    return int(item.at.timestamp() * 1000)
