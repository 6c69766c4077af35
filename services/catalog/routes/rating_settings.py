"""REST: how a profile is shown ratings."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.ratings import PATH, RatingSettings
from libs.common.web import Endpoint, json_response, read_json
from services.catalog import keys
from services.catalog.routes.asking import held_of, owner_of


async def show(request: web.Request) -> web.Response:
    return json_response((await held_of(request)).listing.ratings)


async def choose(request: web.Request) -> web.Response:
    settings = await read_json(request, RatingSettings)
    await request.app[keys.RATING_CHOICES].choose(owner_of(request), settings)
    return json_response(settings)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=PATH,
        handler=show,
        summary="How this profile is shown IMDb's ratings",
        access="account",
        response=RatingSettings,
    ),
    Endpoint(
        method="PUT",
        path=PATH,
        handler=choose,
        summary="Choose how this profile is shown IMDb's ratings",
        access="account",
        request=RatingSettings,
        response=RatingSettings,
    ),
)
