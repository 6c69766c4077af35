"""What to continue, what was watched, what is to be watched, and the marks of many titles at once."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Final

import msgspec

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.viewing import MAX_FLAGS, TitleFlags, ViewingList
from libs.common.errors import InvalidInput, PayloadTooLarge
from libs.common.identity import Identity
from services.streaming.store.viewing import ViewingStore
from services.streaming.viewing.known_as import KnownAs
from services.streaming.viewing.played_as import PlayedAs
from services.streaming.viewing.rules import aired
from services.streaming.viewing.shows import ShowLists
from services.streaming.viewing_model import SERIES, Counted, Entry, Flagged, Owner, Played

ECHO_MS: Final = 2 * 60 * 1000
"""A source that heard of a pause here says a little later that it was then."""


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    which: ViewingList
    sorted_by: int
    title_id: str


class Lists:
    def __init__(
        self,
        store: ViewingStore,
        shows: ShowLists,
        known_as: KnownAs,
        *,
        played_as: PlayedAs,
        clock: Clock,
    ) -> None:
        self._store = store
        self._shows = shows
        self._known_as = known_as
        self._played_as = played_as
        self._clock = clock

    async def page(
        self, owner: Owner, identity: Identity, which: ViewingList, *, limit: int, cursor: str
    ) -> tuple[list[Entry], str | None]:
        """Entries and where they go on. Raises InvalidInput for a cursor of another list."""
        behind = _behind(which, cursor) if cursor else None
        entries = await self._store.page(
            owner, which, limit=limit + 1, behind=behind, now_ms=epoch_ms(self._clock)
        )
        if which == "continue" and not cursor:
            await self._shows.look_after(owner, identity)
        last = entries[limit - 1] if len(entries) > limit else None
        shown = await self._once(owner, entries[:limit]) if which == "continue" else entries[:limit]
        if last is None:
            return shown, None
        return shown, _cursor(_Cursor(which, last.sorted_by, last.title.title_id))

    async def _once(self, owner: Owner, entries: list[Entry]) -> list[Entry]:
        """Each title once: what was played by another system's id comes back from a source by IMDb's. What
        was played here stays, unless the source says something later."""
        last = {entry.title.title_id: entry.title.last_video_id or "" for entry in entries}
        aliases = await self._store.aliases(owner, list(last.values()))
        played = await self._store.last_at(owner, list(aliases.values())) if aliases else {}
        gone = set[str]()
        for entry in entries:
            alias = aliases.get(last[entry.title.title_id], "")
            if alias in played:
                is_echo = entry.sorted_by <= played[alias] + ECHO_MS
                gone.add(entry.title.title_id if is_echo else alias)
        return [entry for entry in entries if entry.title.title_id not in gone]

    async def flags(self, owner: Owner, ids: Sequence[str]) -> dict[str, TitleFlags]:
        """A title that nothing is known of by its own id is marked by its id of IMDb, or by that of TMDB by
        which it was played. Raises PayloadTooLarge."""
        if len(ids) > MAX_FLAGS:
            raise PayloadTooLarge(f"At most {MAX_FLAGS} titles fit into one call.")
        now_ms = epoch_ms(self._clock)
        others = await self._known_as.of(ids)
        wanted = [*ids, *others.values()]
        found = {
            one.title_id: _flags(one, now_ms) for one in await self._store.flags(owner, wanted, now_ms=now_ms)
        }
        played = await self._played_as.of(owner)
        elsewhere = {id_: played[id_] for id_ in ids if id_ in played and id_ not in found}
        if elsewhere:
            more = await self._store.flags(owner, list(elsewhere.values()), now_ms=now_ms)
            there = {one.title_id: _flags(one, now_ms) for one in more}
            found |= {id_: there[other] for id_, other in elsewhere.items() if other in there}
        if not others:
            return found
        for id_, other in others.items():
            if other in found:
                found.setdefault(id_, found[other])
        asked = set(ids)
        return {id_: flags for id_, flags in found.items() if id_ in asked}


def is_show(title: Counted) -> bool:
    return title.type == SERIES or title.completed > 0 or title.aired > 0


def is_watched(title: Counted, video: Played | None, now_ms: int) -> bool:
    """The film, or all of the show that has aired. `video` is the last that was played."""
    if not is_show(title):
        return video is not None and video.watched
    has_more = title.airs_at is not None and title.airs_at <= now_ms
    return 0 < title.aired <= title.completed and not has_more


def share_of(title: Counted, video: Played | None) -> float:
    """How much of it was seen, of a show in episodes."""
    if is_show(title):
        return min(1.0, title.completed / title.aired) if title.aired else 0.0
    if video is None:
        return 0.0
    return 1.0 if video.finished else video.share


def _flags(one: Flagged, now_ms: int) -> TitleFlags:
    title = one if one.episodes is None else aired(one, one.episodes, now_ms)
    progress = None
    if is_show(title) and 0 < title.completed < title.aired:
        progress = share_of(title, title)
    elif title.is_begun:
        progress = title.share
    return TitleFlags(
        watched=is_watched(title, title, now_ms),
        progress=None if progress is None else round(progress, 4),
        in_watchlist=title.listed_at is not None,
        aired=title.aired,
        completed=min(title.completed, title.aired) if title.aired else title.completed,
    )


def _cursor(cursor: _Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def _behind(which: ViewingList, cursor: str) -> tuple[int, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True)
        read = msgspec.json.decode(text, type=_Cursor)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise _refused() from error
    if read.which != which or not 0 <= read.sorted_by < 2**63:
        raise _refused()
    return read.sorted_by, read.title_id


def _refused() -> InvalidInput:
    return InvalidInput("This cursor belongs to another list.", fields={"cursor": "not valid"})
