"""Running an app: listen, serve until told to stop, finish what is being answered, close."""

from __future__ import annotations

import asyncio
import errno
import gc
import importlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import structlog
from aiohttp import http_parser, web

from libs.common import log as logs
from libs.common.data_dir import PRIVATE_DIR, data_dir_held, prepare_data_dir
from libs.common.db.apart import upgrade_apart
from libs.common.db.history import services_with_histories
from libs.common.errors import StartupRefused
from libs.common.handover import inherited_socket, tell_ready
from libs.common.loading import loading
from libs.common.settings import CommonSettings
from libs.common.spans import exporting
from libs.common.web.app import HEALTH, SERVICE, drain
from libs.common.web.server import Runner, allow_many_connections

log = structlog.get_logger(__name__)

KEEPALIVE_S = 75.0  # longer than the 60 s nginx keeps an idle upstream connection
LOOK_S = 0.05  # between two looks whether a draining app has lost its last connection
BACKLOG = 1024  # new connections waiting; aiohttp's 128 overflows when a page opens many at once
TURN_S = 0.0002  # that a busy thread keeps the interpreter from the loop; a statement waits several times
GARBAGE = 10_000  # new containers; at 700 even the oldest were looked at, 13 ms, every two busy seconds
USAGE = """\
usage: python -m services.{service}
Runs the {service} service. Its settings are environment variables: see docs/settings.md.
"""


class HasCommon(Protocol):
    """What every service's Settings have."""

    @property
    def common(self) -> CommonSettings: ...


S = TypeVar("S", bound=HasCommon)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Running:
    """An app that listens. `port` is the real one, also when 0 was asked for; 0 on a Unix socket."""

    app: web.Application
    runner: web.AppRunner
    address: str
    port: int

    @property
    def has_inherited_socket(self) -> bool:
        return self.address.startswith("fd:")

    @property
    def is_done(self) -> bool:
        """Whether nobody can ask any more: others accept from its socket, and its connections are gone."""
        server = self.runner.server
        return self.has_inherited_socket and (server is None or not server.connections)

    async def drain(self) -> None:
        """Not ready, and connections close after an answer. An inherited socket is left to its next owner."""
        drain(self.app)
        if self.has_inherited_socket:
            for site in list(self.runner.sites):
                await site.stop()

    async def aclose(self) -> None:
        """Stop accepting, let running requests finish within the shutdown time, then close the app."""
        drain(self.app)
        await self.runner.cleanup()
        if self.address.startswith("unix:"):
            _remove(self.address.removeprefix("unix:"))


async def start_site(app: web.Application, address: str, *, shutdown_s: float = 10.0) -> Running:
    """Start `app` and listen on "fd:N", "unix:/path", "host:port" or "[ipv6]:port". Raises StartupRefused."""
    runner = Runner(
        app,
        access_log=None,  # the edge writes a sampled line; aiohttp's own costs up to 45 % of throughput
        keepalive_timeout=KEEPALIVE_S,
        shutdown_timeout=shutdown_s,
        handler_cancellation=False,
        # aiohttp would unpack whatever a stranger packed, to the end and on the loop, even of a refused body.
        auto_decompress=False,
    )
    try:
        await runner.setup()
        if address.startswith("unix:"):
            await _listen_unix(runner, address.removeprefix("unix:"))
            return Running(app, runner, address, 0)
        if address.startswith("fd:"):
            return Running(app, runner, address, await _listen_inherited(runner, int(address[3:])))
        host, port = split_address(address)
        site = web.TCPSite(runner, host, port, backlog=BACKLOG)
        try:
            await site.start()
        except OSError as error:
            raise _refusal(error, app, host, port) from error
        return Running(app, runner, address, site.port)
    except BaseException:
        await runner.cleanup()
        raise


async def run_service(create_app: Callable[[S], web.Application], settings: S) -> None:
    """Serve one app until SIGTERM or SIGINT."""
    common = settings.common
    await serve_until_stopped(
        [[(create_app(settings), common.address)]],
        shutdown_s=common.shutdown_s,
        drain_s=common.drain_s,
        notify_socket=common.notify_socket,
    )


