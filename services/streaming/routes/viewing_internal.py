"""What other services ask of viewing state, and tell it."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.removals import Removal
from libs.common.contracts.viewing import (
    INTERNAL,
    BegunVideo,
    Flags,
    FlagsQuery,
    ViewingEvents,
    ViewingEventsDone,
)
from libs.common.errors import PayloadTooLarge
from libs.common.web import Endpoint, identity_of, json_response, read_json, read_query
from services.streaming import keys
from services.streaming.routes.asking import owner_of
from services.streaming.viewing_schemas import EventsQuery

FLAGS_BYTES = 512 * 1024


async def show_flags(request: web.Request) -> web.Response:
    query = await read_json(request, FlagsQuery, max_bytes=FLAGS_BYTES)
    return json_response(Flags(await request.app[keys.VIEWING].lists.flags(owner_of(request), query.ids)))


async def take_sign(request: web.Request) -> web.Response:
    video = await read_json(request, BegunVideo)
    await request.app[keys.VIEWING].signs.take(
        owner_of(request), identity_of(request), video.video_id, video.type
    )
    return web.Response(status=204)


async def show_events(request: web.Request) -> web.Response:
    query = read_query(request, EventsQuery)
    events = await request.app[keys.VIEWING].outbox.events(after=query.after, limit=query.limit)
    return json_response(ViewingEvents(tuple(events)))


async def remove_events(request: web.Request) -> web.Response:
    done = await read_json(request, ViewingEventsDone)
    await request.app[keys.VIEWING].outbox.done(done.seqs)
    return web.Response(status=204)


async def forget(request: web.Request) -> web.Response:
    removal = await read_json(request, Removal)
    await request.app[keys.VIEWING].owners.forget(removal.account_id, removal.profile_id)
    return web.Response(status=204)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=f"{INTERNAL}/flags",
        handler=show_flags,
        summary="How far a profile is in many titles",
        access="internal",
        request=FlagsQuery,
        response=Flags,
        errors=(PayloadTooLarge,),
        documented=False,
    ),
    Endpoint(
        method="POST",
        path=f"{INTERNAL}/begun",
        handler=take_sign,
        summary="A player that tells nothing seems to have begun a video",
        access="internal",
        request=BegunVideo,
        status=204,
        documented=False,
    ),
    Endpoint(
        method="GET",
        path=f"{INTERNAL}/events",
        handler=show_events,
        summary="What happened and was not made use of yet",
        access="internal",
        query=EventsQuery,
        response=ViewingEvents,
        documented=False,
    ),
    Endpoint(
        method="POST",
        path=f"{INTERNAL}/events/done",
        handler=remove_events,
        summary="Remove events that were made use of",
        access="internal",
        request=ViewingEventsDone,
        status=204,
        documented=False,
    ),
    Endpoint(
        method="POST",
        path="/internal/streaming/forget",
        handler=forget,
        summary="Remove everything of an account or a profile that is gone",
        access="internal",
        request=Removal,
        status=204,
        documented=False,
    ),
)
