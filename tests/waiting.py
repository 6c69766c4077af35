"""Waiting for a condition that only another process can make true."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

LIMIT_S = 45.0
"""Nothing is shown by it; a busy machine needs it. Whoever shows that something is quick measures that."""


async def until(
    done: Callable[[], Awaitable[bool]], *, limit_s: float = LIMIT_S, every_s: float = 0.05
) -> None:
    """Returns once `done()`, which is asked `every_s`; raises TimeoutError after `limit_s`."""
    async with asyncio.timeout(limit_s):
        while not await done():  # noqa: ASYNC110  the other process has no event to wait for
            await asyncio.sleep(every_s)
