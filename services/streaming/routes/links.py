"""REST: a profile's own links."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.links import PATH, LinkList, LinkView, NewLink
from libs.common.errors import Unavailable
from libs.common.web import Endpoint, identity_of, json_response, read_json
from services.streaming.keys import LINKS
from services.streaming.providers.errors import LinkNotFound, TooManyLinks


async def list_links(request: web.Request) -> web.Response:
    return json_response(await request.app[LINKS].all(identity_of(request)))


async def add_link(request: web.Request) -> web.Response:
    new = await read_json(request, NewLink)
    return json_response(await request.app[LINKS].add(identity_of(request), new), status=201)


async def remove_link(request: web.Request) -> web.Response:
    await request.app[LINKS].remove(identity_of(request), request.match_info["link_id"])
    return web.Response(status=204)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=PATH,
        handler=list_links,
        summary="The addresses that a profile gave for titles",
        access="account",
        response=LinkList,
        errors=(Unavailable,),
    ),
    Endpoint(
        method="POST",
        path=PATH,
        handler=add_link,
        summary="Give an address for a title: it is a source of it from then on",
        access="account",
        request=NewLink,
        response=LinkView,
        status=201,
        errors=(TooManyLinks, Unavailable),
    ),
    Endpoint(
        method="DELETE",
        path=PATH + "/{link_id}",
        handler=remove_link,
        summary="Remove an address",
        access="account",
        status=204,
        errors=(LinkNotFound, Unavailable),
    ),
)
