"""How a profile wants its sources, as streaming keeps it."""

from __future__ import annotations

import msgspec
from aiohttp import web

from libs.common.contracts.source_settings import PATH, SourceSettings
from libs.common.errors import InvalidInput
from tests.gateway.pages.inner import Inner

REFUSED = "number 1 is not an expression that is understood: missing ): ("


class SourceChoices:
    """Takes any settings but an expression that is one bracket."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self._show), web.put(PATH, self._put)]

    async def _show(self, _request: web.Request) -> web.Response:
        return self._said()

    async def _put(self, request: web.Request) -> web.Response:
        wanted = msgspec.json.decode(await request.read(), type=SourceSettings)
        if "(" in wanted.exclude_patterns:
            raise InvalidInput("Some of it can't be used.", fields={"exclude_patterns": REFUSED})
        self._inner.source_settings = wanted
        return self._said()

    def _said(self) -> web.Response:
        body = msgspec.json.encode(self._inner.source_settings)
        return web.Response(body=body, content_type="application/json")
