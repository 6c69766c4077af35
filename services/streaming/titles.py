"""What titles are called, as far as catalog knows at once. No list of sources waits for it."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import msgspec

from libs.common.cache import Cache, Lives, Loaded
from libs.common.clock import Clock
from libs.common.contracts.names import Called, NamesClient
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.tasks import Tasks
from libs.protocols.stremio.ids import is_imdb, split_video_id

WITHIN_S: Final = 2.0
KEPT_S: Final = 3600.0
"""Names hardly change; an import of IMDb's data brings those that were missing."""
LIVES: Final = Lives(KEPT_S, stale_s=KEPT_S, error_s=KEPT_S)
NOBODY_KNOWS: Final = Called()

_decode = msgspec.json.Decoder(Called).decode


class Titles:
    def __init__(self, names: NamesClient, cache: Cache, *, clock: Clock, tasks: Tasks) -> None:
        self._names = names
        self._cache = cache
        self._clock = clock
        self._tasks = tasks

    def look_up(self, video_id: str) -> None:
        """Asks beside whatever else goes on, if it isn't known."""
        title_id = _title_of(video_id)
        if title_id is not None and self._cache.peek(title_id) is None:
            self._tasks.spawn("title_names", self._ask(title_id))

    def called(self, video_id: str) -> Called:
        """What is known by now."""
        title_id = _title_of(video_id)
        entry = None if title_id is None else self._cache.held(title_id)
        return NOBODY_KNOWS if entry is None else _decode(entry.value)

    async def _ask(self, title_id: str) -> None:
        async def load() -> Loaded:
            deadline = Deadline.after(self._clock, WITHIN_S)
            return Loaded(msgspec.json.encode(await self._names.called(title_id, deadline=deadline)), LIVES)

        with suppress(HeadgateError):
            await self._cache.get_or_load(title_id, load)


def _title_of(video_id: str) -> str | None:
    return split_video_id(video_id).title if is_imdb(video_id) else None
