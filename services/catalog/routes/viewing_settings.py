"""REST: what a profile's rows show of what it has watched."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.viewing_settings import PATH, ViewingSettings
from libs.common.web import Endpoint, json_response, read_json
from services.catalog import keys
from services.catalog.routes.asking import held_of, owner_of


async def show(request: web.Request) -> web.Response:
    return json_response((await held_of(request)).listing.viewing)


async def choose(request: web.Request) -> web.Response:
    settings = await read_json(request, ViewingSettings)
    await request.app[keys.VIEWING_CHOICES].choose(owner_of(request), settings)
    return json_response(settings)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=PATH,
        handler=show,
        summary="What this profile's rows show of what it has watched",
        access="account",
        response=ViewingSettings,
    ),
    Endpoint(
        method="PUT",
        path=PATH,
        handler=choose,
        summary="Choose what this profile's rows show of what it has watched",
        access="account",
        request=ViewingSettings,
        response=ViewingSettings,
    ),
)
