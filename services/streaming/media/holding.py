"""Playing only while there is a place for it at the provider."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from libs.common.clock import Clock
from libs.common.tasks import Tasks
from services.streaming.errors import NoConnectionLeft
from services.streaming.media.connections import Place, Places

RENEWED_EVERY_S: Final = 2.0
"""So soon another replica hears that a place of its own was given away."""
FREED_WITHIN_S: Final = 2.0
"""Players turn to another channel before we hear that they left the former one."""
LOOK_S: Final = 0.2
TOLD_TO_WAIT_S: Final = 10.0


@dataclass(slots=True)
class _Open:
    """A connection of this process. Its `scope` is what ends it."""

    scope: asyncio.Timeout
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self) -> None:
        self.scope.reschedule(asyncio.get_running_loop().time())


class Connections:
    """Takes places, keeps them while they are used, and ends what has lost its own."""

    def __init__(self, places: Places, *, clock: Clock, tasks: Tasks) -> None:
        self._places = places
        self._clock = clock
        self._tasks = tasks
        self._open: dict[str, list[_Open]] = {}

    @asynccontextmanager
    async def held(
        self, provider: str, name: str, place: Place, most: int | None, *, pushes: bool
    ) -> AsyncIterator[bool]:
        """Whether somebody had to go for it, whom the provider may still count for a moment.

        Raises NoConnectionLeft: at the beginning, or when somebody else was given the place. `most` None or 0
        is a provider that doesn't count. `pushes` as of `Places`.
        """
        if not most:
            yield False
            return
        has_pushed = await self._take(provider, name, place, most, pushes=pushes)
        try:
            async with self._kept(provider, place, most):
                yield has_pushed
        except _Ended:
            raise NoConnectionLeft(f"This was ended to play something else of {name}.") from None
        finally:
            if not place.lingers:
                await self.give_back(provider, place)

    async def give_back(self, provider: str, place: Place) -> None:
        """For one that lingers, where nothing follows."""
        await self._places.give_back(provider, place)

    async def count(self, provider: str) -> int:
        return await self._places.count(provider)

    async def _take(self, provider: str, name: str, place: Place, most: int, *, pushes: bool) -> bool:
        until = self._clock.monotonic() + FREED_WITHIN_S
        while True:
            taken = await self._places.take(provider, place, most, pushes=pushes)
            if taken is not None:
                await self._end(taken.former)
                return bool(taken.former)
            if self._clock.monotonic() >= until:
                connections = "one connection" if most == 1 else f"{most} connections"
                raise NoConnectionLeft(
                    f"{name} allows {connections} at a time, and all are in use. Stop another player first.",
                    retry_after_s=TOLD_TO_WAIT_S,
                )
            await self._clock.sleep(LOOK_S)

    async def _end(self, id_: str) -> None:
        for former in tuple(self._open.get(id_, ())):
            former.end()
            await former.ended.wait()

    @asynccontextmanager
    async def _kept(self, provider: str, place: Place, most: int) -> AsyncIterator[None]:
        async def renew() -> None:
            while True:
                await self._clock.sleep(RENEWED_EVERY_S)
                if await self._places.take(provider, place, most, pushes=False) is None:
                    opened.end()
                    return

        try:
            async with asyncio.timeout(None) as scope:
                opened = _Open(scope)
                self._open.setdefault(place.id, []).append(opened)
                renewing = self._tasks.spawn("media_place", renew())
                try:
                    yield
                finally:
                    renewing.cancel()
                    self._forget(place.id, opened)
        except TimeoutError:
            if not scope.expired():
                raise
            raise _Ended from None

    def _forget(self, id_: str, opened: _Open) -> None:
        opened.ended.set()
        self._open[id_].remove(opened)
        if not self._open[id_]:
            del self._open[id_]


class _Ended(Exception):
    """The place is somebody else's now."""
