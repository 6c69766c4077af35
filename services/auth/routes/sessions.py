"""What the asker's account is signed in with."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.accounts import SessionList
from libs.common.errors import NotFound
from libs.common.web import Endpoint, identity_of, json_response
from services.auth.routes.domain import DOMAIN, forget


async def list_sessions(request: web.Request) -> web.Response:
    return json_response(await request.app[DOMAIN].sessions.page(identity_of(request)))


async def end_one(request: web.Request) -> web.Response:
    identity = identity_of(request)
    await request.app[DOMAIN].sessions.end_one(identity, request.match_info["id"])
    forget(request, identity.account_id)
    return web.Response(status=204)


async def end_others(request: web.Request) -> web.Response:
    identity = identity_of(request)
    await request.app[DOMAIN].sessions.end_others(identity)
    forget(request, identity.account_id)
    return web.Response(status=204)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/v1/sessions",
        handler=list_sessions,
        summary="Where you are signed in, last used first",
        access="account",
        response=SessionList,
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/sessions",
        handler=end_others,
        summary="Sign out everywhere else",
        access="account",
        status=204,
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/sessions/{id}",
        handler=end_one,
        summary="Sign out one browser or program",
        access="account",
        status=204,
        errors=(NotFound,),
    ),
)
