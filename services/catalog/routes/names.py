"""Names and ids from elsewhere matched to titles of IMDb, for services."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.names import KNOWN_AS, PATH, Called, IdsAsked, IdsKnown, NamesAsked, NamesKnown
from libs.common.web import Endpoint, json_response, read_json
from libs.protocols.imdb.ids import title_id, title_number
from services.catalog import keys
from services.catalog.library_model import KINDS
from services.catalog.matching.question import question

BODY_BYTES = 1024 * 1024
_KINDS = {"movie": KINDS["movies"], "series": KINDS["series"]}


async def match_names(request: web.Request) -> web.Response:
    asked = (await read_json(request, NamesAsked, max_bytes=BODY_BYTES)).items
    questions = [
        question(kind=_KINDS[one.type], title=one.title, original="", year=one.year, imdb=None, tmdb=None)
        for one in asked
    ]
    found = await request.app[keys.MATCHING].named(questions)
    return json_response(NamesKnown(tuple(None if imdb is None else title_id(imdb) for imdb in found)))


async def show_called(request: web.Request) -> web.Response:
    number = title_number(request.match_info["id"])
    if number is None:
        return json_response(Called())
    names, year = await request.app[keys.MATCHING].called(number)
    return json_response(Called(names=names, year=year))


async def show_known_as(request: web.Request) -> web.Response:
    asked = await read_json(request, IdsAsked, max_bytes=BODY_BYTES)
    return json_response(IdsKnown(await request.app[keys.KNOWN_AS].of(asked.ids)))


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=KNOWN_AS,
        handler=show_known_as,
        summary="By which ids of IMDb titles are known",
        access="internal",
        request=IdsAsked,
        response=IdsKnown,
        documented=False,
    ),
    Endpoint(
        method="GET",
        path=f"{PATH}/{{id}}",
        handler=show_called,
        summary="What a title of IMDb is called",
        access="internal",
        response=Called,
        documented=False,
    ),
    Endpoint(
        method="POST",
        path=PATH,
        handler=match_names,
        summary="Which titles of IMDb names mean, where that is sure",
        access="internal",
        request=NamesAsked,
        response=NamesKnown,
        documented=False,
    ),
)
