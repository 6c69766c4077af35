"""A list of anime ids as its server hands it out: generated entries, ETag, and misbehaviour on demand."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from types import TracebackType
from typing import Any

import msgspec
from aiohttp import web

from libs.common.serve import Running, start_site

Entry = dict[str, Any]

PAGE = b"<!DOCTYPE html><html><body>Too many requests</body></html>"
PATH = "/anime-list-full.json"


def entry(number: int, imdb_id: str, **members: Any) -> Entry:
    """An anime with an id of each system: of Kitsu `number`, of MyAnimeList ten times as much, and so on."""
    return {
        "type": "TV",
        "anidb_id": 1000 * number,
        "anilist_id": 100 * number,
        "anime-planet_id": f"anime-{number}",
        "imdb_id": [imdb_id],
        "kitsu_id": number,
        "mal_id": 10 * number,
        "themoviedb_id": {"tv": number},
        **members,
    }


ENTRIES = [
    entry(1, "tt0000020", season={"tvdb": 1}),
    entry(2, "tt0000020", season={"tvdb": 1}, episode_offset={"tvdb": 1}),
    entry(3, "tt0000010", type="MOVIE"),
    {"type": "OVA", "kitsu_id": 4, "imdb_id": []},
    {"type": "TV", "kitsu_id": 5},
]
"""Two parts of the first season of a show, a film, and two that nobody placed: see tests.fakes.imdb."""


@dataclass
class FakeAnimeList:
    """`body` may be anything. Counts what was asked; `cut` ends the connection after that many bytes."""

    body: bytes = field(default_factory=lambda: msgspec.json.encode(ENTRIES))
    status: int = 200
    cut: int | None = None
    tells_etag: bool = True
    asked: list[int] = field(default_factory=list)
    _running: Running | None = None

    @property
    def url(self) -> str:
        assert self._running is not None
        return f"http://127.0.0.1:{self._running.port}{PATH}"

    @property
    def etag(self) -> str:
        return f'"{sha256(self.body).hexdigest()[:16]}"'

    async def __aenter__(self) -> FakeAnimeList:
        app = web.Application()
        app.router.add_get(PATH, self._answer)
        self._running = await start_site(app, "127.0.0.1:0", shutdown_s=0.1)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running is not None:
            await self._running.aclose()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        status = self.status
        if status == 200 and self.tells_etag and request.headers.get("If-None-Match") == self.etag:
            status = 304
        self.asked.append(status)
        if status != 200:
            return web.Response(status=status)
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        if self.tells_etag:
            headers["ETag"] = self.etag
        if self.cut is None:
            response = web.Response(body=self.body, headers=headers)
            response.enable_compression()
            return response
        cut = web.StreamResponse(headers=headers)
        cut.content_length = len(self.body)
        await cut.prepare(request)
        await cut.write(self.body[: self.cut])
        assert request.transport is not None
        request.transport.close()
        return cut
