"""REST: an account's key of TMDB, what a profile chose beside it, and what TMDB has."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web

from libs.common.contracts.tmdb import (
    CHECK_PATH,
    KEY_PATH,
    SETTINGS_PATH,
    NewTmdbKey,
    TmdbChoice,
    TmdbFoundPage,
    TmdbSettings,
    TmdbTitle,
)
from libs.common.errors import UpstreamFailed, UpstreamTimedOut
from libs.common.web import Endpoint, deadline_of, json_response, read_json, read_query
from services.catalog import keys
from services.catalog.metadata.errors import (
    NotATmdbKey,
    TmdbKeyMissing,
    TmdbKeyRefused,
    TmdbResting,
    TmdbTitleNotFound,
)
from services.catalog.metadata.lookup import TitleType, Wanted
from services.catalog.routes.asking import held_of, owner_of
from services.catalog.schemas import cache_headers, cursor_of, skip_of

CHECK_WAIT_S = 8.0
"""For TMDB to say what it thinks of a key: whoever saved it is looking."""

UPSTREAM = (UpstreamFailed, UpstreamTimedOut, TmdbResting)


class TmdbQuery(msgspec.Struct, frozen=True):
    """`year` counts only together with `type`."""

    q: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    type: TitleType | None = None
    year: Annotated[int, msgspec.Meta(ge=1800, le=2200)] | None = None
    cursor: str | None = None


async def show(request: web.Request) -> web.Response:
    return json_response(await request.app[keys.KEY_CHOICES].view(owner_of(request)))


async def choose(request: web.Request) -> web.Response:
    choice = await read_json(request, TmdbChoice)
    return json_response(await request.app[keys.KEY_CHOICES].choose(owner_of(request), choice))


async def save_key(request: web.Request) -> web.Response:
    new = await read_json(request, NewTmdbKey)
    saved = await request.app[keys.KEY_CHOICES].save_key(
        owner_of(request), new.key, deadline=deadline_of(request).sooner(CHECK_WAIT_S)
    )
    return json_response(saved)


async def check_key(request: web.Request) -> web.Response:
    checked = await request.app[keys.KEY_CHOICES].check(
        owner_of(request), deadline=deadline_of(request).sooner(CHECK_WAIT_S)
    )
    return json_response(checked)


async def remove_key(request: web.Request) -> web.Response:
    await request.app[keys.KEY_CHOICES].remove_key(owner_of(request))
    return web.Response(status=204)


async def search(request: web.Request) -> web.Response:
    query = read_query(request, TmdbQuery)
    page = skip_of(query.cursor) if query.cursor else 1
    found, told = await request.app[keys.TMDB_LOOKUP].search(
        (await held_of(request)).listing.tmdb,
        Wanted(query.q, query.type, query.year, page),
        deadline=deadline_of(request),
    )
    after = None if found.next_page is None else cursor_of(found.next_page)
    return json_response(TmdbFoundPage(items=found.items, next_cursor=after), headers=cache_headers(told))


async def show_title(request: web.Request) -> web.Response:
    title, told = await request.app[keys.TMDB_LOOKUP].title(
        (await held_of(request)).listing.tmdb,
        request.match_info["type"],
        request.match_info["title_id"],
        deadline=deadline_of(request),
    )
    return json_response(title, headers=cache_headers(told))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=SETTINGS_PATH,
        handler=show,
        summary="Whether TMDB completes titles, with which key, in which language",
        access="account",
        response=TmdbSettings,
    ),
    Endpoint(
        method="PUT",
        path=SETTINGS_PATH,
        handler=choose,
        summary="Choose the language and the sizes of pictures of this profile",
        access="account",
        request=TmdbChoice,
        response=TmdbSettings,
    ),
    Endpoint(
        method="PUT",
        path=KEY_PATH,
        handler=save_key,
        summary="Save the account's key of TMDB, once TMDB has taken it",
        access="account",
        request=NewTmdbKey,
        response=TmdbSettings,
        errors=(NotATmdbKey, TmdbKeyRefused, *UPSTREAM),
    ),
    Endpoint(
        method="DELETE",
        path=KEY_PATH,
        handler=remove_key,
        summary="Remove the account's key of TMDB",
        access="account",
        status=204,
    ),
    Endpoint(
        method="POST",
        path=CHECK_PATH,
        handler=check_key,
        summary="Ask TMDB now whether it takes the key",
        access="account",
        response=TmdbSettings,
        errors=(TmdbKeyMissing,),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/tmdb/search",
        handler=search,
        summary="Search TMDB with the account's key",
        access="account",
        query=TmdbQuery,
        response=TmdbFoundPage,
        errors=(TmdbKeyMissing, *UPSTREAM),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/tmdb/titles/{type}/{title_id}",
        handler=show_title,
        summary="A title as TMDB has it, its ids elsewhere, its pictures in every size",
        access="account",
        response=TmdbTitle,
        errors=(TmdbTitleNotFound, TmdbKeyMissing, *UPSTREAM),
    ),
)
