"""Lists, marks and shows on the wire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from libs.common.clock import epoch_ms
from libs.common.contracts.viewing import VIEWING, MarkView, NewMark, ShowProgress, ViewingList, ViewingPage
from libs.common.errors import InvalidInput, Unavailable
from libs.common.web import CLOCK, Endpoint, deadline_of, identity_of, json_response, read_json, read_query
from services.streaming import keys
from services.streaming.errors import EpisodesUnknown, MarkNotFound, TitleNotFound, ViewingFull
from services.streaming.routes.asking import id_of, owner_of
from services.streaming.routes.progress import changed
from services.streaming.viewing_schemas import MarkQuery, PageQuery, mark_view, page_view, show_view

SHOW_S = 4.0
"""For a list of episodes that isn't kept: afterwards the page is shown without."""


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
ENDPOINTS = (
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
)
