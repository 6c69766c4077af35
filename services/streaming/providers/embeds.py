"""A site that plays films and episodes by TMDB's ids: pages of it are sources, for who can show a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

from libs.common.clock import Clock
from libs.common.contracts.embeds import EmbedMessages, EmbedSiteView, EmbedStatus, EmbedTitle, EmbedView
from libs.common.contracts.tmdb import TmdbFound
from libs.common.deadline import Deadline
from libs.common.http import FetchError
from libs.common.identity import Identity
from libs.common.resilience import BreakerOpen, LimitExceeded, Upstream, UpstreamResting
from services.streaming.embed_pattern import Pattern, Wanted, origin_of
from services.streaming.providers.base import NOTHING, Capabilities, Found, Video
from services.streaming.providers.errors import EmbedDown

CHECK_EVERY_S: Final = 300.0
CHECK_WITHIN_S: Final = 10.0
CHECKED: Final = Wanted(603)
"""A film that every site of the kind has."""
_ODD: Final = re.compile(r"[^A-Za-z0-9.-]")


class TmdbNumbers(Protocol):
    """Who knows TMDB's numbers of titles: catalog."""

    async def number(
        self, identity: Identity, type_: str, title_id: str, *, deadline: Deadline
    ) -> int | None: ...

    async def search(self, identity: Identity, words: str, *, deadline: Deadline) -> Sequence[TmdbFound]: ...


class Pages(Protocol):
    """Whoever looks whether a page is there."""

    async def look(self, url: str, *, deadline: Deadline) -> None:
        """Raises FetchError for anything but a page."""
        ...


@dataclass(frozen=True, slots=True)
class _Seen:
    status: EmbedStatus = "unknown"
    detail: str = ""
    at: datetime | None = None


class EmbedSite:
    """Its origin is never trusted: players are only told where it is."""

    capabilities = Capabilities(types=("movie", "series"), ids=("tt", "tmdb"))

    def __init__(
        self,
        base: str,
        pattern: Pattern,
        messages: EmbedMessages,
        *,
        numbers: TmdbNumbers,
        pages: Pages,
        upstream: Upstream,
        clock: Clock,
    ) -> None:
        netloc = urlsplit(base).netloc.lower()
        self.id = f"embeds:{_ODD.sub('-', netloc)}"
        self.name = netloc
        self._base = base
        self._origin = origin_of(base)
        self._pattern = pattern
        self._messages = messages
        self._numbers = numbers
        self._pages = pages
        self._upstream = upstream
        self._clock = clock
        self._seen = _Seen()

    async def streams(self, identity: Identity, video: Video, *, deadline: Deadline) -> Found:
        found = await self.embeds(identity, video, deadline=deadline)
        if not found:
            return NOTHING
        return Found([{"name": self.name, "externalUrl": one.url} for one in found])

    async def embeds(
        self, identity: Identity, video: Video, start_s: int | None = None, *, deadline: Deadline
    ) -> Sequence[EmbedView]:
        """Empty for what has no number at TMDB that is known. Raises EmbedDown, HeadgateError."""
        parts = video.parts
        is_episode = parts.season is not None and parts.episode is not None
        if (video.type == "series") != is_episode:
            return ()
        if (down := self.down()) is not None:
            raise down
        tmdb = await self._numbers.number(identity, video.type, parts.title, deadline=deadline)
        if tmdb is None:
            return ()
        url = self._pattern.address(self._base, Wanted(tmdb, parts.season, parts.episode), start_s)
        return (
            EmbedView(
                provider_id=self.id,
                provider_name=self.name,
                url=url,
                origin=self._origin,
                messages=self._messages,
            ),
        )

    async def search(self, identity: Identity, words: str, *, deadline: Deadline) -> Sequence[EmbedTitle]:
        """Such sites have no search of their own: what TMDB has is what may be there. Raises HeadgateError,
        Conflict where there is no key to ask it with."""
        found = await self._numbers.search(identity, words, deadline=deadline)
        return [
            EmbedTitle(id=one.id, type=one.type, name=one.name, year=one.year, poster=one.poster)
            for one in found
        ]

    async def check(self) -> None:
        """Looks at a page of it; what can't be asked now stays as it was."""

        async def look(until: Deadline) -> None:
            await self._pages.look(self._pattern.address(self._base, CHECKED), deadline=until)

        try:
            await self._upstream.call(look, deadline=Deadline.after(self._clock, CHECK_WITHIN_S))
        except FetchError as error:
            self._seen = _Seen("down", str(error), self._clock.now())
        except (BreakerOpen, LimitExceeded, UpstreamResting):
            return
        else:
            self._seen = _Seen("up", "", self._clock.now())

    def down(self) -> EmbedDown | None:
        """What to say instead of asking it, if it wasn't there when it was last looked at."""
        if self._seen.status != "down":
            return None
        return EmbedDown(f"{self.name} is not there now: {self._seen.detail}")

    def status(self) -> EmbedSiteView:
        """As it was the last time that it was looked at."""
        seen = self._seen
        return EmbedSiteView(
            id=self.id,
            name=self.name,
            origin=self._origin,
            status=seen.status,
            detail=seen.detail,
            checked_at=seen.at,
        )
