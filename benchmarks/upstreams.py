"""Fake addons on a thread of their own, so that a blocking benchmark can call the hub that calls them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager

from tests.fakes.addon import FakeAddon


@contextmanager
def serving(addons: Sequence[FakeAddon]) -> Iterator[None]:
    """All of `addons` answer inside the block."""
    started, ended = threading.Event(), threading.Event()

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            for addon in addons:
                await stack.enter_async_context(addon)
            started.set()
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        if not started.wait(10):
            raise RuntimeError("the upstreams did not start")
        yield
    finally:
        ended.set()
        thread.join()
