"""Calls between services: what a restart, a cut connection or an answer nobody understands becomes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from structlog.testing import capture_logs

from libs.common.contracts.client import SERVICE, ServiceClient, UnreadableAnswer
from libs.common.contracts.problems import error_from_problem
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, Unavailable, UpstreamFailed
from libs.common.identity import IdentitySigner
from libs.common.secrets import SecretKey
from libs.common.trace import Trace, current_trace
from tests.fakes.clock import ManualClock

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
Meanwhile = Callable[[], Awaitable[None]]


class HastyClock(ManualClock):
    """Passes each pause at once, after what the test wants to happen in it."""

    def __init__(self, meanwhile: Meanwhile | None = None) -> None:
        super().__init__()
        self.paused: list[float] = []
        self._meanwhile = meanwhile

    async def sleep(self, delay_s: float) -> None:
        self.paused.append(delay_s)
        self.advance(delay_s)
        if self._meanwhile is not None:
            await self._meanwhile()


class Thing(msgspec.Struct, frozen=True):
    name: str


@asynccontextmanager
async def asking(port: int, clock: HastyClock) -> AsyncIterator[ServiceClient]:
    signer = IdentitySigner(SecretKey.from_text("x" * 32), clock)
    async with ServiceClient.connected("catalog", f"http://127.0.0.1:{port}", signer=signer) as client:
        yield client


async def ask(client: ServiceClient, clock: HastyClock, method: str = "GET", *, waits: bool = True) -> int:
    deadline = Deadline.after(clock, 10)
    answer = await client.raw(method, "/thing", identity=SERVICE, deadline=deadline, waits=waits)
    return answer.status


@asynccontextmanager
async def cutting(times: int) -> AsyncIterator[tuple[int, list[str]]]:
    """A server that reads a request and hangs up `times` times before it answers one."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.split()[0].decode())
        if len(asked) > times:
            writer.write(ANSWER)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_could_not_be_sent_waits_for_the_service_to_be_back(method: str) -> None:
    """Each restart of a service was a second of 503 for everybody."""

    async def thing(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/thing", thing)
    server = TestServer(app, port=unused_port())

    async def back_after_two_pauses() -> None:
        if len(clock.paused) == 2:
            await server.start_server()

    clock = HastyClock(back_after_two_pauses)
    assert server.port is not None
    async with asking(server.port, clock) as client:
        assert await ask(client, clock, method) == 200
    await server.close()


async def test_a_service_that_stays_away_is_given_up_after_a_second_and_a_half() -> None:
    clock = HastyClock()
    async with asking(unused_port(), clock) as client:
        with pytest.raises(Unavailable):
            await ask(client, clock)
    assert len(clock.paused) == 3
    assert 1.2 < sum(clock.paused) < 1.8


async def test_no_pause_goes_past_the_deadline() -> None:
    clock = HastyClock()
    async with asking(unused_port(), clock) as client:
        with pytest.raises(Unavailable):
            await client.raw("GET", "/thing", identity=SERVICE, deadline=Deadline.after(clock, 0.5))
    assert sum(clock.paused) < 0.5


async def test_who_wants_to_know_now_is_told_now() -> None:
    clock = HastyClock()
    async with asking(unused_port(), clock) as client:
        with pytest.raises(Unavailable):
            await ask(client, clock, waits=False)
    assert clock.paused == []


async def test_a_safe_question_cut_off_before_its_answer_is_asked_again() -> None:
    clock = HastyClock()
    async with cutting(2) as (port, asked), asking(port, clock) as client:
        assert await ask(client, clock) == 200
    assert asked == ["GET", "GET", "GET"]


async def test_a_change_cut_off_before_its_answer_is_not_made_twice() -> None:
    clock = HastyClock()
    async with cutting(1) as (port, asked), asking(port, clock) as client:
        with pytest.raises(Unavailable):
            await ask(client, clock, "POST")
    assert asked == ["POST"]


async def test_fifty_callers_wait_for_a_restart_together() -> None:
    """A share of a fifth of them would refuse forty."""
    clock = HastyClock()
    async with cutting(50) as (port, _), asking(port, clock) as client:
        statuses = await asyncio.gather(*(ask(client, clock) for _ in range(50)))
    assert set(statuses) == {200}


async def test_a_call_carries_the_request_and_the_hubs_before_it() -> None:
    hop = "headgate-0123456789abcdef"
    heard: list[str | None] = []

    async def thing(request: web.Request) -> web.Response:
        heard.extend(request.headers.get(name) for name in ("X-Request-Id", "CDN-Loop"))
        return web.Response()

    app = web.Application()
    app.router.add_get("/thing", thing)
    clock = HastyClock()
    async with TestServer(app) as server:
        assert server.port is not None
        async with asking(server.port, clock) as client:
            current_trace.set(Trace("r1", hops=(hop,)))
            await ask(client, clock)
    assert heard == ["r1", hop]


@pytest.mark.parametrize("body", [b"<html>", b'{"name": 1}', b'{"name": "\xff"}', b""])
async def test_an_answer_nobody_understands_is_one_line_and_unavailable(body: bytes) -> None:
    async def thing(_request: web.Request) -> web.Response:
        return web.Response(body=body)

    app = web.Application()
    app.router.add_get("/thing", thing)
    clock = HastyClock()
    async with TestServer(app) as server:
        assert server.port is not None
        async with asking(server.port, clock) as client:
            with capture_logs() as lines, pytest.raises(UnreadableAnswer, match="catalog"):
                await client.call(
                    "GET", "/thing", identity=SERVICE, deadline=Deadline.after(clock, 9), into=Thing
                )
    assert [(line["event"], line["service"], line["wanted"]) for line in lines] == [
        ("service_answer_unreadable", "catalog", "Thing")
    ]


@pytest.mark.parametrize("status", [500, 501, 400, 418])
def test_a_mistake_inside_is_no_fault_of_a_source(status: int) -> None:
    error = error_from_problem(status, b'{"code":"secret_unreadable","detail":"Damaged."}', None)
    assert type(error) is HeadgateError
    assert (error.status, error.code, error.detail) == (500, "secret_unreadable", "Damaged.")


def test_what_is_no_problem_has_the_code_of_its_status() -> None:
    assert error_from_problem(500, b"<html>", None).code == "internal"
    failed = error_from_problem(502, b"<html>", None)
    assert (type(failed), failed.code) == (UpstreamFailed, "upstream_failed")
