"""What is on its way to Trakt as sync answers about it."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.outgoing import OUTGOING, OutgoingView
from libs.common.errors import NotFound
from tests.gateway.pages.accounts import send
from tests.gateway.pages.inner import Inner


class OutgoingService:
    """What is sent again waits; what is dropped is gone."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(OUTGOING, self._show),
            web.post(f"{OUTGOING}/{{id}}/resend", self._resend),
            web.delete(f"{OUTGOING}/{{id}}", self._drop),
        ]

    async def _show(self, _request: web.Request) -> web.Response:
        return send(self._inner.outgoing)

    async def _resend(self, request: web.Request) -> web.Response:
        self._take(request, waiting=1)
        return web.Response(status=204)

    async def _drop(self, request: web.Request) -> web.Response:
        self._take(request, waiting=0)
        return web.Response(status=204)

    def _take(self, request: web.Request, *, waiting: int) -> None:
        held = self._inner.outgoing
        left = tuple(one for one in held.items if str(one.id) != request.match_info["id"])
        if len(left) == len(held.items):
            raise NotFound("Nothing of that number could not be sent.")
        self._inner.outgoing = OutgoingView(
            waiting=held.waiting + waiting, undelivered=held.undelivered - 1, items=left
        )
