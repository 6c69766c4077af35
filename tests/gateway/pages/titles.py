"""What the catalog service says about entries that are one title, as the pages ask for it."""

from __future__ import annotations

from itertools import starmap

import msgspec
from aiohttp import web

from libs.common.contracts.titles import NewTitleChoice, TitleChoice, TitleChoices
from libs.common.errors import NotFound
from tests.gateway.pages.accounts import send
from tests.gateway.pages.inner import NOW, Inner


class TitlesOfCatalog:
    """One answer to why, and what was said."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def routes(self) -> list[web.RouteDef]:
        pair = "/api/v1/titles/{type}/{one}/choices/{other}"
        return [
            web.get("/api/v1/search/why", self._why),
            web.get("/api/v1/titles/choices", self._choices),
            web.put(pair, self._choose),
            web.delete(pair, self._take_back),
        ]

    async def _why(self, _request: web.Request) -> web.Response:
        if self._inner.why is None:
            raise NotFound("This search does not find such an entry.")
        return send(self._inner.why)

    async def _choices(self, _request: web.Request) -> web.Response:
        return send(TitleChoices(tuple(starmap(_choice, self._inner.said.items()))))

    async def _choose(self, request: web.Request) -> web.Response:
        key = self._key(request)
        self._inner.said[key] = msgspec.json.decode(await request.read(), type=NewTitleChoice).same
        return send(_choice(key, self._inner.said[key]))

    async def _take_back(self, request: web.Request) -> web.Response:
        if self._inner.said.pop(self._key(request), None) is None:
            raise NotFound("You have said nothing about these two.")
        return web.Response(status=204)

    def _key(self, request: web.Request) -> tuple[str, str, str]:
        asked = request.match_info
        return asked["type"], asked["one"], asked["other"]


def _choice(key: tuple[str, str, str], same: bool) -> TitleChoice:
    return TitleChoice(type=key[0], one=key[1], other=key[2], same=same, chosen_at=NOW)
