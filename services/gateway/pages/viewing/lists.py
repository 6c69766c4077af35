"""The lists in full: what to continue, the watchlist, what was watched."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from libs.common.contracts.viewing import ViewingList
from libs.common.errors import NotFound
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import VIEWING
from services.gateway.pages.pager import pager
from services.gateway.pages.render import render_page
from services.gateway.pages.viewing.buttons import undo_of
from services.gateway.pages.viewing.entries import cards_of

HERE: Final = "/viewing"
PAGE: Final = 48
LISTS: Final[dict[str, tuple[ViewingList, str, str]]] = {
    "continue": (
        "continue",
        "Continue watching",
        "What you begin to watch stands here until it is over, and the next episode after that.",
    ),
    "watchlist": (
        "watchlist",
        "Watchlist",
        "Put a film or a series on it with the button on its page.",
    ),
    "watched": ("watched", "Watched", "What you watch to its end stands here, and what you mark."),
}
TABS: Final = [(f"{HERE}/{name}", words) for name, (_, words, _) in LISTS.items()]


async def show_list(request: web.Request, identity: Identity) -> web.Response:
    found = LISTS.get(request.match_info["list"])
    if found is None:
        raise NotFound("There is no such list.")
    which, heading, empty = found
    cursor = request.query.get("cursor")
    page = await request.app[VIEWING].page(
        identity, which, deadline=deadline_of(request), limit=PAGE, cursor=cursor
    )
    context = {
        "tabs_of": TABS,
        "which": which,
        "heading": heading,
        "empty": empty,
        "cards": await cards_of(request, identity, page.items),
        "undo": undo_of(request),
        **pager(f"{HERE}/{which}", cursor, page.next_cursor),
    }
    return render_page(request, "viewing/list.html", context)
