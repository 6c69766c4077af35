"""REST: rows, their pages, titles, and how the merged manifest fits its limit."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.catalog import CatalogPage, TitlePage
from libs.common.contracts.rows import ManifestReport, RowList
from libs.common.errors import UpstreamFailed, UpstreamTimedOut
from libs.common.web import Endpoint, json_response, read_query
from libs.protocols.stremio.paths import Extra
from services.catalog import keys
from services.catalog.aggregate import required_row
from services.catalog.errors import CatalogNotFound, TitleNotFound
from services.catalog.routes.asking import held_of, row_deadline, title_deadline
from services.catalog.schemas import (
    RowQuery,
    cache_headers,
    catalog_page,
    skip_of,
    title_page,
)

ROWS = "/api/v1/catalogs"
ROW = ROWS + "/{row_id:(?!order$)[^/]+}"
UPSTREAM = (UpstreamFailed, UpstreamTimedOut)
OWN_PARAMETERS = frozenset(RowQuery.__struct_fields__)


async def show_rows(request: web.Request) -> web.Response:
    merged = (await held_of(request)).merged
    shown = (row for row in merged.rows if row.kind == "catalog" and row.on_manifest)
    return json_response(RowList(tuple(row.view() for row in shown)))


async def show_page(request: web.Request) -> web.Response:
    query = read_query(request, RowQuery)
    held = await held_of(request)
    row = required_row(held.merged.row(query.type, request.match_info["row_id"]))
    page = await request.app[keys.VIEWED].page(
        row, _extra(request, query), held.listing, texts=False, deadline=row_deadline(request)
    )
    return json_response(catalog_page(page), headers=cache_headers(page.told))


async def show_report(request: web.Request) -> web.Response:
    return json_response((await held_of(request)).merged.report())


async def show_title(request: web.Request) -> web.Response:
    listing = (await held_of(request)).listing
    title = await request.app[keys.ENRICHED].title(
        listing,
        request.match_info["type"],
        request.match_info["title_id"],
        texts=False,
        deadline=title_deadline(request),
    )
    return json_response(title_page(title), headers=cache_headers(title.told))


def _extra(request: web.Request, query: RowQuery) -> Extra:
    """The row's extras in the order they were sent, and the place to start from."""
    extra = tuple((name, value) for name, value in request.query.items() if name not in OWN_PARAMETERS)
    skip = skip_of(query.cursor) if query.cursor else query.skip or 0
    return (*extra, ("skip", str(skip))) if skip else extra


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=ROWS,
        handler=show_rows,
        summary="The rows that players are shown",
        access="account",
        response=RowList,
    ),
    Endpoint(
        method="GET",
        path=ROW,
        handler=show_page,
        summary="Up to 100 items of a row",
        access="account",
        query=RowQuery,
        response=CatalogPage,
        errors=(CatalogNotFound, *UPSTREAM),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/manifest",
        handler=show_report,
        summary="How the merged manifest fits Stremio's limit, row by row",
        access="account",
        response=ManifestReport,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/titles/{type}/{title_id}",
        handler=show_title,
        summary="What is known about a title",
        access="account",
        response=TitlePage,
        errors=(TitleNotFound, *UPSTREAM),
    ),
)
