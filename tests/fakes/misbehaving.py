"""A server that breaks HTTP's promises in every way an addon on the open internet does.

The first segment of the path selects the behaviour (`/endless/manifest.json`), unless the constructor fixes
one. It writes raw bytes, since a proper HTTP server would refuse to send most of this.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import socket
import struct
import sys
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CHUNK = b" " * 65536
HUGE_BYTES = 200_000_000
BOMB_BYTES = 64 * 1024 * 1024
DRIP_S = 0.02


@dataclass(frozen=True)
class Received:
    """A request as it arrived: the raw path, and the headers by lower-case name."""

    method: str
    path: str
    headers: dict[str, str]


class MisbehavingServer:
    """Use it as `async with MisbehavingServer() as server: ... server.url("/stall_headers/x")`.

    `requests` holds what arrived, `bytes_sent` how much body was taken: a client that stops early shows.
    """

    def __init__(
        self,
        behaviour: str | None = None,
        *,
        body: bytes = b'{"ok": true}',
        redirect_to: str = "http://169.254.169.254/latest/meta-data/",
        retry_after: str = "1",
        fail_first: int = 1,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.behaviour = behaviour
        self.body = body
        self.redirect_to = redirect_to
        self.retry_after = retry_after
        self.fail_first = fail_first
        self.headers = headers or {}
        self.requests: list[Received] = []
        self.bytes_sent = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._handlers: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self._closing.set()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = asyncio.current_task()
        assert handler is not None
        self._handlers.add(handler)
        self._writers.add(writer)
        try:
            request = await _read_request(reader)
            if request is None:
                writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            else:
                self.requests.append(request)
                await self._tell()
                name = self.behaviour or request.path.strip("/").partition("/")[0].partition("?")[0]
                await BEHAVIOURS.get(name, ok)(Connection(self, writer, request))
        except ConnectionError:
            pass  # the client had enough
        finally:
            writer.close()
            self._writers.discard(writer)
            await self._tell()
            self._handlers.discard(handler)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def arrived(self, count: int = 1) -> None:
        """Returns once so many requests have arrived."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.requests) >= count)

    async def idle(self) -> None:
        """Returns once the clients have closed every connection."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._writers)

    async def closing(self) -> None:
        """Returns when the test is over: how to stall without leaving anything behind."""
        await self._closing.wait()


class Connection:
    """What a behaviour works with: the request and the wire."""

    def __init__(self, server: MisbehavingServer, writer: asyncio.StreamWriter, request: Received) -> None:
        self.server = server
        self.request = request
        self._writer = writer

    async def head(self, status: str = "200 OK", **headers: str) -> None:
        """The status line and headers; `content_length="5"` becomes Content-Length."""
        fields = {"Content-Type": "application/json", "Connection": "close", **self.server.headers}
        fields.update({name.replace("_", "-").title(): value for name, value in headers.items()})
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items())]
        await self.raw("\r\n".join(lines).encode() + b"\r\n\r\n")

    async def raw(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def send(self, data: bytes) -> None:
        await self.raw(data)
        self.server.bytes_sent += len(data)

    async def chunk(self, data: bytes) -> None:
        await self.send(b"%x\r\n%b\r\n" % (len(data), data))

    async def answer(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        await self.head(status, content_length=str(len(body)), **headers)
        await self.send(body)

    def reset(self) -> None:
        """Ends with RST instead of FIN."""
        sock: socket.socket = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


async def _read_request(reader: asyncio.StreamReader) -> Received | None:
    try:
        if (first := await reader.readexactly(1)) == b"\x16":
            return None  # a TLS handshake; answered in plain text, as servers without TLS do
        head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    request_line, *lines = head.strip().split("\r\n")
    method, path, _ = request_line.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    return Received(method, path, headers)


async def ok(connection: Connection) -> None:
    await connection.answer(connection.server.body)


async def partial(connection: Connection) -> None:
    await connection.answer(connection.server.body, "206 Partial Content")


async def endless(connection: Connection) -> None:
    await connection.head(transfer_encoding="chunked")
    while True:
        await connection.chunk(CHUNK)


async def huge(connection: Connection) -> None:
    await connection.head(content_length=str(HUGE_BYTES))
    for _ in range(HUGE_BYTES // len(CHUNK) + 1):
        await connection.send(CHUNK)


async def huge_chunked(connection: Connection) -> None:
    await connection.head(transfer_encoding="chunked")
    for _ in range(HUGE_BYTES // len(CHUNK)):
        await connection.chunk(CHUNK)
    await connection.raw(b"0\r\n\r\n")


@functools.cache
def bomb(coding: str) -> bytes:
    """64 MiB of nothing, packed to some thousand bytes or fewer."""
    nothing = bytes(BOMB_BYTES)
    match coding:
        case "gzip":
            return gzip.compress(nothing, 6)
        case "deflate":
            return zlib.compress(nothing, 6)
        case "br":
            packed: bytes = brotli.compress(nothing, quality=5)
            return packed
        case _:
            return zstd.compress(nothing)


def _bomb_of(coding: str) -> Callable[[Connection], Awaitable[None]]:
    async def behaviour(connection: Connection) -> None:
        await connection.answer(bomb(coding), content_encoding=coding)

    return behaviour


async def not_gzip(connection: Connection) -> None:
    await connection.answer(connection.server.body, content_encoding="gzip")


async def reset_at_once(connection: Connection) -> None:
    connection.reset()


async def reset_midway(connection: Connection) -> None:
    await connection.head(content_length="1000")
    await connection.send(b"{" * 100)
    connection.reset()


async def stall_headers(connection: Connection) -> None:
    await connection.server.closing()


async def stall_midway(connection: Connection) -> None:
    await connection.head(content_length="1000")
    await connection.send(b"{" * 100)
    await connection.server.closing()


async def drip(connection: Connection) -> None:
    await connection.head(content_length="100000")
    while True:
        await connection.send(b" ")
        await asyncio.sleep(DRIP_S)


async def redirect(connection: Connection) -> None:
    await connection.answer(b"", "302 Found", location=connection.server.redirect_to)


async def redirect_loop(connection: Connection) -> None:
    await connection.answer(b"", "302 Found", location=connection.request.path)


def _status(status: str) -> Callable[[Connection], Awaitable[None]]:
    async def behaviour(connection: Connection) -> None:
        await connection.answer(b'{"err": "no"}', status)

    return behaviour


async def rate_limited(connection: Connection) -> None:
    await connection.answer(b"", "429 Too Many Requests", retry_after=connection.server.retry_after)


async def unavailable(connection: Connection) -> None:
    await connection.answer(b"", "503 Service Unavailable", retry_after=connection.server.retry_after)


async def flaky(connection: Connection) -> None:
    """Answers 503 to the first `fail_first` requests, then well."""
    if len(connection.server.requests) <= connection.server.fail_first:
        await connection.answer(b"", "503 Service Unavailable")
    else:
        await ok(connection)


async def html(connection: Connection) -> None:
    await connection.answer(b"<!doctype html><title>It works!</title>", content_type="text/html")


async def wrong_json(connection: Connection) -> None:
    await connection.answer(b'[1, {"metas": "none"}]')


async def claims_more(connection: Connection) -> None:
    """Content-Length is larger than the body."""
    await connection.head(content_length="1000")
    await connection.send(connection.server.body)


async def claims_less(connection: Connection) -> None:
    """Content-Length is smaller than the body."""
    await connection.head(content_length="5")
    await connection.send(connection.server.body)


async def truncated(connection: Connection) -> None:
    """A chunked body without its last chunk."""
    await connection.head(transfer_encoding="chunked")
    await connection.chunk(connection.server.body)


async def truncated_gzip(connection: Connection) -> None:
    await connection.answer(gzip.compress(connection.server.body * 100)[:-12], content_encoding="gzip")


async def not_http(connection: Connection) -> None:
    await connection.raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")


BEHAVIOURS: dict[str, Callable[[Connection], Awaitable[None]]] = {
    "ok": ok,
    "endless": endless,
    "huge": huge,
    "huge_chunked": huge_chunked,
    "gzip_bomb": _bomb_of("gzip"),
    "deflate_bomb": _bomb_of("deflate"),
    "br_bomb": _bomb_of("br"),
    "zstd_bomb": _bomb_of("zstd"),
    "not_gzip": not_gzip,
    "reset_at_once": reset_at_once,
    "reset_midway": reset_midway,
    "stall_headers": stall_headers,
    "stall_midway": stall_midway,
    "drip": drip,
    "redirect": redirect,
    "redirect_loop": redirect_loop,
    "partial": partial,
    "error_404": _status("404 Not Found"),
    "error_500": _status("500 Internal Server Error"),
    "rate_limited": rate_limited,
    "unavailable": unavailable,
    "flaky": flaky,
    "html": html,
    "wrong_json": wrong_json,
    "claims_more": claims_more,
    "claims_less": claims_less,
    "truncated": truncated,
    "truncated_gzip": truncated_gzip,
    "not_http": not_http,
}
