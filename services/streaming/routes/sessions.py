"""What players tell of the videos they have open."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.viewing import VIEWING, NewSession, SessionEvent, SessionView
from libs.common.errors import Conflict, InvalidInput, Overloaded, Unavailable
from libs.common.web import Endpoint, json_response, read_json
from services.streaming import keys
from services.streaming.errors import SessionNotFound, TooManyReports, ViewingFull
from services.streaming.routes.asking import id_of, owner_of
from services.streaming.routes.progress import changed
from services.streaming.viewing_schemas import session_view


async def open_session(request: web.Request) -> web.Response:
    new = await read_json(request, NewSession)
    session = await request.app[keys.VIEWING].sessions.open(owner_of(request), new)
    return json_response(session_view(session), status=201)


async def show_session(request: web.Request) -> web.Response:
    session = await request.app[keys.VIEWING].sessions.get(owner_of(request), id_of(request))
    return json_response(session_view(session))


async def tell_session(request: web.Request) -> web.Response:
    """What the player does now. It is counted, and it is progress of the video."""
    told = await read_json(request, SessionEvent)
    session, done = await request.app[keys.VIEWING].sessions.tell(owner_of(request), id_of(request), told)
    return json_response(session_view(session), headers=changed(shows=done.shows))


async def end_session(request: web.Request) -> web.Response:
    await request.app[keys.VIEWING].sessions.end(owner_of(request), id_of(request))
    return web.Response(status=204)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=f"{VIEWING}/sessions",
        handler=open_session,
        summary="A player opens a video",
        access="account",
        request=NewSession,
        response=SessionView,
        status=201,
        errors=(InvalidInput, Unavailable),
    ),
    Endpoint(
        method="GET",
        path=f"{VIEWING}/sessions/{{id}}",
        handler=show_session,
        summary="A session with its events counted",
        access="account",
        response=SessionView,
        errors=(SessionNotFound, Unavailable),
    ),
    Endpoint(
        method="POST",
        path=f"{VIEWING}/sessions/{{id}}/events",
        handler=tell_session,
        summary="Tell what a player does: start, heartbeat, pause, buffer, stop or complete",
        access="account",
        request=SessionEvent,
        response=SessionView,
        errors=(
            InvalidInput,
            SessionNotFound,
            Conflict,
            ViewingFull,
            TooManyReports,
            Overloaded,
            Unavailable,
        ),
    ),
    Endpoint(
        method="DELETE",
        path=f"{VIEWING}/sessions/{{id}}",
        handler=end_session,
        summary="A player closes its video",
        access="account",
        status=204,
        errors=(SessionNotFound, Unavailable),
    ),
)
