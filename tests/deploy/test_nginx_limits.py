"""What nginx bears from one client: how slow, how large, how many connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import web

from libs.common.http import make_session
from tests.deploy.front import (
    CLIENT_TIMEOUT_S,
    CONNECTIONS,
    RunningFront,
    says_ok,
)
from tests.waiting import until


async def cut_off(front: RunningFront, sent: bytes) -> bytes:
    """What a client that sends no more than this gets before its connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", front.http_port)
    writer.write(sent)
    got = b""
    with suppress(ConnectionResetError):
        async with asyncio.timeout(CLIENT_TIMEOUT_S + 10):
            while piece := await reader.read(4096):
                got += piece
    writer.close()
    return got


async def test_a_client_that_sends_slowly_is_cut_off_and_costs_no_gateway(front: RunningFront) -> None:
    assert b" 200 " not in await cut_off(front, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    head = b"POST /api/v1/addons HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    assert b" 200 " not in await cut_off(front, head + b"x")
    assert front.count() == 0


async def test_too_large_is_a_problem_of_its_own(front: RunningFront) -> None:
    head = b"POST /api/v1/addons HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n"
    body = await cut_off(front, head)
    assert body.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"payload_too_large"' in body
    assert b"at most 2m bytes" in body
    for larger in (b"imports", b"me/import"):
        file = await cut_off(front, head.replace(b"addons", larger).replace(b"3000000", b"90000000"))
        assert b"at most 64m bytes" in file
    cookies = await front.ask("/api/v1/me", Cookie="x" * 40_000)
    assert (cookies.status, cookies.json["code"]) == (431, "header_too_large")
    assert front.count() == 0


@asynccontextmanager
async def held(front: RunningFront, addresses: Sequence[str]) -> AsyncIterator[None]:
    """As many connections as one address may have, each waiting for its answer, shared by `addresses`."""
    go_on = asyncio.Event()

    async def waits(_request: web.Request) -> web.Response:
        await go_on.wait()
        return web.Response()

    async def all_are_waiting() -> bool:
        return front.count() == CONNECTIONS

    front.behave(waits)
    async with make_session(limit=0, limit_per_host=0) as many, asyncio.TaskGroup() as group:

        async def ask(address: str) -> int:
            async with many.get(front.url, headers={"X-Forwarded-For": address}) as answer:
                return answer.status

        tasks = [group.create_task(ask(addresses[n % len(addresses)])) for n in range(CONNECTIONS)]
        await until(all_are_waiting)
        front.behave(says_ok)
        yield
        go_on.set()
    assert {task.result() for task in tasks} == {200}


async def test_one_address_can_not_hold_every_connection(front: RunningFront) -> None:
    async with held(front, ["192.0.2.1", "192.0.2.2"]):  # which is not believed
        refused = await front.ask("/")
    assert (refused.status, refused.json["code"]) == (429, "too_many_connections")


@pytest.mark.parametrize(
    ("holders", "refused", "admitted"),
    [
        (["2001:db8::1", "2001:db8:0:0:f:e:d:c"], "2001:db8::8000:0:0:1", "2001:db8:0:1::1"),
        (["192.0.2.1", "::ffff:192.0.2.1"], "192.0.2.1", "::ffff:192.0.2.2"),
    ],
)
async def test_connections_are_counted_by_whoever_has_the_address(
    proxied: RunningFront, holders: list[str], refused: str, admitted: str
) -> None:
    """An IPv6 /64 is one customer's; an IPv4 address is one however it is written."""
    async with held(proxied, holders):
        answers = [await proxied.ask("/", X_Forwarded_For=address) for address in (refused, admitted)]
    assert [answer.status for answer in answers] == [429, 200]
