"""By which id of IMDb a title is known, where somebody asks by another system's id.

What was watched is told by ids of IMDb; addons have titles under ids of their own. Catalog has the lists that
say which are the same, and what it said is at hand for a while.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.names import MOST_IDS, NamesClient
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.protocols.stremio.ids import split_video_id

WITHIN_S: Final = 0.3
"""No row waits longer for it: catalog has it in its tables."""
KEPT_S: Final = 600.0
MOST_KEPT: Final = 20_000
NUMBERED: Final = ("tmdb", "tvdb:", "kitsu:", "mal:", "anilist:", "anidb:")
SEASONED: Final = frozenset({"tmdb", "tvdb"})
"""Those that count seasons and episodes as IMDb does."""


class KnownAs:
    """Fails open: a title that can't be asked about is known by the id it has."""

    def __init__(self, names: NamesClient, *, clock: Clock) -> None:
        self._names = names
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, str | None]] = OrderedDict()

    async def of(self, ids: Sequence[str]) -> dict[str, str]:
        now = self._clock.monotonic()
        foreign = [id_ for id_ in ids if id_.startswith(NUMBERED)]
        missing = [id_ for id_ in foreign if self._kept.get(id_, (0.0, None))[0] <= now]
        if missing:
            await self._ask(missing[:MOST_IDS], now)
        known = ((id_, self._kept.get(id_, (0.0, None))[1]) for id_ in foreign)
        return {id_: imdb for id_, imdb in known if imdb is not None}

    async def same(self, id_: str) -> str | None:
        """The very same show, film or episode by IMDb's id; None where that is not sure: a season of an anime
        may be a show of its own elsewhere."""
        said = split_video_id(id_)
        if said.scheme not in SEASONED:
            return None
        imdb = (await self.of([said.title])).get(said.title)
        if imdb is None or said.episode is None:
            return imdb
        return f"{imdb}:{said.season}:{said.episode}"

    async def _ask(self, ids: Sequence[str], now: float) -> None:
        try:
            found = await self._names.known_as(ids, deadline=Deadline.after(self._clock, WITHIN_S))
        except HeadgateError:
            return
        for id_ in ids:
            self._kept[id_] = (now + KEPT_S, found.get(id_))
            self._kept.move_to_end(id_)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
