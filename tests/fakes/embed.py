"""A site that plays films and episodes by TMDB's ids, as such sites behave: pages, no sign of what is there
but the page itself, and misbehaviour on demand.

async with FakeEmbed() as site:
    … HEADGATE_EMBED_URL=site.url …
"""

from __future__ import annotations

import asyncio
from types import TracebackType

from aiohttp import web

from libs.common.serve import Running, start_site

PAGE = "<!doctype html><title>Player</title><script>parent.postMessage({type:'PLAYER_EVENT'},'*')</script>"


class FakeEmbed:
    """`status` and `content_type` override what a page is answered with; `hold` keeps it waiting."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        self.content_type = "text/html"
        self.body = PAGE
        self.hold: asyncio.Event | None = None
        self._running: Running | None = None

    @property
    def url(self) -> str:
        assert self._running is not None
        return f"http://127.0.0.1:{self._running.port}"

    async def __aenter__(self) -> FakeEmbed:
        app = web.Application()
        app.router.add_get(r"/embed/movie/{tmdb:\d+}", self._page)
        app.router.add_get(r"/embed/tv/{tmdb:\d+}/{season:\d+}/{episode:\d+}", self._page)
        self._running = await start_site(app, "127.0.0.1:0")
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        assert self._running is not None
        if self.hold is not None:
            self.hold.set()
        await self._running.aclose()

    async def _page(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        if self.hold is not None:
            await self.hold.wait()
        return web.Response(status=self.status, text=self.body, content_type=self.content_type)
