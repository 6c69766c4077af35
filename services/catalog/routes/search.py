"""REST: search, and why what it found is one title or several."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.catalog import SearchPage
from libs.common.contracts.titles import TitleWhy
from libs.common.errors import UpstreamFailed, UpstreamTimedOut
from libs.common.web import Endpoint, json_response, read_query
from services.catalog import keys
from services.catalog.addons import Held
from services.catalog.aggregate import Found
from services.catalog.errors import NotFoundBySearch
from services.catalog.routes.asking import held_of, row_deadline
from services.catalog.schemas import SearchQuery, WhyQuery, cache_headers, search_page, title_why
from services.catalog.titles import explained

UPSTREAM = (UpstreamFailed, UpstreamTimedOut)


async def search(request: web.Request) -> web.Response:
    held = await held_of(request)
    found = await _found(request, held, read_query(request, SearchQuery))
    found = await request.app[keys.RATED].found(found, held.listing.ratings)
    found = request.app[keys.PICTURES].found(found)
    return json_response(search_page(found, held.merged), headers=cache_headers(found.told))


async def why(request: web.Request) -> web.Response:
    query = read_query(request, WhyQuery)
    held = await held_of(request)
    found = await _found(request, held, SearchQuery(query.q))
    key = (query.type.casefold(), query.id)
    answer = explained(found.gathered, key, held.listing.titles, other=query.other)
    if answer is None:
        raise NotFoundBySearch("This search does not find such an entry.")
    return json_response(title_why(answer), headers=cache_headers(found.told))


async def _found(request: web.Request, held: Held, query: SearchQuery) -> Found:
    rows = [row for row in held.merged.searchable if not query.types or row.own.type in query.types]
    return await request.app[keys.AGGREGATOR].search(
        rows, query.q, choices=held.listing.titles, deadline=row_deadline(request)
    )


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/v1/search",
        handler=search,
        summary="Search every row that can be searched; every title once",
        access="account",
        query=SearchQuery,
        response=SearchPage,
        errors=UPSTREAM,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/search/why",
        handler=why,
        summary="Why entries that a search finds are one title, and namesakes are not",
        access="account",
        query=WhyQuery,
        response=TitleWhy,
        errors=(NotFoundBySearch, *UPSTREAM),
    ),
)
