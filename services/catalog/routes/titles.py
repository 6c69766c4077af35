"""REST: what the owner of a profile says about entries that are one title, or are not."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.titles import NewTitleChoice, TitleChoice, TitleChoices
from libs.common.web import Endpoint, json_response, read_json
from services.catalog import keys
from services.catalog.errors import OneEntry, TitleChoiceNotFound, TooManyTitleChoices
from services.catalog.routes.asking import owner_of
from services.catalog.schemas import title_choice

PAIR = "/api/v1/titles/{type}/{title_id}/choices/{other_id}"


async def show_choices(request: web.Request) -> web.Response:
    chosen = await request.app[keys.TITLE_CHOICES].all_of(owner_of(request))
    return json_response(TitleChoices(tuple(map(title_choice, chosen))))


async def choose(request: web.Request) -> web.Response:
    new = await read_json(request, NewTitleChoice)
    asked = request.match_info
    chosen = await request.app[keys.TITLE_CHOICES].choose(
        owner_of(request), asked["type"], asked["title_id"], asked["other_id"], same=new.same
    )
    return json_response(title_choice(chosen))


async def take_back(request: web.Request) -> web.Response:
    asked = request.match_info
    await request.app[keys.TITLE_CHOICES].take_back(
        owner_of(request), asked["type"], asked["title_id"], asked["other_id"]
    )
    return web.Response(status=204)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/v1/titles/choices",
        handler=show_choices,
        summary="What you said about entries that are one title, or are not",
        access="account",
        response=TitleChoices,
    ),
    Endpoint(
        method="PUT",
        path=PAIR,
        handler=choose,
        summary="Say that two entries are the same title, or are not",
        access="account",
        request=NewTitleChoice,
        response=TitleChoice,
        errors=(OneEntry, TooManyTitleChoices),
    ),
    Endpoint(
        method="DELETE",
        path=PAIR,
        handler=take_back,
        summary="Take back what you said about two entries",
        access="account",
        status=204,
        errors=(TitleChoiceNotFound,),
    ),
)
