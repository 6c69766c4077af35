"""A file of the hub's own on the wire: whole or from any place, as players ask for it."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import BinaryIO, Final

import structlog
from aiohttp import web
from multidict import CIMultiDict

from libs.common.media import PAUSED_S

log = structlog.get_logger(__name__)

PIECE_BYTES: Final = 256 * 1024
_RANGE: Final = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")


@dataclass(frozen=True, slots=True)
class _Opened:
    descriptor: int
    size_bytes: int
    modified_s: float
    etag: str

    @property
    def modified(self) -> str:
        return formatdate(self.modified_s, usegmt=True)


@dataclass(frozen=True, slots=True)
class Part:
    """Of a file: where it begins, and how much of it. Unless it `is_asked` for, it is all."""

    first: int
    size_bytes: int
    is_asked: bool = True


async def send_file(
    request: web.Request, file: BinaryIO, *, headers: Mapping[str, str], passed: Callable[[int], None]
) -> web.StreamResponse:
    """`headers` name its type. Whoever has left is told by the connection; `passed` of bytes as they go."""
    state = os.fstat(file.fileno())
    etag = f'"{state.st_mtime_ns:x}-{state.st_size:x}"'
    opened = _Opened(file.fileno(), state.st_size, state.st_mtime, etag)
    return await _send(request, opened, headers, passed)


def part_of(asked: str, size_bytes: int) -> Part | None:
    """What a Range header asks for: all of it where it asks for anything but one part, None for what lies
    behind the end."""
    found = _RANGE.fullmatch(asked.replace(" ", ""))
    if found is None:
        return Part(0, size_bytes, is_asked=False)
    if found[3] is not None:
        last_bytes = min(int(found[3]), size_bytes)
        return Part(size_bytes - last_bytes, last_bytes) if last_bytes else None
    first = int(found[1])
    if found[2] and int(found[2]) < first:
        return Part(0, size_bytes, is_asked=False)
    if first >= size_bytes:
        return None
    last = min(int(found[2] or size_bytes), size_bytes - 1)
    return Part(first, last - first + 1)


async def _send(
    request: web.Request, opened: _Opened, headers: Mapping[str, str], passed: Callable[[int], None]
) -> web.StreamResponse:
    part = part_of(_range(request, opened), opened.size_bytes)
    sent = CIMultiDict(headers)
    sent.update({"Accept-Ranges": "bytes", "ETag": opened.etag, "Last-Modified": opened.modified})
    if part is None:
        sent["Content-Range"] = f"bytes */{opened.size_bytes}"
        return web.Response(status=416, headers=sent)
    # Some players take nothing but 206 for an answer, also where they ask for all of it.
    if part.is_asked:
        last = part.first + part.size_bytes - 1
        sent["Content-Range"] = f"bytes {part.first}-{last}/{opened.size_bytes}"
    response = web.StreamResponse(status=206 if part.is_asked else 200, headers=sent)
    response.content_length = part.size_bytes
    await response.prepare(request)
    if request.method != "HEAD" and not await _write(response, opened.descriptor, part, passed):
        # The head is out: a broken connection is what tells a player to ask again from where it is.
        if request.transport is not None:
            request.transport.abort()
        return response
    await response.write_eof()
    return response


def _range(request: web.Request, opened: _Opened) -> str:
    """That counts: a HEAD tells of the whole, and so is the whole sent of what has changed since."""
    since = request.headers.get("If-Range", "")
    if request.method == "HEAD" or since not in ("", opened.etag, opened.modified):
        return ""
    return request.headers.get("Range", "")


async def _write(
    response: web.StreamResponse, descriptor: int, part: Part, passed: Callable[[int], None]
) -> bool:
    """False where the file or its reader came to an end too early."""
    at, end = part.first, part.first + part.size_bytes
    try:
        while at < end:
            piece = await asyncio.to_thread(os.pread, descriptor, min(PIECE_BYTES, end - at), at)
            if not piece:
                log.info("media_cut", kind="local", reason="shorter_than_told")
                return False
            async with asyncio.timeout(PAUSED_S):
                await response.write(piece)
            at += len(piece)
            passed(len(piece))
    except (OSError, TimeoutError) as error:
        log.info("media_cut", kind="local", reason=type(error).__name__)
        return False
    return True
