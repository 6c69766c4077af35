"""A socket that a manager of processes opened, and telling it that we are ready."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from libs.common.errors import StartupRefused
from libs.common.handover import READY, activated_fd
from libs.common.http import make_session
from libs.common.serve import run_service, start_site
from libs.common.settings import CommonSettings
from tests.common.web.service import endpoint, service
from tests.fakes.clock import ManualClock
from tests.fakes.settings import common_settings
from tests.waiting import until


@dataclass(frozen=True)
class Settings:
    common: CommonSettings


@pytest.fixture
def held() -> Iterator[socket.socket]:
    """The manager's socket, whose descriptors are copied for each process."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def address_of(held: socket.socket) -> str:
    return f"fd:{os.dup(held.fileno())}"


async def get(port: int) -> tuple[int, str]:
    async with make_session() as session, session.get(f"http://127.0.0.1:{port}/thing") as answer:
        return answer.status, await answer.text()


async def test_an_inherited_socket_is_served(tmp_path: Path, clock: ManualClock, held: socket.socket) -> None:
    running = await start_site(service(tmp_path, clock, [endpoint()]), address_of(held))
    assert running.port == held.getsockname()[1]
    assert await get(running.port) == (200, "ok")
    await running.aclose()


async def test_who_connects_between_two_processes_is_answered_by_the_second(
    tmp_path: Path, clock: ManualClock, held: socket.socket
) -> None:
    first = await start_site(service(tmp_path, clock, [endpoint()]), address_of(held))
    await first.aclose()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        waiting = group.create_task(get(first.port))
        second = await start_site(service(tmp_path, clock, [endpoint()]), address_of(held))
        assert await waiting == (200, "ok")
        await second.aclose()


async def test_a_draining_process_leaves_new_connections_to_the_next(
    tmp_path: Path, clock: ManualClock, held: socket.socket
) -> None:
    async def says(name: str) -> web.Application:
        async def handler(_request: web.Request) -> web.Response:
            return web.Response(text=name)

        return service(tmp_path, clock, [endpoint(handler)])

    first = await start_site(await says("first"), address_of(held))
    url = f"http://127.0.0.1:{first.port}/thing"
    async with make_session() as kept:
        async with kept.get(url) as answer:
            assert await answer.text() == "first"
        second = await start_site(await says("second"), address_of(held))
        await first.drain()
        assert {await get(first.port) for _ in range(20)} == {(200, "second")}
        assert not first.is_done
        async with kept.get(url) as answer:
            assert (await answer.text(), answer.headers["Connection"]) == ("first", "close")

    async def is_done() -> bool:
        return first.is_done

    await until(is_done)
    await first.aclose()
    await second.aclose()


async def test_a_descriptor_that_is_no_socket_is_refused(tmp_path: Path, clock: ManualClock) -> None:
    reading, writing = os.pipe()
    with pytest.raises(StartupRefused, match="is not a socket; set HEADGATE_LISTEN_FD"):
        await start_site(service(tmp_path, clock, [endpoint()]), f"fd:{reading}")
    os.close(reading)
    os.close(writing)


async def test_a_socket_of_another_kind_is_refused(tmp_path: Path, clock: ManualClock) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as other, pytest.raises(StartupRefused, match="can't listen"):
        await start_site(service(tmp_path, clock, [endpoint()]), f"fd:{other.fileno()}")


async def test_a_socket_refuses_until_the_process_can_answer(tmp_path: Path, clock: ManualClock) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(aiohttp.ClientConnectorError):
            await get(bound.getsockname()[1])
        running = await start_site(service(tmp_path, clock, [endpoint()]), address_of(bound))
        assert await get(running.port) == (200, "ok")
        await running.aclose()


def test_the_setting_names_the_socket(tmp_path: Path) -> None:
    assert common_settings(tmp_path, HEADGATE_LISTEN_FD="7").address == "fd:7"


def test_systemds_socket_is_ours_only_if_it_names_this_process() -> None:
    assert activated_fd({"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}) == 3
    assert activated_fd({"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid() + 1)}) == 0
    assert activated_fd({"LISTEN_FDS": "0", "LISTEN_PID": str(os.getpid())}) == 0
    assert activated_fd({}) == 0


@asynccontextmanager
async def told(path: Path) -> AsyncIterator[asyncio.Future[bytes]]:
    """The first word that arrives at a manager's socket."""
    loop = asyncio.get_running_loop()
    word: asyncio.Future[bytes] = loop.create_future()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.setblocking(False)
        manager.bind(str(path))
        loop.add_reader(manager, lambda: word.set_result(manager.recv(64)))
        yield word
        loop.remove_reader(manager)


async def test_the_manager_is_told_once_the_service_is_ready(
    tmp_path: Path, clock: ManualClock, held: socket.socket
) -> None:
    path = tmp_path / "notify"
    settings = Settings(
        common_settings(
            tmp_path, HEADGATE_LISTEN_FD=address_of(held).removeprefix("fd:"), NOTIFY_SOCKET=str(path)
        )
    )
    app = service(tmp_path, clock, [endpoint()])
    async with asyncio.timeout(10), told(path) as word, asyncio.TaskGroup() as group:
        group.create_task(run_service(lambda _: app, settings))
        assert await word == READY
        assert await get(held.getsockname()[1]) == (200, "ok")
        os.kill(os.getpid(), signal.SIGTERM)
