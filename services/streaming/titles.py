"""What titles are called, as far as catalog knows at once. No list of sources waits for it."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import msgspec

from libs.common.cache import Cache, Lives, Loaded
from libs.common.clock import Clock
from libs.common.contracts.names import Called
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.tasks import Tasks
from libs.protocols.stremio.ids import is_imdb, split_video_id
from libs.protocols.stremio.paths import ResourcePath
from services.streaming.sources.names import TitleNames

WITHIN_S: Final = 2.0
KEPT_S: Final = 3600.0
"""Names hardly change; an import of IMDb's data brings those that were missing."""
LIVES: Final = Lives(KEPT_S, stale_s=KEPT_S, error_s=KEPT_S)
NOBODY_KNOWS: Final = Called()

_decode = msgspec.json.Decoder(Called).decode


class Titles:
    def __init__(self, names: TitleNames, cache: Cache, *, clock: Clock, tasks: Tasks) -> None:
        self._names = names
        self._cache = cache
        self._clock = clock
        self._tasks = tasks

    def look_up(self, identity: Identity, path: ResourcePath) -> None:
        """Asks beside whatever else goes on, if it isn't known."""
        if is_imdb(path.id) and self._cache.peek(_key(identity, path)) is None:
            self._tasks.spawn("title_names", self._ask(identity, path))

    def called(self, identity: Identity, path: ResourcePath) -> Called:
        """What is known by now."""
        entry = self._cache.held(_key(identity, path)) if is_imdb(path.id) else None
        return NOBODY_KNOWS if entry is None else _decode(entry.value)

    async def _ask(self, identity: Identity, path: ResourcePath) -> None:
        async def load() -> Loaded:
            deadline = Deadline.after(self._clock, WITHIN_S)
            called = await self._names.of(identity, path.type, _title_of(path), deadline=deadline)
            return Loaded(msgspec.json.encode(called), LIVES)

        with suppress(HeadgateError):
            await self._cache.get_or_load(_key(identity, path), load)


def _title_of(path: ResourcePath) -> str:
    return split_video_id(path.id).title


def _key(identity: Identity, path: ResourcePath) -> str:
    """Addons of one profile tell nothing to another."""
    return f"{identity.account_id}/{identity.profile_id}/{path.type}/{_title_of(path)}"
