"""REST: which titles the library's films and series are, and what people decide about that."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from aiohttp import web

from libs.common.contracts.handover import PREFIX, StepDone
from libs.common.contracts.library import MatchChoice, MatchPage, MatchQuery, MatchView
from libs.common.web import Endpoint, json_response, read_json, read_query
from services.catalog import keys
from services.catalog.errors import ItemNotFound, ProviderNotFound, RunEnded, TooManyMatchChoices
from services.catalog.routes.asking import owner_of

MATCHES: Final = "/api/v1/library/matches"


class StepQuery(msgspec.Struct, frozen=True):
    """`run` names the run: a later one ends it."""

    run: Annotated[str, msgspec.Meta(min_length=1)]


async def show(request: web.Request) -> web.Response:
    query = read_query(request, MatchQuery)
    return json_response(await request.app[keys.REVIEWS].page(owner_of(request), query))


async def choose(request: web.Request) -> web.Response:
    choice = await read_json(request, MatchChoice)
    reviews = request.app[keys.REVIEWS]
    return json_response(await reviews.choose(owner_of(request), request.match_info["item_id"], choice))


async def take_back(request: web.Request) -> web.Response:
    reviews = request.app[keys.REVIEWS]
    return json_response(await reviews.take_back(owner_of(request), request.match_info["item_id"]))


async def match(request: web.Request) -> web.Response:
    query = read_query(request, StepQuery)
    await request.app[keys.TAKING].settle(request.match_info["provider_id"])
    done = await request.app[keys.MATCHING].step_of(request.match_info["provider_id"], query.run)
    return json_response(done)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=MATCHES,
        handler=show,
        summary="Films or series by whether it is known which title they are, with what else may be meant",
        access="account",
        query=MatchQuery,
        response=MatchPage,
    ),
    Endpoint(
        method="PUT",
        path=MATCHES + "/{item_id}",
        handler=choose,
        summary="Say which title a film or a series is, or that it is none; that stays through every sync",
        access="account",
        request=MatchChoice,
        response=MatchView,
        errors=(ItemNotFound, TooManyMatchChoices),
    ),
    Endpoint(
        method="DELETE",
        path=MATCHES + "/{item_id}",
        handler=take_back,
        summary="Take back what you said about a film or a series, and look for its title again",
        access="account",
        response=MatchView,
        errors=(ItemNotFound,),
    ),
    Endpoint(
        method="POST",
        path=PREFIX + "/{provider_id}/match",
        handler=match,
        summary="Look for the titles of some rows that have none yet",
        access="internal",
        query=StepQuery,
        response=StepDone,
        documented=False,
        errors=(ProviderNotFound, RunEnded),
    ),
)
