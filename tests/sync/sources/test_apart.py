"""A process that stops before it has been told all: no error of ours, whichever loop it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
import uvloop

from services.sync.sources.apart import fed, running_apart


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_what_has_stopped_takes_no_more(run: Callable[[Coroutine[Any, Any, bool]], bool]) -> None:
    async def is_fed() -> bool:
        async with running_apart("services.there_is_none") as process:
            assert process.stdin is not None

            async def pieces() -> AsyncIterator[bytes]:
                yield b"x"
                await process.wait()
                for _ in range(3):
                    yield b"x" * 100_000
                    await asyncio.sleep(0)

            return await fed(process.stdin, pieces())

    assert not run(is_fed())
