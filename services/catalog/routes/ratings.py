"""REST: ratings by id, by place in a series, and many at once."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.imdb import Rating, RatingList, RatingsWanted
from libs.common.web import Endpoint, json_response, read_json
from services.catalog import keys
from services.catalog.errors import RatingNotFound

ALL = "/api/v1/ratings"


async def show_title(request: web.Request) -> web.Response:
    return await _one(request, request.match_info["id"])


async def show_episode(request: web.Request) -> web.Response:
    asked = request.match_info
    return await _one(request, f"{asked['id']}:{asked['season']}:{asked['episode']}")


async def show_many(request: web.Request) -> web.Response:
    wanted = dict.fromkeys((await read_json(request, RatingsWanted)).ids)
    found = await request.app[keys.RATINGS].of(wanted)
    items = tuple(found[id_] for id_ in wanted if id_ in found)
    return json_response(RatingList(items, tuple(id_ for id_ in wanted if id_ not in found)))


async def _one(request: web.Request, id_: str) -> web.Response:
    found = await request.app[keys.RATINGS].of([id_])
    if id_ not in found:
        raise RatingNotFound("There is no rating of it here.")
    return json_response(found[id_])


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=ALL,
        handler=show_many,
        summary="IMDb's ratings of up to 500 titles and episodes",
        access="account",
        request=RatingsWanted,
        response=RatingList,
    ),
    Endpoint(
        method="GET",
        path=f"{ALL}/{{id}}",
        handler=show_title,
        summary="IMDb's rating of a title",
        access="account",
        response=Rating,
        errors=(RatingNotFound,),
    ),
    Endpoint(
        method="GET",
        path=f"{ALL}/{{id}}/{{season}}/{{episode}}",
        handler=show_episode,
        summary="IMDb's rating of an episode, by its place in the series",
        access="account",
        response=Rating,
        errors=(RatingNotFound,),
    ),
)
