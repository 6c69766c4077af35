"""Media on the wire: signed paths to bytes, passed on as they come, or to where the provider has them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec
import structlog
from aiohttp import web
from multidict import CIMultiDict

from libs.common.http import FetchError, Stream
from libs.common.http.decode import BodyDecoder
from libs.common.media import PAUSED_S, PREFIX, Signed, TooLong
from libs.common.web import PEERS, Endpoint, deadline_of, while_listening
from services.streaming.errors import ProviderFailed, ProviderTimedOut
from services.streaming.keys import CROWD, FIGURES, LOCAL_FOLDER, MEDIA_PATHS, PLAY, STANDING, SUBTITLES
from services.streaming.media.figures import Kind, Outcome
from services.streaming.media.play import Asked, redirect_of
from services.streaming.media.playlists import (
    CONTENT_TYPE,
    MAX_BYTES,
    TooMuchInIt,
    extension_of,
    rewritten,
)
from services.streaming.providers.errors import LocalFileUnknown
from services.streaming.routes.file import send_file

log = structlog.get_logger(__name__)

KEPT: Final = (
    "Accept-Ranges",
    "Content-Encoding",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Last-Modified",
)
OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Range",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox",
    "X-Content-Type-Options": "nosniff",
}
"""Players are web pages too; what a provider sends is none, and speaks for nobody at the hub's address."""
TYPES: Final = {
    "avi": "video/x-msvideo",
    "m3u8": CONTENT_TYPE,
    "m4s": "video/iso.segment",
    "mkv": "video/x-matroska",
    "mp4": "video/mp4",
    "ts": "video/mp2t",
}
MEDIA: Final = ("audio/", "video/", "image/jpeg", "image/png", "image/webp", "text/vtt")
SAID: Final = frozenset({"application/mp4", "application/ogg", "application/x-subrip"})
"""Beside MEDIA, what providers may call what they send: all else tells a player nothing, or is a page."""
FIRST_BYTE: Final = "bytes=0-0"
MOST_DIGITS: Final = 19
"""Of how long something is."""
MAX_EXPANSION: Final = 50
LIST_WITHIN_S: Final = 20.0
"""A byte now and then would do for a film, but nobody waits so for a playlist."""
NAME_CHARS: Final = 200
"""Of how a player calls itself."""


async def play(request: web.Request) -> web.StreamResponse:
    signed = request.app[MEDIA_PATHS].read(request.match_info["signed"])
    wish = signed.wish
    with request.app[FIGURES].counted(wish.kind) as answered, request.app[CROWD].joined(wish.account_id):
        return await _played(request, signed, answered)


async def _played(
    request: web.Request, signed: Signed, answered: Callable[[Outcome], None]
) -> web.StreamResponse:
    media, asked = request.app[PLAY], _asked(request)
    wish, standing = signed.wish, request.app[STANDING]
    await standing.check(signed, deadline=deadline_of(request))
    if wish.kind == "local":
        return await _local(request, signed, answered)
    if wish.kind == "subtitles":
        async with while_listening(request):
            text = await request.app[SUBTITLES].text(wish.part)
        answered("played")
        return web.Response(text=text, content_type="text/vtt", headers=OPEN)
    playable = await media.find(wish, asked.extension, deadline=deadline_of(request))
    if playable.play == "redirect" and not wish.part:
        location = redirect_of(playable)
        answered("redirected")
        return web.Response(status=302, headers={**OPEN, "Location": location})
    if request.method == "HEAD" and wish.kind == "live" and not wish.part:
        # To ask would open the channel.
        return web.Response(headers={**OPEN, "Content-Type": TYPES.get(asked.extension, TYPES["ts"])})
    async with (
        while_listening(request),
        standing.watched(signed),
        media.open(playable, wish, asked) as opened,
    ):
        answered("played")
        if opened.is_playlist:
            return await _playlist(request, opened.stream, signed)
        return await pass_on(request, opened.stream, wish.kind, asked.extension)


async def _local(
    request: web.Request, signed: Signed, answered: Callable[[Outcome], None]
) -> web.StreamResponse:
    folder = request.app.get(LOCAL_FOLDER)
    if folder is None:
        raise LocalFileUnknown("This hub has no folder of films.")
    item, figures = signed.wish.item, request.app[FIGURES]
    headers = {**OPEN, "Content-Type": folder.file(item).content_type, "X-Accel-Buffering": "no"}
    with await asyncio.to_thread(folder.open, item) as file:
        async with while_listening(request), request.app[STANDING].watched(signed):
            answered("played")
            return await send_file(request, file, headers=headers, passed=partial(figures.passed, "local"))


async def preflight(_request: web.Request) -> web.Response:
    return web.Response(status=204, headers=OPEN)


