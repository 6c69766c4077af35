"""REST: lists of the library, one item of it, its guide and its search."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from libs.common.contracts.library import (
    CategoryList,
    CategoryQuery,
    ChannelView,
    Facets,
    FindQuery,
    Found,
    Guide,
    GuideQuery,
    ItemKind,
    ItemPage,
    ItemQuery,
    MovieView,
    SeriesView,
)
from libs.common.errors import InvalidInput
from libs.common.web import Endpoint, json_response, read_query
from services.catalog import keys
from services.catalog.errors import ItemNotFound
from services.catalog.routes.asking import owner_of, title_deadline

LIBRARY: Final = "/api/v1/library"


def _listing(kind: ItemKind) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        query = read_query(request, ItemQuery)
        return json_response(await request.app[keys.BROWSE].page(owner_of(request), kind, query))

    return handler


async def categories(request: web.Request) -> web.Response:
    query = read_query(request, CategoryQuery)
    found = await request.app[keys.BROWSE].categories(
        owner_of(request), kind=query.kind, account=query.account
    )
    return json_response(CategoryList(found))


async def facets(request: web.Request) -> web.Response:
    query = read_query(request, CategoryQuery)
    found = await request.app[keys.BROWSE].facets(owner_of(request), kind=query.kind, account=query.account)
    return json_response(found)


async def movie(request: web.Request) -> web.Response:
    found = await request.app[keys.SINGLE].movie(
        owner_of(request), request.match_info["id"], deadline=title_deadline(request)
    )
    return json_response(found)


async def series(request: web.Request) -> web.Response:
    found = await request.app[keys.SINGLE].series(
        owner_of(request), request.match_info["id"], deadline=title_deadline(request)
    )
    return json_response(found)


async def channel(request: web.Request) -> web.Response:
    found = await request.app[keys.SINGLE].channel(owner_of(request), request.match_info["id"])
    return json_response(found)


async def guide(request: web.Request) -> web.Response:
    query = read_query(request, GuideQuery)
    return json_response(await request.app[keys.SINGLE].guide(owner_of(request), query))


async def search(request: web.Request) -> web.Response:
    query = read_query(request, FindQuery)
    return json_response(await request.app[keys.FIND].found(owner_of(request), query))


_KINDS: Final[tuple[tuple[ItemKind, str], ...]] = (
    ("channels", "The channels of your accounts, with what is on"),
    ("movies", "The films of your accounts"),
    ("series", "The series of your accounts"),
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *(
        Endpoint(
            method="GET",
            path=f"{LIBRARY}/{kind}",
            handler=_listing(kind),
            summary=summary,
            access="account",
            query=ItemQuery,
            response=ItemPage,
            errors=(InvalidInput,),
        )
        for kind, summary in _KINDS
    ),
    Endpoint(
        method="GET",
        path=f"{LIBRARY}/channels/{{id}}",
        handler=channel,
        summary="One channel, and what it shows until tomorrow",
        access="account",
        response=ChannelView,
        errors=(ItemNotFound,),
    ),
    Endpoint(
        method="GET",
        path=f"{LIBRARY}/movies/{{id}}",
        handler=movie,
        summary="One film with its details and its other versions",
        access="account",
        response=MovieView,
        errors=(ItemNotFound,),
    ),
    Endpoint(
        method="GET",
        path=f"{LIBRARY}/series/{{id}}",
        handler=series,
        summary="One series with its seasons and episodes",
        access="account",
        response=SeriesView,
        errors=(ItemNotFound,),
    ),
    Endpoint(
        method="GET",
        path=f"{LIBRARY}/categories",
        handler=categories,
        summary="The categories of your accounts, hidden ones too",
        access="account",
        query=CategoryQuery,
        response=CategoryList,
    ),
    Endpoint(
        method="GET",
        path=f"{LIBRARY}/facets",
        handler=facets,
        summary="The genres and languages of your accounts, to filter lists by",
        access="account",
        query=CategoryQuery,
        response=Facets,
    ),
    Endpoint(
        method="GET",
        path=f"{LIBRARY}/guide",
        handler=guide,
        summary="What channels show",
        access="account",
        query=GuideQuery,
        response=Guide,
        errors=(InvalidInput,),
    ),
    Endpoint(
        method="GET",
        path=f"{LIBRARY}/search",
        handler=search,
        summary="Search your accounts: titles and channels, and programmes that are on or to come",
        access="account",
        query=FindQuery,
        response=Found,
        errors=(InvalidInput,),
    ),
)
