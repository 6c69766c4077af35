"""Answers that are sent as they are made, and what becomes of those that end too early."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient

from libs.common.errors import Unavailable
from libs.common.web import deadline_of, send_pieces
from tests.common.web.service import endpoint, service
from tests.fakes.clock import ManualClock


async def test_a_failure_before_the_first_piece_is_an_answer_and_a_later_one_a_broken_connection(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    ended = []

    async def pieces(whole: int) -> AsyncGenerator[bytes]:
        try:
            for _ in range(whole):
                yield b"piece"
            if whole < 3:
                raise Unavailable("It is away.")
        finally:
            ended.append(whole)

    async def answer(request: web.Request) -> web.StreamResponse:
        made = pieces(int(request.query["whole"]))
        return await send_pieces(request, made, headers={"X-Kind": "made"}, deadline=deadline_of(request))

    client = await aiohttp_client(service(tmp_path, clock, [endpoint(handler=answer)]))
    async with client.get("/thing?whole=3") as whole:
        assert (whole.status, whole.headers["X-Kind"], await whole.read()) == (200, "made", b"piece" * 3)
    async with client.get("/thing?whole=0") as refused:
        assert refused.status == 503
    with pytest.raises(aiohttp.ClientError):
        async with client.get("/thing?whole=2") as cut:
            await cut.read()
    assert ended == [3, 0, 2]
