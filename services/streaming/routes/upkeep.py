"""What is kept of a profile's viewing: told, cleared, made anew."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from aiohttp import web

from libs.common.clock import moment_of
from libs.common.contracts.viewing import VIEWING
from libs.common.contracts.viewing_handover import ToldPart
from libs.common.contracts.viewing_upkeep import (
    ClearViewing,
    RebuildStarted,
    SourceTold,
    ViewingCleared,
    ViewingInformation,
)
from libs.common.errors import Conflict, InvalidInput, RateLimited, Unavailable
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_json
from services.streaming import keys
from services.streaming.routes.asking import owner_of
from services.streaming.routes.progress import changed


async def show_information(request: web.Request) -> web.Response:
    kept, parts = await request.app[keys.VIEWING].upkeep.information(owner_of(request))
    return json_response(
        ViewingInformation(
            titles=kept.titles,
            watched_films=kept.watched_films,
            watched_episodes=kept.watched_episodes,
            begun=kept.begun,
            watchlist=kept.watchlist,
            lists=kept.lists,
            events=kept.events,
            size_bytes=kept.size_bytes,
            sources=_sources(parts),
        )
    )


async def clear(request: web.Request) -> web.Response:
    """What the profile watched here and what sources told, all of it. What sync knows of how far it has read
    stays: what is watched elsewhere afterwards comes, what was before does not until it is read anew."""
    await read_json(request, ClearViewing)
    cleared = await request.app[keys.VIEWING].upkeep.clear(owner_of(request))
    return json_response(
        ViewingCleared(titles=cleared.titles, videos=cleared.videos), headers=changed(shows=True)
    )


async def rebuild(request: web.Request) -> web.Response:
    """What sources told is applied anew, and connected accounts are read from their beginnings."""
    rows, jobs = await request.app[keys.VIEWING].upkeep.rebuild(
        owner_of(request), identity_of(request), deadline=deadline_of(request)
    )
    return json_response(RebuildStarted(rows=rows, jobs=jobs), status=202)


async def optimise(request: web.Request) -> web.Response:
    """The tables of everybody."""
    await request.app[keys.VIEWING].upkeep.optimise()
    return web.Response(status=204)


def _sources(parts: Iterable[ToldPart]) -> tuple[SourceTold, ...]:
    told: dict[str, SourceTold] = {}
    for one in parts:
        known = told.get(one.source, SourceTold(source=one.source))
        at = moment_of(one.told_at) if one.told_at else None
        told[one.source] = msgspec.structs.replace(
            known,
            **{one.part: one.rows},
            told_at=max((each for each in (known.told_at, at) if each is not None), default=None),
            problem=known.problem or one.counts.problem,
        )
    return tuple(told.values())


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=f"{VIEWING}/information",
        handler=show_information,
        summary="How much is kept of what the profile watches, and what sources told",
        access="account",
        response=ViewingInformation,
        errors=(Unavailable,),
    ),
    Endpoint(
        method="POST",
        path=f"{VIEWING}/clear",
        handler=clear,
        summary="Forget everything that the profile has watched",
        access="account",
        request=ClearViewing,
        response=ViewingCleared,
        errors=(InvalidInput, Unavailable),
    ),
    Endpoint(
        method="POST",
        path=f"{VIEWING}/rebuild",
        handler=rebuild,
        summary="Apply anew what sources told, and read connected accounts from their beginnings",
        access="account",
        response=RebuildStarted,
        status=202,
        errors=(Conflict, RateLimited, Unavailable),
    ),
    Endpoint(
        method="POST",
        path=f"{VIEWING}/optimise",
        handler=optimise,
        summary="Put the tables of what is watched in order",
        access="admin",
        status=204,
        errors=(Unavailable,),
    ),
)
