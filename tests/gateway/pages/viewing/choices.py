"""Catalog's answers about what rows show of viewing state, from what `Inner` holds."""

from __future__ import annotations

import msgspec
from aiohttp import web

from libs.common.contracts.viewing_settings import PATH, ViewingSettings
from tests.gateway.pages.accounts import send
from tests.gateway.pages.inner import Inner


class ViewingChoices:
    """One profile's choice."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self._show), web.put(PATH, self._choose)]

    async def _show(self, _request: web.Request) -> web.Response:
        return send(self._inner.viewing_choices)

    async def _choose(self, request: web.Request) -> web.Response:
        self._inner.viewing_choices = msgspec.json.decode(await request.read(), type=ViewingSettings)
        return send(self._inner.viewing_choices)
