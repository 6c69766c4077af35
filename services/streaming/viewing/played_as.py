"""By which of TMDB's numbers a profile has played what somebody asks for by IMDb's ids.

The other way round from `known_as`: what addons number by TMDB is played by those numbers, and rows of others
are to show it. Looked at again after a few seconds, so that rows need not ask each time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from libs.common.clock import Clock
from libs.protocols.stremio.ids import split_video_id
from services.streaming.store.viewing import ViewingStore
from services.streaming.viewing.known_as import KnownAs
from services.streaming.viewing_model import Owner

KEPT_S: Final = 10.0
MOST_KEPT: Final = 5_000
MOST_TITLES: Final = 500
"""Of a profile, those played last."""


class PlayedAs:
    """Fails open, as `KnownAs` does."""

    def __init__(self, store: ViewingStore, known_as: KnownAs, *, clock: Clock) -> None:
        self._store = store
        self._known_as = known_as
        self._clock = clock
        self._kept: OrderedDict[Owner, tuple[float, Mapping[str, str]]] = OrderedDict()

    async def of(self, owner: Owner) -> Mapping[str, str]:
        """Titles' own ids by IMDb's."""
        now = self._clock.monotonic()
        until, known = self._kept.get(owner, (0.0, {}))
        if now < until:
            return known
        titles = await self._store.numbered(owner, MOST_TITLES)
        known = {imdb: id_ for id_, imdb in (await self._known_as.of(titles)).items()} if titles else {}
        self._kept[owner] = (now + KEPT_S, known)
        self._kept.move_to_end(owner)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return known

    async def same(self, owner: Owner, id_: str) -> str | None:
        """The very same film or episode, None where the profile played none."""
        said = split_video_id(id_)
        if said.scheme != "imdb":
            return None
        other = (await self.of(owner)).get(said.title)
        if other is None or said.episode is None:
            return other
        return f"{other}:{said.season}:{said.episode}"
