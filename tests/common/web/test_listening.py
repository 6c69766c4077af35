"""Answers that go on for as long as somebody listens: neither load nor slowness, and over when they leave."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient

from libs.common.http import make_session
from libs.common.serve import start_site
from libs.common.web import PRESSURE, while_listening
from tests.common.web.service import endpoint, service
from tests.fakes.clock import ManualClock


class Silent:
    """Begins an answer and says nothing more until it is let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.let_go = asyncio.Event()
        self.has_left = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x")
        self.begun.set()
        try:
            async with while_listening(request):
                await self.let_go.wait()
        except ConnectionResetError:
            self.has_left.set()
            raise
        await response.write_eof()
        return response


@pytest.fixture
def silent() -> Silent:
    return Silent()


async def test_whoever_leaves_ends_it_although_nothing_is_written(
    tmp_path: Path, clock: ManualClock, silent: Silent
) -> None:
    # As in life: the server of aiohttp's tests ends handlers by itself.
    running = await start_site(service(tmp_path, clock, [endpoint(silent.answer, lasts=True)]), "127.0.0.1:0")
    async with make_session() as session:
        answer = await session.get(f"http://127.0.0.1:{running.port}/thing")
        await silent.begun.wait()
        answer.close()
        async with asyncio.timeout(5):
            await silent.has_left.wait()
    await running.aclose()


@pytest.mark.parametrize("lasts", [True, False])
async def test_one_that_lasts_is_not_counted_as_under_way(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock, silent: Silent, lasts: bool
) -> None:
    app = service(tmp_path, clock, [endpoint(silent.answer, lasts=lasts)])
    client = await aiohttp_client(app)
    answer = await client.get("/thing")
    await silent.begun.wait()
    assert app[PRESSURE].in_flight == (0 if lasts else 1)
    silent.let_go.set()
    assert await answer.read() == b"x"


async def test_who_stays_hears_the_end(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock, silent: Silent
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint(silent.answer, lasts=True)]))
    async with client.get("/thing") as answer:
        silent.let_go.set()
        assert await answer.read() == b"x"
    assert not silent.has_left.is_set()
