"""Codes are looked at when it is their turn, and at once where one begins; nothing ends the looking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock, epoch_ms
from libs.common.db.errors import DatabaseUnavailable
from libs.common.tasks import Tasks
from services.sync.code_looks import CodeLooks


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    running = Tasks()
    yield running
    await running.aclose()


@pytest.mark.parametrize("fails", [False, True])
async def test_a_code_that_begins_is_looked_at_at_once_whatever_came_of_the_look_before(
    tasks: Tasks, *, fails: bool
) -> None:
    looked = asyncio.Queue[int]()

    async def look() -> None:
        looked.put_nowait(1)
        if fails:
            raise DatabaseUnavailable("away")

    looks = CodeLooks(look, SystemClock())
    tasks.spawn("codes", looks.run())
    for _ in range(3):
        await asyncio.wait_for(looked.get(), 5)
        looks.begun()


async def test_the_next_look_comes_when_the_next_code_has_its_turn(tasks: Tasks) -> None:
    clock, looked = SystemClock(), asyncio.Queue[float]()

    async def look() -> int | None:
        looked.put_nowait(clock.monotonic())
        return epoch_ms(clock) + 300

    tasks.spawn("codes", CodeLooks(look, clock).run())
    first, second = await asyncio.wait_for(looked.get(), 5), await asyncio.wait_for(looked.get(), 5)
    assert second - first >= 0.25
