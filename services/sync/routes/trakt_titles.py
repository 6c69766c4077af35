"""What Trakt itself says of a title, for pages of profiles whose account was not read to its end yet."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.sync import TraktWatched
from libs.common.web import Endpoint, deadline_of, json_response
from services.sync.keys import TRAKT_SINGLES
from services.sync.routes.asking import owner_of


async def show_watched(request: web.Request) -> web.Response:
    watched = await request.app[TRAKT_SINGLES].watched(
        owner_of(request),
        request.match_info["type"],
        request.match_info["id"],
        deadline=deadline_of(request),
    )
    return json_response(TraktWatched(watched))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/internal/sync/trakt/watched/{type}/{id}",
        handler=show_watched,
        summary="Whether Trakt says that a title was watched",
        access="account",
        response=TraktWatched,
        documented=False,
    ),
)
