"""Connections before there is a request: bounded by address, and in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from libs.common.clock import SystemClock
from libs.common.serve import Running, start_site
from libs.common.web.server import BOUNDS, ConnectionBounds
from tests.common.web.service import endpoint, service
from tests.waiting import until

REQUEST = b"GET /thing HTTP/1.1\r\nHost: a\r\n\r\n"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[Running], Awaitable[Connection]]


@pytest.fixture
async def heard() -> list[str]:
    return []


async def started(tmp_path: Path, heard: list[str], **variables: str) -> Running:
    app = service(tmp_path, SystemClock(), [endpoint()], variables=variables)
    app[BOUNDS] = ConnectionBounds(head_within_s=0.2, per_address=5, malformed=heard.append)
    return await start_site(app, "127.0.0.1:0")


@pytest.fixture
async def site(tmp_path: Path, heard: list[str]) -> AsyncIterator[Running]:
    running = await started(tmp_path, heard)
    yield running
    await running.aclose()


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Opens connections, all closed at the end."""
    opened: list[Connection] = []

    async def one(site: Running) -> Connection:
        connection = await asyncio.open_connection("127.0.0.1", site.port)
        opened.append(connection)
        return connection

    yield one
    for _, writer in opened:
        writer.close()


async def is_answered(connection: Connection) -> bool:
    reader, writer = connection
    try:
        writer.write(REQUEST)
        return (await reader.readline()).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False


async def test_one_address_holds_so_many_connections_and_gets_room_when_one_ends(
    site: Running, connect: Connect
) -> None:
    held = [await connect(site) for _ in range(5)]
    assert all([await is_answered(one) for one in held])
    assert not await is_answered(await connect(site))
    held[0][1].close()

    async def has_room() -> bool:
        return await is_answered(await connect(site))

    await until(has_room)


async def test_a_trusted_proxy_holds_as_many_as_it_likes(
    tmp_path: Path, heard: list[str], connect: Connect
) -> None:
    site = await started(tmp_path, heard, HEADGATE_TRUSTED_PROXIES="127.0.0.1")
    held = [await connect(site) for _ in range(20)]
    assert all([await is_answered(one) for one in held])
    for _, writer in held:
        writer.close()
    await site.aclose()


async def test_a_head_that_comes_byte_by_byte_ends_the_connection(
    site: Running, heard: list[str], connect: Connect
) -> None:
    reader, writer = await connect(site)
    answer = b""
    async with asyncio.timeout(5):
        for byte in REQUEST[:-2]:
            writer.write(bytes([byte]))
            try:
                answer += await asyncio.wait_for(reader.read(4096), 0.05)
            except TimeoutError:
                continue
            break
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in answer
    assert heard == ["127.0.0.1"]


async def test_a_connection_between_two_requests_is_not_slow(site: Running, connect: Connect) -> None:
    connection = await connect(site)
    reader, writer = connection
    writer.write(REQUEST[:10])
    assert await is_answered(await connect(site))  # so the first piece has been read
    writer.write(REQUEST[10:])
    await reader.readuntil(b"ok")
    slow_reader, slow_writer = await connect(site)
    slow_writer.write(REQUEST[:10])
    assert (await slow_reader.read()).startswith(b"HTTP/1.1 408 ")  # as long as a head may take
    assert await is_answered(connection)


async def test_what_is_no_http_is_heard_of(site: Running, heard: list[str], connect: Connect) -> None:
    reader, writer = await connect(site)
    writer.write(b"\x16\x03\x01\r\n\r\n")
    assert b"problem+json" in await reader.read()
    writer.close()
    assert heard == ["127.0.0.1"]
