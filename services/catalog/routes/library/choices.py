"""REST: favourites and hidden categories of a profile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from libs.common.web import Endpoint
from services.catalog import keys
from services.catalog.errors import ItemNotFound
from services.catalog.routes.asking import owner_of
from services.catalog.store.library.choices import Choice

FAVOURITE: Final = "/api/v1/library/favourites/{id}"
HIDDEN: Final = "/api/v1/library/categories/{id}/hidden"


def _put(choice: Choice) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        choices = request.app[keys.LIBRARY_CHOICES]
        await choices.put(owner_of(request), choice, request.match_info["id"])
        return web.Response(status=204)

    return handler


def _take_back(choice: Choice) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        choices = request.app[keys.LIBRARY_CHOICES]
        await choices.take_back(owner_of(request), choice, request.match_info["id"])
        return web.Response(status=204)

    return handler


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="PUT",
        path=FAVOURITE,
        handler=_put("favourite"),
        summary="Make a channel, film or series one of the profile's favourites",
        access="account",
        status=204,
        errors=(ItemNotFound,),
    ),
    Endpoint(
        method="DELETE",
        path=FAVOURITE,
        handler=_take_back("favourite"),
        summary="Take it from the favourites",
        access="account",
        status=204,
    ),
    Endpoint(
        method="PUT",
        path=HIDDEN,
        handler=_put("hidden"),
        summary="Hide a category, and what is in it alone, from the profile's players",
        access="account",
        status=204,
        errors=(ItemNotFound,),
    ),
    Endpoint(
        method="DELETE",
        path=HIDDEN,
        handler=_take_back("hidden"),
        summary="Show a category to players again",
        access="account",
        status=204,
    ),
)
