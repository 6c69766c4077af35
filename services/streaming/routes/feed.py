"""What ffmpeg reads on this machine alone: a source's bytes, asked for by the hub as by its player."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from multidict import CIMultiDict

from libs.common.errors import HeadgateError
from libs.common.http import FetchError, Stream
from services.streaming.errors import ProviderFailed
from services.streaming.hls.feeds import PATH, Feed, Feeds
from services.streaming.hls.origins import Origins

FEEDS: web.AppKey[Feeds] = web.AppKey("FEEDS", Feeds)
ORIGINS: web.AppKey[Origins] = web.AppKey("ORIGINS", Origins)
KEPT: Final = ("Accept-Ranges", "Content-Range")


def feed_app(feeds: Feeds, origins: Origins) -> web.Application:
    app = web.Application()
    app[FEEDS], app[ORIGINS] = feeds, origins
    app.router.add_get(PATH + "{token}", read, allow_head=False)
    return app


async def read(request: web.Request) -> web.StreamResponse:
    try:
        feed = request.app[FEEDS].of(request.match_info["token"])
    except HeadgateError as error:
        return web.Response(status=error.status)
    try:
        async with request.app[ORIGINS].open(feed.origin, request.headers.get("Range", "")) as stream:
            return await _sent(request, feed, stream)
    except HeadgateError as error:
        feed.failure = error
        return web.Response(status=error.status)


async def _sent(request: web.Request, feed: Feed, stream: Stream) -> web.StreamResponse:
    headers: CIMultiDict[str] = CIMultiDict({"Content-Type": "application/octet-stream"})
    for name in KEPT:
        if name in stream.headers:
            headers[name] = stream.headers[name]
    response = web.StreamResponse(status=stream.status, headers=headers)
    response.content_length = stream.length
    try:
        await response.prepare(request)
        async for piece in stream.pieces():
            await response.write(piece)
        await response.write_eof()
    except FetchError as error:
        feed.failure = ProviderFailed(f"The source broke off: {error}")
        _cut(request)
    except ConnectionResetError:
        pass  # it seeks elsewhere, or has ended
    return response


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
