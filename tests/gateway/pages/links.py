"""A profile's links as streaming answers about them."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from libs.common.contracts.links import PATH, LinkList, LinkView, NewLink
from libs.common.errors import InvalidInput, NotFound
from tests.gateway.pages.accounts import send
from tests.gateway.pages.inner import NOW


class LinksService:
    def __init__(self) -> None:
        self._links: list[LinkView] = []

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(PATH, self._all),
            web.post(PATH, self._add),
            web.delete(PATH + "/{id}", self._remove),
        ]

    async def _all(self, _request: web.Request) -> web.Response:
        return send(LinkList(tuple(self._links)))

    async def _add(self, request: web.Request) -> web.Response:
        new = msgspec.json.decode(await request.read(), type=NewLink)
        host = urlsplit(new.url).hostname
        if not host:
            raise InvalidInput("Not an address.", fields={"url": "Not an address."})
        link = LinkView(
            id=f"link-{len(self._links)}",
            type=new.type,
            video_id=new.video_id,
            name=new.name,
            address=f"https://{host}/…",
            added_at=NOW,
        )
        self._links.append(link)
        return send(link, status=201)

    async def _remove(self, request: web.Request) -> web.Response:
        kept = [link for link in self._links if link.id != request.match_info["id"]]
        if len(kept) == len(self._links):
            raise NotFound("There is no such link.")
        self._links = kept
        return web.Response(status=204)
