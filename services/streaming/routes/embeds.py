"""REST: pages of other sites that play a film or an episode."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.embeds import PATH, EmbedSearch, EmbedSites, EmbedsPage, EmbedsQuery, EmbedTitles
from libs.common.errors import Conflict, Unavailable
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_query
from services.streaming.errors import VideoNotFound
from services.streaming.keys import EMBEDDING
from services.streaming.providers.base import Video
from services.streaming.routes.asking import video_of


async def list_sites(request: web.Request) -> web.Response:
    return json_response(request.app[EMBEDDING].sites())


async def search_titles(request: web.Request) -> web.Response:
    query = read_query(request, EmbedSearch)
    found = await request.app[EMBEDDING].search(identity_of(request), query.q, deadline=deadline_of(request))
    return json_response(found)


async def list_embeds(request: web.Request) -> web.Response:
    query = read_query(request, EmbedsQuery)
    path = video_of(request, PATH, resource="embed")
    page = await request.app[EMBEDDING].of(
        identity_of(request), Video(path.type, path.id), query.start_s, deadline=deadline_of(request)
    )
    return json_response(page)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=PATH,
        handler=list_sites,
        summary="The embed sites of this hub, and whether they are there",
        access="account",
        response=EmbedSites,
    ),
    Endpoint(
        method="GET",
        path=f"{PATH}/search",
        handler=search_titles,
        summary="Titles that embeds may play, by words; with the account's key of TMDB",
        access="account",
        query=EmbedSearch,
        response=EmbedTitles,
        errors=(Conflict, Unavailable),
    ),
    Endpoint(
        method="GET",
        path=PATH + "/{type}/{video_id}",
        handler=list_embeds,
        summary="Pages of other sites that play a film or an episode",
        access="account",
        query=EmbedsQuery,
        response=EmbedsPage,
        errors=(VideoNotFound, Unavailable),
    ),
)