def _asked(request: web.Request) -> Asked:
    address = request.app[PEERS].client_address(request)
    name = request.headers.get("User-Agent", "")[:NAME_CHARS]
    only_head = request.method == "HEAD"
    # How long it is can be told from its first byte: panels know no HEAD.
    range_ = FIRST_BYTE if only_head else request.headers.get("Range", "")
    return Asked(
        player=f"{address} {name}",
        extension=extension_of(request.match_info["file"]),
        only_head=only_head,
        range=range_,
        if_range=request.headers.get("If-Range", ""),
    )


async def _playlist(request: web.Request, stream: Stream, signed: Signed) -> web.Response:
    paths, wish = request.app[MEDIA_PATHS], signed.wish

    def path_of(address: str) -> str:
        part = msgspec.structs.replace(wish, part=address)
        return paths.path(part, signed.proof, extension_of(address), until=signed.until)

    return await send_playlist(stream, path_of)


async def send_playlist(stream: Stream, path_of: Callable[[str], str]) -> web.Response:
    """A provider's playlist, each address in it as `path_of` gives it, which may raise TooLong."""
    text = (await _read(stream)).decode("utf-8", errors="replace")
    try:
        # Sealing thousands of addresses takes a while.
        body = (await asyncio.to_thread(rewritten, text, stream.address, path_of)).encode()
    except TooMuchInIt:
        raise ProviderFailed("The playlist names more addresses than the hub passes on.") from None
    except TooLong:
        raise ProviderFailed("The playlist names an address that is longer than the hub takes.") from None
    return web.Response(body=body, headers={**OPEN, "Content-Type": CONTENT_TYPE})


async def _read(stream: Stream) -> bytes:
    decoder = BodyDecoder(
        stream.headers.get("Content-Encoding", ""), max_bytes=MAX_BYTES, max_expansion=MAX_EXPANSION
    )
    pieces: list[bytes] = []
    try:
        async with asyncio.timeout(LIST_WITHIN_S):
            async for received in stream.pieces():
                pieces.extend(decoder.feed(received))
        decoder.finish()
    except TimeoutError:
        raise ProviderTimedOut("The playlist takes too long.") from None
    except FetchError as error:
        raise ProviderFailed(f"The playlist can't be read: {error}") from error
    return b"".join(pieces)


async def pass_on(request: web.Request, stream: Stream, kind: Kind, extension: str) -> web.StreamResponse:
    """Bytes as they come. `extension` tells their type where their sender doesn't."""
    response = web.StreamResponse(status=stream.status, headers=_headers(stream, extension))
    if stream.length is not None:
        response.content_length = stream.length
    if request.method == "HEAD":
        return await _head_only(request, response, stream)
    await response.prepare(request)
    figures = request.app[FIGURES]
    try:
        async for piece in stream.pieces():
            async with asyncio.timeout(PAUSED_S):
                await response.write(piece)
            figures.passed(kind, len(piece))
    except FetchError as error:
        return _cut(request, response, kind, error.reason)
    except TimeoutError:
        return _cut(request, response, kind, "paused")
    await response.write_eof()
    return response


def _cut(request: web.Request, response: web.StreamResponse, kind: Kind, reason: str) -> web.StreamResponse:
    """The head is out: a broken connection is what tells a player to ask again from where it is."""
    log.info("media_cut", kind=kind, reason=reason)
    if request.transport is not None:
        request.transport.abort()
    return response


async def _head_only(
    request: web.Request, response: web.StreamResponse, stream: Stream
) -> web.StreamResponse:
    total = response.headers.popone("Content-Range", "").rpartition("/")[2]
    if stream.status == 206:
        response.set_status(200)
        is_number = total.isascii() and total.isdecimal() and len(total) < MOST_DIGITS
        response.content_length = int(total) if is_number else None
    await response.prepare(request)
    await response.write_eof()
    return response


def _headers(stream: Stream, extension: str) -> CIMultiDict[str]:
    headers: CIMultiDict[str] = CIMultiDict(OPEN)
    for name in KEPT:
        value = stream.headers.get(name)
        if value is not None:
            headers[name] = value
    said = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not said.startswith(MEDIA) and said not in SAID:
        headers["Content-Type"] = TYPES.get(extension, "application/octet-stream")
    headers["X-Accel-Buffering"] = "no"
    return headers


ENDPOINTS = tuple(
    Endpoint(
        method=method,
        path=PREFIX + "{signed}/{file}",
        handler=handler,
        summary="Films, episodes and channels by signed paths",
        access="public",
        documented=False,
        lasts=method == "GET",
    )
    for method, handler in (("GET", play), ("OPTIONS", preflight))
)
