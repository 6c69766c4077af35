"""Listening, refusing to, and stopping without cutting anybody off."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from libs.common import serve
from libs.common.errors import StartupRefused
from libs.common.ground import Ground
from libs.common.http import make_session
from libs.common.serve import run_service, split_address, start_site
from libs.common.settings import CommonSettings
from libs.common.web import HEALTH
from tests.common.web.service import endpoint, service
from tests.fakes.clock import ManualClock
from tests.fakes.settings import common_settings
from tests.waiting import until


@dataclass(frozen=True)
class Settings:
    common: CommonSettings


async def get(url: str, unix_path: str | None = None) -> tuple[int, str]:
    async with make_session(unix_path=unix_path) as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def test_port_zero_gives_a_real_port(tmp_path: Path, clock: ManualClock) -> None:
    running = await start_site(service(tmp_path, clock, [endpoint()]), "127.0.0.1:0")
    assert await get(f"http://127.0.0.1:{running.port}/thing") == (200, "ok")
    await running.aclose()


async def test_a_strangers_packed_body_is_not_unpacked(tmp_path: Path, clock: ManualClock) -> None:
    """200 kB of it would hold the loop for a third of a second, even where the body is refused unread."""

    async def size(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    running = await start_site(service(tmp_path, clock, [endpoint(size, "POST")]), "127.0.0.1:0")
    packed = gzip.compress(b"[" * 500_000)
    url, headers = f"http://127.0.0.1:{running.port}/thing", {"Content-Encoding": "gzip"}
    async with make_session() as session, session.post(url, data=packed, headers=headers) as answer:
        assert await answer.text() == str(len(packed))
    await running.aclose()


async def test_a_private_socket_is_served_and_removed_at_the_end(tmp_path: Path, clock: ManualClock) -> None:
    path = tmp_path / "run" / "auth.sock"
    running = await start_site(service(tmp_path, clock, [endpoint()]), f"unix:{path}")
    assert await get("http://auth/thing", str(path)) == (200, "ok")
    assert path.parent.stat().st_mode & 0o077 == 0
    await running.aclose()
    assert not path.exists()


async def test_a_socket_left_by_a_killed_process_is_taken_over(tmp_path: Path, clock: ManualClock) -> None:
    path = tmp_path / "auth.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    running = await start_site(service(tmp_path, clock, [endpoint()]), f"unix:{path}")
    assert (await get("http://auth/thing", str(path)))[0] == 200
    await running.aclose()


async def test_a_socket_in_use_is_refused_and_left_alone(tmp_path: Path, clock: ManualClock) -> None:
    path = tmp_path / "auth.sock"
    running = await start_site(service(tmp_path, clock, [endpoint()]), f"unix:{path}")
    with pytest.raises(StartupRefused, match="Another program is listening on the socket"):
        await start_site(service(tmp_path, clock, [endpoint()]), f"unix:{path}")
    assert (await get("http://auth/thing", str(path)))[0] == 200
    await running.aclose()


async def test_a_socket_path_that_is_too_long_is_refused_in_a_sentence(
    tmp_path: Path, clock: ManualClock
) -> None:
    with pytest.raises(StartupRefused, match="choose a shorter path"):
        await start_site(service(tmp_path, clock, [endpoint()]), f"unix:{tmp_path}/{'x' * 150}.sock")


async def test_a_port_in_use_is_refused_with_the_variable_to_set(tmp_path: Path, clock: ManualClock) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StartupRefused) as caught:
            await start_site(service(tmp_path, clock, [endpoint()]), f"127.0.0.1:{port}")
    assert str(caught.value) == (
        f"Port {port} on 127.0.0.1 is already in use; stop the other program or set HEADGATE_AUTH_PORT."
    )


async def test_an_address_of_another_machine_is_refused(tmp_path: Path, clock: ManualClock) -> None:
    with pytest.raises(StartupRefused, match=r"no address 192\.0\.2\.1; set HEADGATE_HOST"):
        await start_site(service(tmp_path, clock, [endpoint()]), "192.0.2.1:8080")


async def test_a_host_that_has_no_address_is_refused(tmp_path: Path, clock: ManualClock) -> None:
    with pytest.raises(StartupRefused, match="check HEADGATE_HOST"):
        await start_site(service(tmp_path, clock, [endpoint()]), "no-such-host.invalid:8080")


async def test_a_graph_that_refuses_is_heard(tmp_path: Path, clock: ManualClock) -> None:
    async def refuses(_app: web.Application, _ground: Ground) -> None:
        raise StartupRefused("The database is newer than this program; update it.")

    app = service(tmp_path, clock, [endpoint()], build=refuses)
    with pytest.raises(StartupRefused, match="newer than this program"):
        await start_site(app, "127.0.0.1:0")


async def test_stopping_lets_a_running_request_finish(tmp_path: Path, clock: ManualClock) -> None:
    entered, go = asyncio.Event(), asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        entered.set()
        await go.wait()
        return web.Response(text="finished")

    running = await start_site(service(tmp_path, clock, [endpoint(slow)]), "127.0.0.1:0")
    url = f"http://127.0.0.1:{running.port}/thing"
    async with asyncio.TaskGroup() as group:
        request = group.create_task(get(url))
        await entered.wait()
        stop = group.create_task(running.aclose())
        await asyncio.sleep(0)
        assert running.app[HEALTH].draining
        go.set()
    assert request.result() == (200, "finished")
    assert stop.done()
    with pytest.raises(aiohttp.ClientConnectorError):
        await get(url)


async def test_a_client_that_leaves_does_not_cancel_the_handler(tmp_path: Path, clock: ManualClock) -> None:
    entered, go, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        entered.set()
        await go.wait()
        ended.set()
        return web.Response(text="finished")

    running = await start_site(service(tmp_path, clock, [endpoint(slow)]), "127.0.0.1:0")
    _reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(b"GET /thing HTTP/1.1\r\nHost: x\r\n\r\n")
    await entered.wait()
    writer.close()
    await writer.wait_closed()
    go.set()
    async with asyncio.timeout(5):
        await ended.wait()
    await running.aclose()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_service(number: signal.Signals, tmp_path: Path, clock: ManualClock) -> None:
    started = asyncio.Event()

    async def build(_app: web.Application, ground: Ground) -> None:
        started.set()
        ground.stack.callback(started.clear)

    settings = Settings(common_settings(tmp_path, HEADGATE_HOST=f"unix:{tmp_path}/x.sock"))
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        app = service(tmp_path, clock, [endpoint()], build=build)
        group.create_task(run_service(lambda _: app, settings))
        await started.wait()
        os.kill(os.getpid(), number)
    assert not started.is_set()


async def test_a_stopping_service_says_so_before_it_stops_listening(
    tmp_path: Path, clock: ManualClock
) -> None:
    """A balancer needs a probe or two to hear of it; until then its requests must be answered."""
    started = asyncio.Event()

    async def build(_app: web.Application, _ground: Ground) -> None:
        started.set()

    path = f"{tmp_path}/x.sock"
    settings = Settings(common_settings(tmp_path, HEADGATE_HOST=f"unix:{path}", HEADGATE_DRAIN_S="600"))
    app = service(tmp_path, clock, [endpoint()], build=build)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(run_service(lambda _: app, settings))
        await started.wait()

        async def listening() -> bool:
            return os.path.exists(path)  # noqa: ASYNC240  a local file, asked for a few times

        await until(listening)
        async with make_session(unix_path=path) as session:
            async with session.get("http://auth/thing") as answer:
                assert (answer.status, answer.headers.get("Connection")) == (200, None)
            os.kill(os.getpid(), signal.SIGTERM)

            async def draining() -> bool:
                async with session.get("http://auth/readyz") as probe:
                    return probe.status == 503 and probe.headers["Connection"] == "close"

            await until(draining)
            async with session.get("http://auth/thing") as answer:
                assert (answer.status, answer.headers["Connection"]) == (200, "close")
        os.kill(os.getpid(), signal.SIGTERM)
    assert not os.path.exists(path)  # noqa: ASYNC240


def test_the_loop_runs_to_the_end() -> None:
    async def work() -> str:
        return type(asyncio.get_running_loop()).__module__

    assert serve.run_loop(work())


def test_a_refusal_is_one_line_and_a_failing_exit(capsys: pytest.CaptureFixture[str]) -> None:
    assert serve.main("auth", environment={"HEADGATE_SECRET_KEY": "short"}) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("headgate: HEADGATE_SECRET_KEY has 5 characters")
    assert shown.count("\n") == 1


def test_help_is_told_and_nothing_started(capsys: pytest.CaptureFixture[str]) -> None:
    assert serve.main("auth", ["--help"], {}) == 0
    assert capsys.readouterr().out.startswith("usage: python -m services.auth\n")


@pytest.mark.parametrize("arguments", [["bogus"], ["--port", "80"], [""]])
def test_arguments_that_mean_nothing_are_not_passed_over(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve.main("auth", arguments, {}) == 2
    assert capsys.readouterr().err.startswith("usage: python -m services.auth\n")


@pytest.mark.parametrize(
    ("address", "parts"), [("127.0.0.1:80", ("127.0.0.1", 80)), ("[::1]:80", ("::1", 80))]
)
def test_addresses_are_host_and_port(address: str, parts: tuple[str, int]) -> None:
    assert split_address(address) == parts


@pytest.mark.parametrize("address", ["", "80", ":80", "host", "host:http"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(StartupRefused, match="host:port or unix:/path"):
        split_address(address)
