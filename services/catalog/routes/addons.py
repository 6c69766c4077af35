"""REST: the addons of a profile."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from libs.addons.errors import AddonAnsweredStatus, AddonTimedOut, AddonTooLarge, AddonUnreachable
from libs.common.contracts.addon_health import AddonHealth
from libs.common.contracts.catalog import AddonList, AddonOrder, AddonPatch, AddonView, NewAddon
from libs.common.web import Endpoint, deadline_of, json_response, read_json
from services.catalog import keys
from services.catalog.errors import (
    AddonExists,
    AddonNotFound,
    AddressRefused,
    NotAnAddon,
    NotAUrl,
    OrderMismatch,
    TooManyAddons,
)
from services.catalog.listing import Listed
from services.catalog.routes.asking import owner_of
from services.catalog.schemas import addon_view

BAD_ADDRESS = (
    NotAUrl,
    AddressRefused,
    NotAnAddon,
    AddonExists,
    AddonUnreachable,
    AddonTooLarge,
    AddonAnsweredStatus,
    AddonTimedOut,
)
ONE = "/api/v1/addons/{addon_id:(?!order$)[^/]+}"


async def show_all(request: web.Request) -> web.Response:
    listing = await request.app[keys.REGISTRY].listing(owner_of(request))
    return json_response(AddonList(await _views(request, listing.addons)))


async def show(request: web.Request) -> web.Response:
    addon = await request.app[keys.REGISTRY].get(owner_of(request), request.match_info["addon_id"])
    return json_response(await _view(request, addon))


async def add(request: web.Request) -> web.Response:
    new = await read_json(request, NewAddon)
    registry = request.app[keys.REGISTRY]
    addon = await registry.add(owner_of(request), new.url, deadline=deadline_of(request))
    return json_response(await _view(request, addon), status=201)


async def change(request: web.Request) -> web.Response:
    patch = await read_json(request, AddonPatch)
    addon = await request.app[keys.REGISTRY].change(
        owner_of(request), request.match_info["addon_id"], patch, deadline=deadline_of(request)
    )
    return json_response(await _view(request, addon))


async def remove(request: web.Request) -> web.Response:
    await request.app[keys.REGISTRY].remove(owner_of(request), request.match_info["addon_id"])
    return web.Response(status=204)


async def order(request: web.Request) -> web.Response:
    wanted = await read_json(request, AddonOrder)
    listing = await request.app[keys.REGISTRY].order(owner_of(request), wanted.ids)
    return json_response(AddonList(await _views(request, listing.addons)))


async def refresh(request: web.Request) -> web.Response:
    addon = await request.app[keys.REGISTRY].refresh(owner_of(request), request.match_info["addon_id"])
    await request.app[keys.HEALTH_RECORDS].ask_again(addon)
    return json_response(await _view(request, addon))


async def show_health(request: web.Request) -> web.Response:
    addon = await request.app[keys.REGISTRY].get(owner_of(request), request.match_info["addon_id"])
    return json_response(await request.app[keys.HEALTH_RECORDS].whole(addon))


async def _views(request: web.Request, addons: Sequence[Listed]) -> tuple[AddonView, ...]:
    told = await request.app[keys.HEALTH_RECORDS].of(addons)
    upkept = await request.app[keys.REGISTRY].upkept(addons)
    return tuple(addon_view(addon, told[addon.id]) for addon in upkept)


async def _view(request: web.Request, addon: Listed) -> AddonView:
    return (await _views(request, [addon]))[0]


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/v1/addons",
        handler=show_all,
        summary="Your addons, in your order",
        access="account",
        response=AddonList,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/addons",
        handler=add,
        summary="Add an addon by its address",
        access="account",
        request=NewAddon,
        response=AddonView,
        status=201,
        errors=(*BAD_ADDRESS, TooManyAddons),
    ),
    Endpoint(
        method="PUT",
        path="/api/v1/addons/order",
        handler=order,
        summary="Put your addons in another order",
        access="account",
        request=AddonOrder,
        response=AddonList,
        errors=(OrderMismatch,),
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=show,
        summary="One addon and how it has been answering",
        access="account",
        response=AddonView,
        errors=(AddonNotFound,),
    ),
    Endpoint(
        method="GET",
        path=f"{ONE}/health",
        handler=show_health,
        summary="How an addon has been answering: score, state, each resource, the last two days and month",
        access="account",
        response=AddonHealth,
        errors=(AddonNotFound,),
    ),
    Endpoint(
        method="PATCH",
        path=ONE,
        handler=change,
        summary="Rename, switch on or off, pin, or give another address",
        access="account",
        request=AddonPatch,
        response=AddonView,
        errors=(AddonNotFound, *BAD_ADDRESS),
    ),
    Endpoint(
        method="DELETE",
        path=ONE,
        handler=remove,
        summary="Remove an addon",
        access="account",
        status=204,
        errors=(AddonNotFound,),
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/refresh",
        handler=refresh,
        summary="Fetch the manifest again; a broken one keeps the old and shows as manifest_error. An addon "
        "that rests is asked whether it is back",
        access="account",
        response=AddonView,
        errors=(AddonNotFound,),
    ),
)
