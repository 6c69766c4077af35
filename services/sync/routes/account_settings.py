"""`/api/v1/sync/settings`: what is settled about the syncs of an account at a provider."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.sync import NetworkReport, SyncSettings, SyncSettingsView
from libs.common.web import Endpoint, identity_of, json_response, read_json
from services.sync.errors import AccountNotFound, WebhookInvalid
from services.sync.keys import ACCOUNT_SETTINGS

SETTINGS = "/api/v1/sync/settings/{account_id}"


async def show_settings(request: web.Request) -> web.Response:
    settings = request.app[ACCOUNT_SETTINGS]
    return json_response(await settings.view(identity_of(request), request.match_info["account_id"]))


async def change_settings(request: web.Request) -> web.Response:
    wanted = await read_json(request, SyncSettings)
    settings = request.app[ACCOUNT_SETTINGS]
    return json_response(await settings.put(identity_of(request), request.match_info["account_id"], wanted))


async def reset_settings(request: web.Request) -> web.Response:
    await request.app[ACCOUNT_SETTINGS].reset(identity_of(request), request.match_info["account_id"])
    return web.Response(status=204)


async def tell_network(request: web.Request) -> web.Response:
    report = await read_json(request, NetworkReport)
    await request.app[ACCOUNT_SETTINGS].tell_network(identity_of(request), report)
    return web.Response(status=204)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=SETTINGS,
        handler=show_settings,
        summary="When an account at a provider is synced by itself, and who is told",
        access="account",
        response=SyncSettingsView,
        errors=(AccountNotFound,),
    ),
    Endpoint(
        method="PUT",
        path=SETTINGS,
        handler=change_settings,
        summary="Settle when an account at a provider is synced by itself",
        access="account",
        request=SyncSettings,
        response=SyncSettingsView,
        errors=(AccountNotFound, WebhookInvalid),
    ),
    Endpoint(
        method="DELETE",
        path=SETTINGS,
        handler=reset_settings,
        summary="Go back to the defaults",
        access="account",
        status=204,
        errors=(AccountNotFound,),
    ),
    Endpoint(
        method="PUT",
        path="/api/v1/sync/network",
        handler=tell_network,
        summary="Tell whether the network that a device is in is metered",
        access="account",
        request=NetworkReport,
        status=204,
    ),
)
