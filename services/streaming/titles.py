"""What titles are called, as far as catalog knows at once. No list of sources waits for it."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.names import Called, NamesClient
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.tasks import Tasks
from libs.protocols.stremio.ids import is_imdb, split_video_id

WITHIN_S: Final = 2.0
KEPT_S: Final = 3600.0
"""Names hardly change; an import of IMDb's data brings those that were missing."""
MOST_KEPT: Final = 2_000
NOBODY_KNOWS: Final = Called()


class Titles:
    def __init__(self, names: NamesClient, *, clock: Clock, tasks: Tasks) -> None:
        self._names = names
        self._clock = clock
        self._tasks = tasks
        self._known: OrderedDict[str, tuple[float, Called]] = OrderedDict()
        self._asking: set[str] = set()

    def look_up(self, video_id: str) -> None:
        """Asks beside whatever else goes on, if it isn't known."""
        title_id = _title_of(video_id)
        if title_id is None or title_id in self._asking or self._fresh(title_id) is not None:
            return
        self._asking.add(title_id)
        self._tasks.spawn("title_names", self._ask(title_id))

    def called(self, video_id: str) -> Called:
        """What is known by now."""
        title_id = _title_of(video_id)
        return (None if title_id is None else self._fresh(title_id)) or NOBODY_KNOWS

    def _fresh(self, title_id: str) -> Called | None:
        at, called = self._known.get(title_id, (0.0, None))
        return called if called is not None and self._clock.monotonic() - at < KEPT_S else None

    async def _ask(self, title_id: str) -> None:
        try:
            with suppress(HeadgateError):
                called = await self._names.called(title_id, deadline=Deadline.after(self._clock, WITHIN_S))
                self._known[title_id] = (self._clock.monotonic(), called)
                self._known.move_to_end(title_id)
                while len(self._known) > MOST_KEPT:
                    self._known.popitem(last=False)
        finally:
            self._asking.discard(title_id)


def _title_of(video_id: str) -> str | None:
    return split_video_id(video_id).title if is_imdb(video_id) else None
