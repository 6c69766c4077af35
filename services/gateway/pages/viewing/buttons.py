"""Marks, the watchlist and what to continue, changed from pages: at once, and with a way back instead of a
question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from libs.common.contracts.viewing import NewMark
from libs.common.errors import InvalidInput
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import VIEWING
from services.gateway.pages.read import title_href
from services.gateway.pages.render import go
from services.gateway.pages.session import Form, read_form, safe_path

UNDO: Final = "undo"
"""The member of a page's address that says what its message can undo."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What the button beside a message sends."""

    what: str
    id: str
    back: str


def undo_of(request: web.Request) -> Undo | None:
    """What the page's message is about, if it can be undone."""
    what, colon, id_ = request.query.get(UNDO, "").partition(":")
    if not colon or not id_ or what not in ("mark", "list", "unlist", "continue"):
        return None
    query = [(name, value) for name, value in request.query.items() if name not in (UNDO, "said")]
    return Undo(what, id_, f"{request.path}?{urlencode(query)}" if query else request.path)


async def send_title(request: web.Request, identity: Identity) -> web.Response:
    """One button of a title's page: the watchlist, or a mark of the title, a season or an episode."""
    form = await read_form(request)
    type_, title_id = request.match_info["type"], request.match_info["id"]
    back = safe_path(form.get("back") or title_href(type_, title_id))
    named = NewMark(type=type_, name=form.get("name") or None, poster=form.get("poster") or None)
    if "list" in form or "unlist" in form:
        return await _list(request, identity, title_id, named, back, listed="list" in form)
    undo = await _mark(request, identity, form, named)
    return _done(back, "viewing_watched" if "watched" in form else "viewing_unwatched", undo)


async def send_list(request: web.Request, identity: Identity) -> web.Response:
    """One button of a list: out of what to continue, or off the watchlist."""
    form = await read_form(request)
    back = safe_path(form.get("back") or "/")
    viewing, deadline = request.app[VIEWING], deadline_of(request)
    if title_id := form.get("dismiss"):
        await viewing.dismiss(identity, title_id, deadline=deadline)
        return _done(back, "viewing_dismissed", f"continue:{title_id}")
    if title_id := form.get("unlist"):
        return await _list(request, identity, title_id, NewMark(), back, listed=False)
    raise InvalidInput("Say which title is meant.")


async def send_undo(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    viewing, deadline = request.app[VIEWING], deadline_of(request)
    id_ = form.get("id", "")
    match form.get("what") if id_ else None:
        case "mark":
            await viewing.undo_mark(identity, id_, deadline=deadline)
        case "continue":
            await viewing.bring_back(identity, id_, deadline=deadline)
        case "list":
            await viewing.take_off_watchlist(identity, id_, deadline=deadline)
        case "unlist":
            await viewing.put_on_watchlist(identity, id_, NewMark(), deadline=deadline)
        case _:
            raise InvalidInput("There is nothing to undo.")
    return go(safe_path(form.get("back", "/")), said="viewing_undone")


async def _list(
    request: web.Request, identity: Identity, title_id: str, named: NewMark, back: str, *, listed: bool
) -> web.Response:
    viewing, deadline = request.app[VIEWING], deadline_of(request)
    if listed:
        await viewing.put_on_watchlist(identity, title_id, named, deadline=deadline)
        return _done(back, "viewing_listed", f"list:{title_id}")
    await viewing.take_off_watchlist(identity, title_id, deadline=deadline)
    return _done(back, "viewing_unlisted", f"unlist:{title_id}")


async def _mark(request: web.Request, identity: Identity, form: Form, named: NewMark) -> str:
    """What undoes it. The button's name says what it does, its value of which part: an episode, "season 2",
    or all of it."""
    title_id, watched = request.match_info["id"], "watched" in form
    if not watched and "unwatched" not in form:
        raise InvalidInput("Say what is to be marked.")
    which = form["watched" if watched else "unwatched"]
    season = which.removeprefix("season ") if which.startswith("season ") else ""
    if season:
        which = ""
        if not season.isascii() or not season.isdigit() or len(season) > 6:
            raise InvalidInput("There is no such season.")
    mark = NewMark(
        type=named.type,
        title_id=title_id if which else None,
        season=int(season) if season else None,
        name=named.name,
        poster=named.poster,
    )
    made = await request.app[VIEWING].mark(
        identity, which or title_id, mark, watched=watched, deadline=deadline_of(request)
    )
    return f"mark:{made.id}"


def _done(back: str, said: str, undo: str) -> web.Response:
    path, question, query = back.partition("?")
    return go(f"{path}?{query}{'&' if question else ''}{urlencode({UNDO: undo})}", said=said)
