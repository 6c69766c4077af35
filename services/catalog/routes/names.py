"""Names from elsewhere matched to titles of IMDb, for services."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.names import PATH, NamesAsked, NamesKnown
from libs.common.web import Endpoint, json_response, read_json
from libs.protocols.imdb.ids import title_id
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


ENDPOINTS = (
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
