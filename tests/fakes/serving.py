"""What stands in for a server of the outside world: it can be away, come back, and keep answers back."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import web

from libs.common.serve import Running, start_site


@dataclass(kw_only=True)
class Serving(ABC):
    port: int = 0
    hold: asyncio.Event | None = None
    _reached: asyncio.Event = field(default_factory=asyncio.Event)
    _running: Running | None = None

    @abstractmethod
    def app(self) -> web.Application: ...

    def hold_back(self) -> asyncio.Event:
        """Keeps answers back until the event is set; no clock involved."""
        self.hold = asyncio.Event()
        self._reached.clear()
        return self.hold

    async def reached(self) -> None:
        """Returns once something is held back."""
        await self._reached.wait()

    async def held_back(self) -> None:
        """Every answer waits here first."""
        if self.hold is not None:
            self._reached.set()
            await self.hold.wait()

    async def __aenter__(self) -> Self:
        self._running = await start_site(self.app(), f"127.0.0.1:{self.port}", shutdown_s=0.1)
        self.port = self._running.port
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Connections are refused from now on; entering again takes the same port."""
        if self.hold is not None:
            self.hold.set()
        running, self._running = self._running, None
        if running is not None:
            await running.aclose()
