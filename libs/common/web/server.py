"""What happens before there is a request: connections bounded, slow and broken heads refused in our form."""

from __future__ import annotations

import asyncio
import resource
from collections import Counter as Tally
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import structlog
from aiohttp import web
from aiohttp.helpers import set_exception
from aiohttp.http_exceptions import BadHttpMessage, LineTooLong
from aiohttp.http_parser import RawRequestMessage
from aiohttp.web_protocol import RequestHandler

from libs.common.clock import SystemClock
from libs.common.networks import network_of
from libs.common.web.app import EDGE, PEERS, REFUSED
from libs.common.web.middleware import SERVER
from libs.common.web.peer import TrustedPeers
from libs.common.web.problems import Problem, framework_response, plain_problem
from libs.common.web.repeats import Repeats

HEAD_WITHIN_S = 15.0
LINGER_S = 1.0
"""How long what is still sent gets thrown away: closing at once would reset the answer out of reach."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionBounds:
    """What one app allows. `malformed` hears the peer of each request that was no HTTP.

    `per_address` counts open connections of one address, or of an IPv6 /64; trusted proxies and users of a
    Unix socket have no bound.
    """

    head_within_s: float = HEAD_WITHIN_S
    per_address: int | None = None
    malformed: Callable[[str], None] = lambda _peer: None


Handle: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

BOUNDS: web.AppKey[ConnectionBounds] = web.AppKey("headgate_connection_bounds", ConnectionBounds)
_DEFAULT = ConnectionBounds()

_SLOW = Problem(
    type="urn:headgate:problem:request_timed_out",
    title="The request took too long to arrive",
    status=408,
    code="request_timed_out",
)
_BAD = Problem(
    type="urn:headgate:problem:bad_request",
    title="The request is malformed",
    status=400,
    code="bad_request",
    detail="What was sent is not HTTP as RFC 9112 has it.",
)
_LONG_TARGET = Problem(
    type="urn:headgate:problem:address_too_long",
    title="The address is too long",
    status=414,
    code="address_too_long",
)
_LONG_HEADERS = Problem(
    type="urn:headgate:problem:headers_too_large",
    title="The headers are too large",
    status=431,
    code="headers_too_large",
)


class Runner(web.AppRunner):
    """Runs an app behind a `Server`."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return Server(self.app, made)


class Server(web.Server):
    """aiohttp's server with bounds. `made` is what aiohttp has built for the app."""

    def __init__(self, app: web.Application, made: web.Server) -> None:
        super().__init__(
            _first_at_hand(app, made.request_handler),
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            **made._kwargs,
        )
        self.bounds = app.get(BOUNDS, _DEFAULT)
        # An app of aiohttp's own, without our edge, trusts no proxy and counts nothing.
        self._peers = app.get(PEERS) or TrustedPeers(())
        self._open: Tally[str] = Tally()
        self._repeats = Repeats(SystemClock())
        self._refused = app.get(REFUSED)

    def __call__(self) -> RequestHandler:
        return Connection(self, loop=self._loop, **self._kwargs)

    def enter(self, peer: str) -> bool:
        """Count a connection; False if its address has too many."""
        limit = self.bounds.per_address
        if limit is None or self._peers.trusts(peer):
            return True
        network = network_of(peer)
        if self._open[network] >= limit:
            self.refuse("too_many_connections")
            return False
        self._open[network] += 1
        return True

    def leave(self, peer: str) -> None:
        if self.bounds.per_address is None or self._peers.trusts(peer):
            return
        network = network_of(peer)
        self._open[network] -= 1
        if self._open[network] <= 0:
            del self._open[network]

    def refuse(self, reason: str, peer: str = "") -> None:
        """Count it, tell it once a minute, and let whoever watches know."""
        if self._refused is not None:
            self._refused.labels(reason).inc()
        left_out = self._repeats.due(reason)
        if left_out is not None:
            log.info("connection_refused", reason=reason, left_out=left_out)
        if peer:
            self.bounds.malformed(peer)


def _first_at_hand(app: web.Application, handle: Handle) -> Handle:
    edge = app.get(EDGE)
    if edge is None:
        return handle

    async def answer(request: Any) -> web.StreamResponse:
        at_hand = edge.answer_at_hand(request)
        return at_hand if at_hand is not None else await handle(request)

    return answer


