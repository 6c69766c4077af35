"""How a profile wants its sources."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.source_settings import PATH, SourceSettings
from libs.common.errors import InvalidInput
from libs.common.web import Endpoint, identity_of, json_response, read_json
from services.streaming.keys import PREFERENCES


async def show_settings(request: web.Request) -> web.Response:
    return json_response(await request.app[PREFERENCES].of(identity_of(request)))


async def put_settings(request: web.Request) -> web.Response:
    wanted = await read_json(request, SourceSettings)
    return json_response(await request.app[PREFERENCES].choose(identity_of(request), wanted))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=PATH,
        handler=show_settings,
        summary="How the profile wants its sources",
        access="account",
        response=SourceSettings,
    ),
    Endpoint(
        method="PUT",
        path=PATH,
        handler=put_settings,
        summary="Choose what is left out and what comes first",
        access="account",
        request=SourceSettings,
        response=SourceSettings,
        errors=(InvalidInput,),
    ),
)
