"""Fake upstreams on a thread of their own, so that a blocking benchmark can call the hub that calls them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from typing import Any


@contextmanager
def serving(upstreams: Sequence[AbstractAsyncContextManager[Any]]) -> Iterator[None]:
    """All of `upstreams` answer inside the block."""
    started, ended = threading.Event(), threading.Event()

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            for upstream in upstreams:
                await stack.enter_async_context(upstream)
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
