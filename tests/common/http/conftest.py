"""A guard that allows the loopback, where the fakes live, and a fetcher behind it."""

from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock
from libs.common.http import Fetcher, Guard, make_session
from tests.fakes.misbehaving import MisbehavingServer


@pytest.fixture
def guard() -> Guard:
    return Guard(allow_private=True)


@pytest.fixture
async def fetcher(guard: Guard) -> AsyncIterator[Fetcher]:
    async with make_session(guard=guard) as session:
        yield Fetcher(session, guard, SystemClock())


@pytest.fixture
async def server() -> AsyncIterator[MisbehavingServer]:
    async with MisbehavingServer() as server:
        yield server
