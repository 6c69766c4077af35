"""Answers that go on for as long as somebody listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

LOOK_S = 0.2


@asynccontextmanager
async def while_listening(request: web.Request) -> AsyncIterator[None]:
    """The block is ended as soon as whoever asked has hung up: ConnectionResetError is raised then.

    A write finds that out by itself, but there may be nothing to write for long.
    """
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def look() -> None:
        nonlocal timer
        if request.transport is None or request.transport.is_closing():
            scope.reschedule(loop.time())
        else:
            timer = loop.call_later(LOOK_S, look)

    timer = loop.call_later(LOOK_S, look)
    try:
        async with asyncio.timeout(None) as scope:
            yield
    except TimeoutError:
        if not scope.expired():
            raise
        raise ConnectionResetError("whoever asked has left") from None
    finally:
        timer.cancel()