async def serve_until_stopped(
    groups: Sequence[Sequence[tuple[web.Application, str]]],
    *,
    shutdown_s: float,
    drain_s: float = 0.0,
    notify_socket: str = "",
) -> None:
    """Serve apps at their addresses until SIGTERM or SIGINT, then stop them in reverse order.

    A group starts together, after the group before it. If one app is refused, what runs is closed first.
    For at most `drain_s` the last group, which others ask, goes on answering though it is no longer ready; a
    second signal ends that.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
        log.warning("slow_http_parser")
    async with AsyncExitStack() as running:
        public: list[Running] = []
        for group in groups:
            public = await _start_together(running, group, shutdown_s)
        for one in public:
            log.info("ready", service=one.app[SERVICE], address=one.address)
        if notify_socket:
            await _until_healthy(public, stop)
            tell_ready(notify_socket)
        for one in public:
            if HEALTH in one.app:
                one.app[HEALTH].set_listening(one.port)
        await stop.wait()
        log.info("stopping", drain_s=drain_s)
        stop.clear()
        for one in public:
            await one.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(drain_s):
                while not (stop.is_set() or all(one.is_done for one in public)):
                    await _set_within(stop, LOOK_S)


async def _until_healthy(public: Sequence[Running], stop: asyncio.Event) -> None:
    """Whoever replaces another must not be told ready before it has what it needs."""
    while not stop.is_set():
        reports = [await one.app[HEALTH].report() for one in public if HEALTH in one.app]
        if all(report.status != "fail" for report in reports):
            return
        await _set_within(stop, LOOK_S)


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _start_together(
    running: AsyncExitStack, group: Sequence[tuple[web.Application, str]], shutdown_s: float
) -> list[Running]:
    outcomes = await asyncio.gather(
        *(start_site(app, address, shutdown_s=shutdown_s) for app, address in group), return_exceptions=True
    )
    started = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    for one in started:
        running.push_async_callback(one.aclose)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return started


def run_loop(coro: Coroutine[Any, Any, T]) -> T:
    """Run `coro` to its end on uvloop where that is installed."""
    try:
        uvloop = importlib.import_module("uvloop")
    except ImportError:
        factory = asyncio.new_event_loop
    else:
        factory = uvloop.new_event_loop
    gc.freeze()  # as in `loading`: without what stays, each collection's pause is shorter
    gc.set_threshold(GARBAGE)
    sys.setswitchinterval(TURN_S)
    allow_many_connections()
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(coro)


def main(service: str, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None) -> int:
    """`python -m services.<service>`. Returns the exit status: 1 after a refusal, told in one sentence."""
    if arguments:
        return tell_usage(USAGE.format(service=service), arguments)
    variables = os.environ if environment is None else environment
    try:
        with loading():
            create_app = importlib.import_module(f"services.{service}.app").create_app
        settings = importlib.import_module(f"services.{service}.settings").Settings.from_env(variables)
        common: CommonSettings = settings.common
        logs.configure(common)
        with ExitStack() as held:
            held.enter_context(exporting(variables))
            if not common.database_url and service in services_with_histories():
                held.enter_context(data_dir_held(common.data_dir, shared=True))
            elif not common.database_url:
                prepare_data_dir(common.data_dir)
            upgrade_apart(common, [service], variables)
            run_loop(run_service(create_app, settings))
    except StartupRefused as refusal:
        sys.stderr.write(f"headgate: {refusal}\n")
        return 1
    return 0


def tell_usage(usage: str, arguments: Sequence[str]) -> int:
    """Answer a call for help, or arguments that aren't understood; the exit status."""
    asked = arguments[0] in {"-h", "--help", "help"}
    (sys.stdout if asked else sys.stderr).write(usage)
    return 0 if asked else 2


def split_address(address: str) -> tuple[str, int]:
    """The host and port of "host:port" or "[ipv6]:port"."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise StartupRefused(f"{address!r} is not an address to listen on; write host:port or unix:/path.")
    return host.removeprefix("[").removesuffix("]"), int(port)


async def _listen_inherited(runner: web.AppRunner, fd: int) -> int:
    """The port, or 0 for a Unix socket."""
    inherited = inherited_socket(fd)
    port: int = 0 if inherited.family == socket.AF_UNIX else inherited.getsockname()[1]
    await web.SockSite(runner, inherited, backlog=BACKLOG).start()
    return port


async def _listen_unix(runner: web.AppRunner, path: str) -> None:
    try:
        if _prepare_socket(path):
            await _remove_dead(path)
        # The socket gets the umask's rights: with the usual 022 only this user can connect.
        await web.UnixSite(runner, path, backlog=BACKLOG).start()
    except OSError as error:
        raise StartupRefused(
            f"The socket {path} can't be opened ({error.strerror or error}); choose a shorter path in a "
            "directory that this user may write."
        ) from error


def _prepare_socket(path: str) -> bool:
    """Make the private directory; say whether a socket stands there already."""
    Path(path).parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIR)
    return Path(path).is_socket()


async def _remove_dead(path: str) -> None:
    """A killed process leaves its socket behind; one that answers belongs to somebody alive."""
    try:
        _reader, writer = await asyncio.open_unix_connection(path)
    except OSError:
        _remove(path)
        return
    writer.close()
    raise StartupRefused(f"Another program is listening on the socket {path}; stop it first.")


def _remove(path: str) -> None:
    Path(path).unlink(missing_ok=True)


def _refusal(error: OSError, app: web.Application, host: str, port: int) -> StartupRefused:
    variable = _port_variable(app)
    if error.errno == errno.EADDRINUSE:
        return StartupRefused(
            f"Port {port} on {host} is already in use; stop the other program or set {variable}."
        )
    if error.errno == errno.EACCES:
        return StartupRefused(
            f"This user may not listen on port {port}; set {variable} to a port above 1023."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return StartupRefused(
            f"This machine has no address {host}; set HEADGATE_HOST to one it has, or to 0.0.0.0 for all."
        )
    return StartupRefused(f"Port {port} on {host} can't be opened ({error.strerror}); check HEADGATE_HOST.")


def _port_variable(app: web.Application) -> str:
    service = app.get(SERVICE, "gateway")
    return "HEADGATE_PORT" if service == "gateway" else f"HEADGATE_{service.upper()}_PORT"
