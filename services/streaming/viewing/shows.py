"""Lists of episodes: asked for where they may be known, kept for when nobody answers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import msgspec
import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.tasks import Tasks
from services.streaming.sources.shows import Shows as Source
from services.streaming.store.viewing import ViewingStore
from services.streaming.viewing.known_as import KnownAs
from services.streaming.viewing.rules import aired, continued, in_order
from services.streaming.viewing_model import (
    SERIES,
    Episodes,
    Owner,
    Title,
    TitleKey,
    Video,
)

FRESH_MS: Final = 12 * 3600 * 1000
"""For how long a list is not asked for again."""
ASK_S: Final = 20.0
AT_ONCE: Final = 8
"""Lists asked for behind everybody's back at most; the next viewing asks for what was left out."""
LOOKED_AFTER: Final = 5
"""Shows per look at a list of what to continue: the last watched are those that go on."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Watched:
    """A show and what the profile has seen of it; `title` is None where it never began."""

    title: Title | None
    episodes: Episodes | None
    videos: dict[str, Video]


class ShowLists:
    """The episodes of what profiles watch."""

    def __init__(
        self, store: ViewingStore, source: Source, known_as: KnownAs, *, clock: Clock, tasks: Tasks
    ) -> None:
        self._store = store
        self._source = source
        self._known_as = known_as
        self._clock = clock
        self._tasks = tasks
        self._asking: set[TitleKey] = set()

    async def watched(
        self, owner: Owner, identity: Identity, title_id: str, *, deadline: Deadline
    ) -> Watched:
        """Asks when the list is missing or old; an old one is better than none."""
        await self.renew(owner, identity, title_id, deadline=deadline)
        return Watched(
            await self._store.title(owner, title_id),
            await self._store.episodes(owner, title_id),
            await self._store.videos_of(owner, title_id),
        )

    async def watched_by_any_id(
        self, owner: Owner, identity: Identity, title_id: str, *, deadline: Deadline
    ) -> Watched:
        """The same; a show that nothing is known of by its own id is looked for by IMDb's."""
        if await self._store.title(owner, title_id) is None:
            other = (await self._known_as.of([title_id])).get(title_id)
            if other is not None and await self._store.title(owner, other) is not None:
                title_id = other
        return await self.watched(owner, identity, title_id, deadline=deadline)

    async def renew(self, owner: Owner, identity: Identity, title_id: str, *, deadline: Deadline) -> None:
        """Asks for the list unless the one that is kept is good. Whoever does not answer changes nothing."""
        kept = await self._store.episodes(owner, title_id)
        now_ms = epoch_ms(self._clock)
        if kept is not None and kept.told_at > now_ms - FRESH_MS:
            return
        try:
            show = await self._source.show(identity, title_id, deadline=deadline)
        except HeadgateError as error:
            log.info("episodes_not_told", code=error.code)
            return
        if show is not None and show.episodes:
            await self._keep(
                owner, title_id, show.name, show.poster, Episodes(in_order(show.episodes), now_ms)
            )

    def renew_later(self, owner: Owner, identity: Identity, title_ids: Sequence[str]) -> None:
        """The same behind the back of whoever asks."""
        for title_id in title_ids:
            key = (owner, title_id)
            if key not in self._asking and len(self._asking) < AT_ONCE:
                with suppress(RuntimeError):  # the app is closing; what made this worth asking is kept
                    self._tasks.spawn("renew_episodes", self._renew_alone(key, identity))
                    self._asking.add(key)

    async def look_after(self, owner: Owner, identity: Identity) -> None:
        """A show that had come to its end may have gone on since."""
        stale = await self._store.stale_shows(
            owner, told_before=epoch_ms(self._clock) - FRESH_MS, limit=LOOKED_AFTER
        )
        self.renew_later(owner, identity, stale)

    async def _renew_alone(self, key: TitleKey, identity: Identity) -> None:
        owner, title_id = key
        try:
            await self.renew(owner, identity, title_id, deadline=Deadline.after(self._clock, ASK_S))
        except HeadgateError as error:
            log.info("episodes_not_kept", code=error.code)
        finally:
            self._asking.discard(key)

    async def _keep(
        self, owner: Owner, title_id: str, name: str, poster: str | None, list_: Episodes
    ) -> None:
        key = (owner, title_id)
        async with self._store.changing([owner]) as change:
            await change.put_episodes(owner, title_id, list_)
            title = (await change.titles([key])).get(key)
            if title is None:
                return
            videos = (await change.videos_of([key]))[key]
            title = msgspec.structs.replace(
                title, type=SERIES, name=name or title.name, poster=poster or title.poster
            )
            await change.put_titles({key: with_list(title, list_, videos, epoch_ms(self._clock))})


def with_list(title: Title, list_: Episodes, videos: dict[str, Video], now_ms: int) -> Title:
    """The title as its list of episodes and what was seen of it make it."""
    done = {id_ for id_, video in videos.items() if video.watched}
    title = msgspec.structs.replace(
        title,
        completed=sum(video.watched and video.place.counts for video in videos.values()),
        videos=len(videos),
    )
    title = aired(title, list_.items, now_ms)
    return continued(title, videos.get(title.last_video_id or ""), list_.items, done)
