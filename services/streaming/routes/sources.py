"""Requests to answers: the protocol's addresses for the gateway, the REST one for everybody."""

from __future__ import annotations

import msgspec
from aiohttp import web

from libs.common.contracts.streaming import PLAYING, Playing, StreamsPage
from libs.common.errors import Unavailable
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_query
from services.streaming.errors import VideoNotFound
from services.streaming.keys import AGGREGATE, PLAY
from services.streaming.routes.asking import resource_of, video_of
from services.streaming.schemas import (
    RESOURCES,
    PlayerQuery,
    player_of,
    render_body,
    render_headers,
    render_page,
)

STREMIO = "/internal/stremio/"
REST = "/api/v1/streams"


async def stremio_resource(request: web.Request) -> web.Response:
    """Streams or subtitles of a video as an addon answers them."""
    path = resource_of(request, STREMIO)
    if path.resource not in RESOURCES:
        raise VideoNotFound("This service answers for stream and subtitles.")
    gathered = await request.app[AGGREGATE].gather(identity_of(request), path, deadline=deadline_of(request))
    return web.Response(body=render_body(path.resource, gathered), headers=render_headers(gathered))


async def list_streams(request: web.Request) -> web.Response:
    """The sources of a video, best first, each with the reasons for its rank."""
    path = video_of(request, REST, resource="stream")
    player = player_of(read_query(request, PlayerQuery))
    gathered = await request.app[AGGREGATE].gather(
        identity_of(request), path, deadline=deadline_of(request), player=player
    )
    return web.Response(body=msgspec.json.encode(render_page(gathered)), headers=render_headers(gathered))


async def show_playing(request: web.Request) -> web.Response:
    identity = identity_of(request)
    return json_response(Playing(await request.app[PLAY].playing(identity.account_id, identity.profile_id)))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=PLAYING,
        handler=show_playing,
        summary="How many connections a profile holds at its providers",
        access="internal",
        response=Playing,
        documented=False,
    ),
    Endpoint(
        method="GET",
        path=r"/internal/stremio/{tail:[\s\S]*}",
        handler=stremio_resource,
        summary="Streams or subtitles in Stremio's shape",
        access="internal",
        documented=False,
    ),
    Endpoint(
        method="GET",
        path=REST + "/{type}/{video_id}",
        handler=list_streams,
        summary="The sources of a video, best first, with the reasons for each rank",
        access="account",
        query=PlayerQuery,
        response=StreamsPage,
        errors=(VideoNotFound, Unavailable),
    ),
)
