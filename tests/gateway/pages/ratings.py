"""Catalog's answers about how ratings are shown, from what `Inner` holds."""

from __future__ import annotations

import msgspec
from aiohttp import web

from libs.common.contracts.ratings import PATH, RatingSettings
from tests.gateway.pages.accounts import send
from tests.gateway.pages.inner import Inner


class RatingChoices:
    """One profile's choice."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self._show), web.put(PATH, self._choose)]

    async def _show(self, _request: web.Request) -> web.Response:
        return send(self._inner.ratings)

    async def _choose(self, request: web.Request) -> web.Response:
        self._inner.ratings = msgspec.json.decode(await request.read(), type=RatingSettings)
        return send(self._inner.ratings)
