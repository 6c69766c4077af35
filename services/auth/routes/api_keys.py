"""The API keys of the asker's profile."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.accounts import ApiKeyList, ApiKeyMade, NewApiKey
from libs.common.errors import NotFound
from libs.common.web import Endpoint, identity_of, json_response, read_json
from services.auth.errors import KeyRefused, TooMany
from services.auth.routes.domain import DOMAIN, forget


async def list_keys(request: web.Request) -> web.Response:
    return json_response(await request.app[DOMAIN].api_keys.page(identity_of(request)))


async def create(request: web.Request) -> web.Response:
    wanted = await read_json(request, NewApiKey)
    made = await request.app[DOMAIN].api_keys.create(identity_of(request), wanted)
    return json_response(made, status=201)


async def revoke(request: web.Request) -> web.Response:
    identity = identity_of(request)
    await request.app[DOMAIN].api_keys.revoke(identity, request.match_info["id"])
    forget(request, identity.account_id)
    return web.Response(status=204)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/v1/api-keys",
        handler=list_keys,
        summary="The API keys of this profile, newest first",
        access="account",
        response=ApiKeyList,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/api-keys",
        handler=create,
        summary="Make an API key; it is shown this once",
        access="account",
        request=NewApiKey,
        response=ApiKeyMade,
        status=201,
        errors=(TooMany, KeyRefused),
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/api-keys/{id}",
        handler=revoke,
        summary="Revoke an API key at once",
        access="account",
        status=204,
        errors=(NotFound,),
    ),
)
