"""Videos that a player seems to have begun which tells nothing itself."""

from __future__ import annotations

from contextlib import suppress
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
from services.streaming.viewing.bounds import grown
from services.streaming.viewing.reading import place_of
from services.streaming.viewing.rules import begun
from services.streaming.viewing_model import Owner, Title, TitleKey

ASK_S: Final = 20.0
"""A provider may be asked on the way, and nobody waits."""
AT_ONCE: Final = 8
"""Names asked for at most; the next sign of a title asks for what was left out."""

log = structlog.get_logger(__name__)


class Signs:
    """No player said what such a title is called: addons are asked behind everybody's back."""

    def __init__(self, store: ViewingStore, source: Source, *, clock: Clock, tasks: Tasks) -> None:
        self._store = store
        self._source = source
        self._clock = clock
        self._tasks = tasks
        self._asking: set[TitleKey] = set()

    async def take(self, owner: Owner, identity: Identity, video_id: str, type_: str) -> None:
        """Raises VideoNotFound, InvalidInput, ViewingFull."""
        place = place_of(video_id, type_=type_)
        key = owner, place.title_id
        async with self._store.changing([owner]) as change:
            was = (await change.titles([key])).get(key)
            title = begun(was, place, epoch_ms(self._clock))
            if title is not None:
                if was is None:
                    held = (await change.held([owner]))[owner]
                    await change.put_held({owner: grown(held, None, videos=0, joining=0)})
                await change.put_titles({key: title})
        if title is not None and not title.name:
            self._name_later(key, identity, title)

    def _name_later(self, key: TitleKey, identity: Identity, title: Title) -> None:
        if key not in self._asking and len(self._asking) < AT_ONCE:
            with suppress(RuntimeError):  # the app is closing
                self._tasks.spawn("name_begun", self._name(key, identity, title.type))
                self._asking.add(key)

    async def _name(self, key: TitleKey, identity: Identity, type_: str) -> None:
        deadline = Deadline.after(self._clock, ASK_S)
        try:
            told = await self._source.title(identity, type_, key[1], deadline=deadline)
            if told is None:
                return
            async with self._store.changing([key[0]]) as change:
                title = (await change.titles([key])).get(key)
                if title is None:
                    raise _Gone  # rolls back: of an owner that is gone nothing comes back
                named = msgspec.structs.replace(
                    title, name=title.name or told.name, poster=title.poster or told.poster
                )
                await change.put_titles({key: named})
        except _Gone:
            return
        except HeadgateError as error:
            log.info("begun_not_named", code=error.code)
        finally:
            self._asking.discard(key)


class _Gone(Exception):
    """The title was forgotten meanwhile."""
