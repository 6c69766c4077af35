"""The merged addon as the gateway's Stremio face asks for it."""

from __future__ import annotations

from aiohttp import web

from libs.common.errors import NotFound
from libs.common.web import Endpoint, json_response
from libs.protocols.stremio.errors import InvalidPath
from libs.protocols.stremio.paths import ResourcePath, parse_resource_path
from services.catalog import keys
from services.catalog.aggregate import required_row
from services.catalog.routes.asking import held_of, row_deadline, title_deadline
from services.catalog.schemas import MANIFEST_FRESHNESS, cache_headers, stremio_page, stremio_title

PREFIX = "/internal/stremio/"


async def show_manifest(request: web.Request) -> web.Response:
    merged = (await held_of(request)).merged
    headers = {"Content-Type": "application/json", **MANIFEST_FRESHNESS.headers()}
    return web.Response(body=merged.body, headers=headers)


async def show_resource(request: web.Request) -> web.Response:
    path = raw_resource_path(request, PREFIX)
    match path.resource:
        case "catalog" | "addon_catalog":
            return await _show_row(request, path)
        case "meta":
            return await _show_title(request, path)
    raise NotFound("This service has no such resource.")


def raw_resource_path(request: web.Request, prefix: str) -> ResourcePath:
    """The question behind `prefix`, read from the path as it was sent."""
    raw_path = request.raw_path.partition("?")[0]
    try:
        return parse_resource_path(raw_path.removeprefix(prefix))
    except InvalidPath as error:
        raise NotFound(str(error)) from error


async def _show_row(request: web.Request, path: ResourcePath) -> web.Response:
    held = await held_of(request)
    row = required_row(held.merged.row(path.type, path.id, path.resource))
    page = await request.app[keys.VIEWED].page(
        row, path.extra, held.listing, texts=True, deadline=row_deadline(request)
    )
    return json_response(stremio_page(page), headers=cache_headers(page.told))


async def _show_title(request: web.Request, path: ResourcePath) -> web.Response:
    listing = (await held_of(request)).listing
    title = await request.app[keys.ENRICHED].title(
        listing, path.type, path.id, texts=True, deadline=title_deadline(request)
    )
    return json_response(stremio_title(title), headers=cache_headers(title.told))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=f"{PREFIX}manifest.json",
        handler=show_manifest,
        summary="The merged manifest",
        access="internal",
        documented=False,
    ),
    Endpoint(
        method="GET",
        path=PREFIX + "{tail:.+}",
        handler=show_resource,
        summary="catalog, meta and addon_catalog of the merged addon",
        access="internal",
        documented=False,
    ),
)
