"""`/api/v1/connections`: a profile's accounts elsewhere, and the one at Trakt."""

from __future__ import annotations

import asyncio

from aiohttp import web

from libs.common.contracts.connections import (
    Connections,
    NewTrakt,
    TraktPatch,
    TraktSync,
    TraktSyncing,
    TraktView,
)
from libs.common.errors import RateLimited
from libs.common.web import Endpoint, deadline_of, json_response, read_json
from services.sync.errors import AlreadyConnected
from services.sync.keys import CONNECTIONS, TRAKT
from services.sync.routes.asking import owner_of
from services.sync.trakt.errors import ConnectionNotFound, ConnectionRefused, TraktAppRefused, TraktAway


async def list_connections(request: web.Request) -> web.Response:
    owner = owner_of(request)
    items = await asyncio.gather(*(brief(owner) for brief in request.app[CONNECTIONS]))
    return json_response(Connections(tuple(items)))


async def show_trakt(request: web.Request) -> web.Response:
    return json_response(await request.app[TRAKT].view(owner_of(request)))


async def connect_trakt(request: web.Request) -> web.Response:
    wanted = await read_json(request, NewTrakt)
    view = await request.app[TRAKT].connect(owner_of(request), wanted, deadline=deadline_of(request))
    return json_response(view, status=201)


async def settle_trakt(request: web.Request) -> web.Response:
    patch = await read_json(request, TraktPatch)
    return json_response(await request.app[TRAKT].settle(owner_of(request), patch))


async def disconnect_trakt(request: web.Request) -> web.Response:
    await request.app[TRAKT].disconnect(owner_of(request), deadline=deadline_of(request))
    return web.Response(status=204)


async def sync_trakt(request: web.Request) -> web.Response:
    asked = await read_json(request, TraktSync) if request.body_exists else TraktSync()
    run = await request.app[TRAKT].sync(owner_of(request), wake=asked.wake)
    headers = {"Location": f"/api/v1/sync/jobs/{run.id}"} if run is not None else {}
    return json_response(TraktSyncing(run.id if run is not None else None), status=202, headers=headers)


HERE = "/api/v1/connections/trakt"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/connections",
        handler=list_connections,
        summary="The profile's accounts elsewhere, and how they are connected",
        access="account",
        response=Connections,
    ),
    Endpoint(
        method="GET",
        path=HERE,
        handler=show_trakt,
        summary="The profile's connection to Trakt",
        access="account",
        response=TraktView,
    ),
    Endpoint(
        method="POST",
        path=HERE,
        handler=connect_trakt,
        summary="Begin to connect to Trakt: the answer has a code to enter there",
        access="account",
        request=NewTrakt,
        response=TraktView,
        status=201,
        errors=(AlreadyConnected, TraktAppRefused, TraktAway, RateLimited),
    ),
    Endpoint(
        method="PATCH",
        path=HERE,
        handler=settle_trakt,
        summary="Settle how often Trakt is read, and what it is told",
        access="account",
        request=TraktPatch,
        response=TraktView,
        errors=(ConnectionNotFound,),
    ),
    Endpoint(
        method="DELETE",
        path=HERE,
        handler=disconnect_trakt,
        summary="Disconnect from Trakt, and end the sign-in there",
        access="account",
        status=204,
    ),
    Endpoint(
        method="POST",
        path=f"{HERE}/sync",
        handler=sync_trakt,
        summary="Read Trakt now; after a refusal, try again",
        access="account",
        request=TraktSync,
        response=TraktSyncing,
        status=202,
        errors=(ConnectionNotFound, ConnectionRefused, RateLimited),
    ),
)
