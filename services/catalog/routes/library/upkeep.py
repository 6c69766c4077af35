"""REST: what the library holds, what the last run changed, and its upkeep."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.library import ChangeList, Confirmation, LibraryStats
from libs.common.web import Endpoint, identity_of, json_response, read_json
from libs.common.web.endpoints import ADMIN_ROLES
from services.catalog import keys
from services.catalog.errors import NotConfirmed, ProviderNotFound, RunEnded
from services.catalog.routes.asking import owner_of

PREFIX = "/api/v1/library"
ONE = PREFIX + "/accounts/{account_id}"


async def clear(request: web.Request) -> web.Response:
    confirmation = await read_json(request, Confirmation)
    clearing = request.app[keys.CLEARING]
    provider = await clearing.confirmed(
        owner_of(request), request.match_info["account_id"], confirmation.confirm
    )
    await clearing.clear(provider)
    return web.Response(status=204)


async def show_changes(request: web.Request) -> web.Response:
    holdings = request.app[keys.HOLDINGS]
    return json_response(await holdings.changes(owner_of(request), request.match_info["account_id"]))


async def show_stats(request: web.Request) -> web.Response:
    is_admin = not ADMIN_ROLES.isdisjoint(identity_of(request).roles)
    return json_response(await request.app[keys.HOLDINGS].stats(owner_of(request), is_admin=is_admin))


async def upkeep(request: web.Request) -> web.Response:
    await request.app[keys.UPKEEP].run()
    return web.Response(status=204)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=f"{ONE}/clear",
        handler=clear,
        summary="Remove everything an account has, but not the account: the next sync is like a first",
        access="account",
        request=Confirmation,
        status=204,
        errors=(ProviderNotFound, NotConfirmed, RunEnded),
    ),
    Endpoint(
        method="GET",
        path=f"{ONE}/changes",
        handler=show_changes,
        summary="What the last sync of an account added, changed and removed",
        access="account",
        response=ChangeList,
        errors=(ProviderNotFound,),
    ),
    Endpoint(
        method="GET",
        path=f"{PREFIX}/stats",
        handler=show_stats,
        summary="How much your library holds, and how much of it was found among the known titles",
        access="account",
        response=LibraryStats,
    ),
    Endpoint(
        method="POST",
        path=f"{PREFIX}/upkeep",
        handler=upkeep,
        summary="Tidy the library's tables now; otherwise it happens once a week",
        access="admin",
        status=204,
    ),
)