class Connection(RequestHandler):
    """One connection: a head that doesn't end in time ends the connection."""

    __slots__ = ("_counted", "_ended", "_head_timer", "_peer", "_server")

    def __init__(self, server: Server, *, loop: asyncio.AbstractEventLoop, **options: Any) -> None:
        super().__init__(server, loop=loop, **options)
        self._server = server
        self._head_timer: asyncio.TimerHandle | None = None
        self._peer = ""
        self._counted = False
        self._ended: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        name = transport.get_extra_info("peername")
        self._peer = str(name[0]) if isinstance(name, tuple) and name else ""
        self._counted = self._server.enter(self._peer)
        super().connection_made(transport)
        if not self._counted:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_timer()
        self._stop_lingering()
        if self._counted:
            self._counted = False
            self._server.leave(self._peer)
        super().connection_lost(exc)

    def eof_received(self) -> None:
        self._stop_lingering()

    def data_received(self, data: bytes) -> None:
        if self._ended is not None:
            return
        before = self._request_count
        super().data_received(data)
        if self._request_count != before:
            if self._head_timer is not None:
                self._stop_timer()
            self._end_broken_body()
        elif self._head_timer is None and not self._request_in_progress and not self._messages:
            self._head_timer = self._loop.call_later(self._server.bounds.head_within_s, self._head_is_late)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """In our words: aiohttp's own name its version, repeat what was sent, and fill the log."""
        if status == 400:
            self._server.refuse("malformed", self._peer)
        elif not isinstance(exc, ConnectionError):
            log.error("request_failed_outside_handler", status=status, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun")
        response = plain_problem(_problem_of(status, exc))
        return _closing(response)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        if isinstance(resp, web.HTTPException) and resp.status >= 400:
            resp = _closing(framework_response(resp, ""))  # said outside every handler, such as 417
        done = await super().finish_response(request, resp, start_time)
        if resp.status in {_LONG_TARGET.status, _LONG_HEADERS.status} and not resp.keep_alive:
            await self._linger()
        return done

    async def _linger(self) -> None:
        transport = self.transport
        if transport is None or not transport.can_write_eof():
            return
        transport.write_eof()
        self._ended = self._loop.create_future()
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                await self._ended

    def _stop_lingering(self) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)

    def _head_is_late(self) -> None:
        self._head_timer = None
        waits = self._waiter is not None and not self._waiter.done()
        if not waits or self._messages or self.transport is None:
            return
        self._server.refuse("slow_head", self._peer)
        self.transport.write(_raw(plain_problem(_SLOW)))
        self.force_close()

    def _end_broken_body(self) -> None:
        """What follows an unfinished body is an error of its framing, and whoever reads it waits in vain."""
        reading = self._current_request
        if reading is None or not self._messages or isinstance(self._messages[-1][0], RawRequestMessage):
            return
        if not reading.content.is_eof():
            set_exception(reading.content, web.RequestPayloadError("broken framing"))

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def allow_many_connections() -> None:
    """As many descriptors as the system lets this process have: 1024 is fewer than visitors may bring."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _closing(response: web.Response) -> web.Response:
    response.headers["Server"] = SERVER
    response.headers["Connection"] = "close"
    response.force_close()
    return response


def _problem_of(status: int, exc: BaseException | None) -> Problem:
    if isinstance(exc, LineTooLong):
        # The parser's own buffer is what a target stands in; headers come as bytes.
        return _LONG_TARGET if str(exc.args[0]).startswith("bytearray") else _LONG_HEADERS
    if isinstance(exc, BadHttpMessage) and "Too many headers" in exc.message:
        return _LONG_HEADERS
    if status == 400:
        return _BAD
    return Problem(
        type="urn:headgate:problem:internal", title="Something went wrong", status=status, code="internal"
    )


def _raw(response: web.Response) -> bytes:
    """As bytes, where there is no request to answer."""
    body = response.body
    content = body if isinstance(body, bytes) else b""
    lines = [
        f"HTTP/1.1 {response.status} {response.reason}",
        f"Content-Type: {response.headers['Content-Type']}",
        f"Content-Length: {len(content)}",
        "Cache-Control: no-store",
        f"Server: {SERVER}",
        "Connection: close",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content
