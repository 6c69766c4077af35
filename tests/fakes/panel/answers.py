"""An answer before it is sent, so that a fault can still spoil it."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.panel.generator import json_list, php_json
from tests.fakes.panel.rows import Row

JSON = "application/json"
HTML = "text/html; charset=UTF-8"
PAGE = (
    b"<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head><body><h1>It works</h1></body></html>"
)


@dataclass
class Answer:
    """`pause` holds back all but the first chunk, `pace_s` each that follows; `reset` ends with RST where the
    chunks end.

    Without a `length`, what fits one chunk has a Content-Length and the rest is chunked.
    """

    chunks: Iterator[bytes]
    status: int = 200
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    is_chunked: bool = False
    pause: asyncio.Event | None = None
    pace_s: float = 0.0
    reset: bool = False


def plain(body: bytes, status: int = 200, content_type: str = HTML, **headers: str) -> Answer:
    told = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return Answer(iter([body]), status, content_type, told)


def json(value: Any, status: int = 200) -> Answer:
    return Answer(iter([php_json(value)]), status)


def json_rows(rows: Iterable[Row]) -> Answer:
    return Answer(json_list(rows))


def joined(chunks: Iterator[bytes], size: int = 65_536) -> Iterator[bytes]:
    """Lines are written many at a time."""
    held: list[bytes] = []
    held_bytes = 0
    for chunk in chunks:
        held.append(chunk)
        held_bytes += len(chunk)
        if held_bytes >= size:
            yield b"".join(held)
            held.clear()
            held_bytes = 0
    yield b"".join(held)


async def send(request: web.Request, answer: Answer) -> web.StreamResponse:
    first = next(answer.chunks, b"")
    second = next(answer.chunks, None)
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.headers["Content-Type"] = answer.content_type
    if answer.length is not None:
        response.content_length = answer.length
    elif second is None and not answer.is_chunked and answer.pause is None:
        response.content_length = len(first) + int(answer.reset)
    await response.prepare(request)
    if request.method != "HEAD":
        await _write(response, answer, first, second)
    if answer.reset:
        _reset(request)
    return response


async def _write(response: web.StreamResponse, answer: Answer, first: bytes, second: bytes | None) -> None:
    if first:
        await response.write(first)
    if answer.pause is not None:
        await answer.pause.wait()
    for chunk in itertools.chain([second] if second is not None else [], answer.chunks):
        if chunk:
            await response.write(chunk)
            await asyncio.sleep(
                answer.pace_s
            )  # a reader that is quick enough would keep everyone else waiting


def _reset(request: web.Request) -> None:
    if request.transport is not None:
        sock = request.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
