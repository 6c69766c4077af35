"""Sessions, lists, marks and shows on the wire, and what other services ask of viewing state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from libs.common.clock import epoch_ms
from libs.common.contracts.removals import Removal
from libs.common.contracts.viewing import (
    INTERNAL,
    VIEWING,
    BegunVideo,
    Flags,
    FlagsQuery,
    MarkView,
    NewMark,
    NewSession,
    SessionEvent,
    SessionView,
    ShowProgress,
    ViewingEvents,
    ViewingEventsDone,
    ViewingList,
    ViewingPage,
)
from libs.common.errors import Conflict, InvalidInput, Overloaded, PayloadTooLarge, Unavailable
from libs.common.web import (
    CLOCK,
    Endpoint,
    deadline_of,
    identity_of,
    json_response,
    read_json,
    read_query,
)
from services.streaming import keys
from services.streaming.errors import (
    EpisodesUnknown,
    MarkNotFound,
    SessionNotFound,
    TitleNotFound,
    TooManyReports,
    ViewingFull,
)
from services.streaming.routes.asking import id_of, owner_of
from services.streaming.routes.progress import changed
from services.streaming.viewing_schemas import (
    EventsQuery,
    MarkQuery,
    PageQuery,
    mark_view,
    page_view,
    session_view,
    show_view,
)

FLAGS_BYTES = 512 * 1024
SHOW_S = 4.0
"""For a list of episodes that isn't kept: afterwards the page is shown without."""


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


def _list_of(which: ViewingList) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def show_list(request: web.Request) -> web.StreamResponse:
        query = read_query(request, PageQuery)
        entries, next_cursor = await request.app[keys.VIEWING].lists.page(
            owner_of(request), identity_of(request), which, limit=query.limit, cursor=query.cursor
        )
        return json_response(page_view(which, entries, next_cursor, now_ms=epoch_ms(request.app[CLOCK])))

    return show_list


async def mark_watched(request: web.Request) -> web.Response:
    """A film, an episode, or with the id of a show all of it that has aired, with a season that season."""
    new = await read_json(request, NewMark)
    return await _mark(request, new, watched=True)


async def mark_unwatched(request: web.Request) -> web.Response:
    query = read_query(request, MarkQuery)
    new = NewMark(type=query.type, title_id=query.title_id, season=query.season)
    return await _mark(request, new, watched=False)


async def _mark(request: web.Request, new: NewMark, *, watched: bool) -> web.Response:
    mark, count = await request.app[keys.VIEWING].marks.mark(
        owner_of(request),
        identity_of(request),
        id_of(request),
        new,
        watched=watched,
        deadline=deadline_of(request).sooner(SHOW_S),
    )
    return json_response(mark_view(mark, count, watched=watched), headers=changed(shows=count > 0))


async def undo_mark(request: web.Request) -> web.Response:
    """Everything is as it was before the mark, but for what was played since."""
    await request.app[keys.VIEWING].marks.undo(owner_of(request), id_of(request))
    return _done()


async def put_on_watchlist(request: web.Request) -> web.Response:
    new = await read_json(request, NewMark)
    await request.app[keys.VIEWING].marks.put_on_watchlist(
        owner_of(request), identity_of(request), id_of(request), new
    )
    return _done()


async def take_off_watchlist(request: web.Request) -> web.Response:
    await request.app[keys.VIEWING].marks.take_off_watchlist(owner_of(request), id_of(request))
    return _done()


async def dismiss(request: web.Request) -> web.Response:
    """Out of what to continue, until it is played again."""
    marks = request.app[keys.VIEWING].marks
    await marks.dismiss(owner_of(request), id_of(request), dismissed=True)
    return _done()


async def bring_back(request: web.Request) -> web.Response:
    marks = request.app[keys.VIEWING].marks
    await marks.dismiss(owner_of(request), id_of(request), dismissed=False)
    return _done()


async def show_show(request: web.Request) -> web.Response:
    """How far the profile is in a show: what has aired, what it has seen, what comes next."""
    title_id = id_of(request)
    show = await request.app[keys.VIEWING].shows.watched_by_any_id(
        owner_of(request), identity_of(request), title_id, deadline=deadline_of(request).sooner(SHOW_S)
    )
    return json_response(show_view(title_id, show, now_ms=epoch_ms(request.app[CLOCK])))


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


def _done() -> web.Response:
    return web.Response(status=204, headers=changed(shows=True))


def _lists() -> tuple[Endpoint, ...]:
    summaries: dict[ViewingList, str] = {
        "continue": "What to go on with, the next episode of what was finished among it",
        "watched": "What was watched, the last first",
        "watchlist": "What is to be watched, the newest first",
    }
    return tuple(
        Endpoint(
            method="GET",
            path=f"{VIEWING}/{which}",
            handler=_list_of(which),
            summary=summary,
            access="account",
            query=PageQuery,
            response=ViewingPage,
            errors=(InvalidInput, Unavailable),
        )
        for which, summary in summaries.items()
    )


def _change(
    method: str,
    path: str,
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    summary: str,
    *,
    request: type | None = None,
    query: type | None = None,
    response: type | None = None,
    errors: tuple[
        type[InvalidInput | MarkNotFound | TitleNotFound | EpisodesUnknown | ViewingFull], ...
    ] = (),
) -> Endpoint:
    return Endpoint(
        method=method,
        path=VIEWING + path,
        handler=handler,
        summary=summary,
        access="account",
        request=request,
        query=query,
        response=response,
        status=200 if response is not None else 204,
        errors=(*errors, Unavailable),
    )


_SESSIONS = (
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
_CHANGES = (
    _change(
        "PUT",
        "/watched/{id}",
        mark_watched,
        "Mark a film, an episode, a season or a show as watched",
        request=NewMark,
        response=MarkView,
        errors=(InvalidInput, EpisodesUnknown, ViewingFull),
    ),
    _change(
        "DELETE",
        "/watched/{id}",
        mark_unwatched,
        "Mark it as not watched",
        query=MarkQuery,
        response=MarkView,
        errors=(InvalidInput, EpisodesUnknown, ViewingFull),
    ),
    _change("DELETE", "/marks/{id}", undo_mark, "Undo a mark", errors=(MarkNotFound,)),
    _change(
        "PUT",
        "/watchlist/{id}",
        put_on_watchlist,
        "Put a title on the watchlist",
        request=NewMark,
        errors=(InvalidInput, ViewingFull),
    ),
    _change("DELETE", "/watchlist/{id}", take_off_watchlist, "Take a title off the watchlist"),
    _change(
        "DELETE",
        "/continue/{id}",
        dismiss,
        "Take a title out of what to continue until it is played again",
        errors=(TitleNotFound,),
    ),
    _change(
        "PUT", "/continue/{id}", bring_back, "Bring a title back that was taken out", errors=(TitleNotFound,)
    ),
)
_INTERNAL = (
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
ENDPOINTS = (
    *_SESSIONS,
    *_lists(),
    *_CHANGES,
    Endpoint(
        method="GET",
        path=f"{VIEWING}/shows/{{id}}",
        handler=show_show,
        summary="How far the profile is in a show",
        access="account",
        response=ShowProgress,
        errors=(Unavailable,),
    ),
    *_INTERNAL,
)
