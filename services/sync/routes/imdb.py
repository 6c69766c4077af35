"""`/api/v1/sync/imdb`: IMDb's data sets and their licence."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.sync import ImdbView, LicencePatch
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_json
from services.sync.keys import IMDB


async def show_imdb(request: web.Request) -> web.Response:
    return json_response(await request.app[IMDB].view(deadline_of(request)))


async def agree_to_imdb(request: web.Request) -> web.Response:
    patch = await read_json(request, LicencePatch)
    await request.app[IMDB].agree(identity_of(request), accepted=patch.accepted)
    return await show_imdb(request)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/sync/imdb",
        handler=show_imdb,
        summary="IMDb's data sets: its licence, what is kept, and the latest import",
        access="admin",
        response=ImdbView,
    ),
    Endpoint(
        method="PUT",
        path="/api/v1/sync/imdb/licence",
        handler=agree_to_imdb,
        summary="Accept IMDb's licence, or withdraw that",
        access="admin",
        request=LicencePatch,
        response=ImdbView,
    ),
)
