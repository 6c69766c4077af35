"""A gateway on a real port in front of stand-ins for its services."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from libs.common.web.server import Runner
from services.gateway.app import create_app
from services.gateway.settings import Settings
from tests.fakes.clock import ManualClock
from tests.gateway.inner import Inner

T = TypeVar("T")
Client = TestClient[web.Request, web.Application]
Start = Callable[..., Awaitable[Client]]


class OwnServer(TestServer):
    """Behind the hub's own server, as in life: aiohttp's knows nothing of answers at hand."""

    async def _make_runner(self, **options: Any) -> web.AppRunner:
        return Runner(self.app, **options)


@pytest.fixture
async def inner(clock: ManualClock) -> AsyncIterator[Inner]:
    async with Inner(clock) as services:
        yield services


@pytest.fixture
async def start(inner: Inner, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts a gateway with settings of the test's choice."""
    clients: list[Client] = []

    async def start_one(**settings: str) -> Client:
        environment = {**inner.environment(), "HEADGATE_DATA_DIR": str(tmp_path), **settings}
        client = TestClient(OwnServer(create_app(Settings.from_env(environment), clock=clock)))
        await client.start_server()
        clients.append(client)
        return client

    yield start_one
    for client in clients:
        await client.close()


@pytest.fixture
async def gateway(start: Start) -> Client:
    return await start()


async def passing(clock: ManualClock, asked: Coroutine[Any, Any, T]) -> T:
    """What was asked, with time passing for whoever waits meanwhile."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(asked)
        while not task.done():
            await asyncio.wait([task], timeout=0.005)
            if clock.sleepers:
                clock.advance(0.1)
    return task.result()
