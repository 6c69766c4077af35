"""What only other services may ask."""

from __future__ import annotations

from contextlib import suppress

from aiohttp import web

from libs.common.contracts.addon_health import HealthReport
from libs.common.contracts.catalog import AddonSources, RefreshCounts
from libs.common.contracts.removals import Removal
from libs.common.contracts.standing import SOURCES_PATH, SourcesStanding
from libs.common.errors import HeadgateError, NotFound
from libs.common.web import Endpoint, deadline_of, json_response, read_json, read_query
from services.catalog import keys
from services.catalog.routes.asking import owner_of
from services.catalog.routes.stremio import raw_resource_path
from services.catalog.schemas import RefreshQuery, addon_source

PREFIX = "/internal/catalog"
DEMO_PREFIX = f"{PREFIX}/demo/"
HEALTH_REPORT_BYTES = 1024 * 1024
MOST_TOLD = 200


async def show_sources(request: web.Request) -> web.Response:
    listing = await request.app[keys.REGISTRY].listing(owner_of(request))
    health = await request.app[keys.HEALTH_RECORDS].for_streaming(listing.enabled)
    return json_response(
        AddonSources(tuple(addon_source(addon, health[addon.id]) for addon in listing.enabled))
    )


async def show_demo(request: web.Request) -> web.Response:
    demo = request.app[keys.DEMO]
    if request.match_info["tail"] == "manifest.json":
        body: bytes | None = demo.manifest_bytes()
    else:
        body = demo.answer(raw_resource_path(request, DEMO_PREFIX))
    if body is None:
        raise NotFound("The demo addon has no such thing.")
    return web.Response(body=body, content_type="application/json")


async def take_health(request: web.Request) -> web.Response:
    report = await read_json(request, HealthReport, max_bytes=HEALTH_REPORT_BYTES)
    book = request.app[keys.HEALTH_BOOK]
    for seen in report.observations:
        book.note(seen)
    # So that whoever asks next, of whichever replica, hears of an addon that has died. What can't be written
    # now is written later: to refuse it would have it told twice.
    with suppress(HeadgateError):
        await book.look()
    return web.Response(status=204)


async def refresh_due(request: web.Request) -> web.Response:
    query = read_query(request, RefreshQuery)
    counts = await request.app[keys.REGISTRY].refresh_due(query.limit, deadline=deadline_of(request))
    return json_response(counts)


async def show_standing(request: web.Request) -> web.Response:
    addons, in_all = await request.app[keys.HEALTH_RECORDS].everybody(MOST_TOLD)
    libraries, libraries_in_all = await request.app[keys.PROVIDERS].everybody(MOST_TOLD)
    return json_response(
        SourcesStanding(
            addons=addons, addons_in_all=in_all, libraries=libraries, libraries_in_all=libraries_in_all
        )
    )


async def forget(request: web.Request) -> web.Response:
    removal = await read_json(request, Removal)
    await request.app[keys.REGISTRY].forget(removal.account_id, removal.profile_id)
    await request.app[keys.PROVIDERS].forget(removal.account_id, removal.profile_id)
    return web.Response(status=204)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=f"{PREFIX}/forget",
        handler=forget,
        summary="Remove everything of an account or a profile that is gone",
        access="internal",
        request=Removal,
        status=204,
        documented=False,
    ),
    Endpoint(
        method="GET",
        path=f"{PREFIX}/addons",
        handler=show_sources,
        summary="The enabled addons with their addresses",
        access="internal",
        response=AddonSources,
        documented=False,
    ),
    Endpoint(
        method="GET",
        path=SOURCES_PATH,
        handler=show_standing,
        summary="How everybody's sources are, without whose they are",
        access="internal",
        response=SourcesStanding,
        documented=False,
    ),
    Endpoint(
        method="GET",
        path=DEMO_PREFIX + "{tail:.+}",
        handler=show_demo,
        summary="The demo addon's answers",
        access="internal",
        documented=False,
    ),
    Endpoint(
        method="POST",
        path=f"{PREFIX}/health",
        handler=take_health,
        summary="How addons answered another service",
        access="internal",
        request=HealthReport,
        status=204,
        documented=False,
    ),
    Endpoint(
        method="POST",
        path=f"{PREFIX}/refresh",
        handler=refresh_due,
        summary="Fetch the manifests whose time has come",
        access="internal",
        query=RefreshQuery,
        response=RefreshCounts,
        documented=False,
    ),
)
