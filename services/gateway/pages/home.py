"""Home and the pages of one type: rows of posters in the owner's order."""

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

from aiohttp import web

from libs.common.contracts.rows import OWN_ROWS, RowView
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import CATALOG
from services.gateway.pages.library.strip import Strip, library_strip
from services.gateway.pages.model import Card, Row
from services.gateway.pages.render import render_page
from services.gateway.pages.rows import board, fetch_rows
from services.gateway.pages.viewing.buttons import undo_of
from services.gateway.pages.viewing.entries import Strips, strips
from services.gateway.pages.viewing.seen import seen_rows

TYPE_WORDS = {
    "movie": "Films",
    "series": "Series",
    "channel": "Channels",
    "tv": "Television",
    "anime": "Anime",
}


async def show_home(request: web.Request, identity: Identity) -> web.Response:
    return await _board_page(request, identity, "")


async def show_type(request: web.Request, identity: Identity) -> web.Response:
    return await _board_page(request, identity, request.match_info["type"])


def type_word(type_: str) -> str:
    return TYPE_WORDS.get(type_, type_.replace("_", " ").capitalize())


async def _board_page(request: web.Request, identity: Identity, type_: str) -> web.Response:
    catalog, deadline = request.app[CATALOG], deadline_of(request)
    listed = (await catalog.rows(identity, deadline=deadline)).items
    rows, library, viewing = await asyncio.gather(
        _rows(request, identity, _board(listed, type_)),
        _library(request, identity, type_),
        _viewing(request, identity, type_),
    )
    context = {
        "rows": [row for row in rows if row.status != "empty"],
        "empty_rows": [row for row in rows if row.status == "empty"],
        "spotlight": _spotlight(rows, deadline.clock.now().toordinal()) if not type_ else None,
        "types": _types(listed),
        "library": library,
        "viewing": viewing,
        "undo": undo_of(request),
        "type": type_,
        "heading": type_word(type_) if type_ else "Home",
    }
    return render_page(request, "home.html", context)


def _board(listed: Sequence[RowView], type_: str) -> list[RowView]:
    """What is gone on with and the watchlist stand above all rows of home already."""
    rows = board(listed, type_)
    return rows if type_ else [row for row in rows if not row.id.endswith(OWN_ROWS)]


async def _rows(request: web.Request, identity: Identity, listed: Sequence[RowView]) -> list[Row]:
    rows = await fetch_rows(request.app[CATALOG], identity, listed, deadline=deadline_of(request))
    return await seen_rows(request, identity, rows)


async def _viewing(request: web.Request, identity: Identity, type_: str) -> Strips | None:
    return None if type_ else await strips(request, identity)


async def _library(request: web.Request, identity: Identity, type_: str) -> Strip | None:
    return None if type_ else await library_strip(request, identity)


def _spotlight(rows: Sequence[Row], day: int) -> Card | None:
    """Another title each day, of those that have something to say for themselves."""
    telling = [card for row in rows for card in row.cards if card.description]
    return telling[day % len(telling)] if telling else None


def _types(rows: Sequence[RowView]) -> list[tuple[str, str, str]]:
    found = dict.fromkeys(row.type for row in board(rows))
    return [(type_, type_word(type_), f"/browse/{quote(type_, safe='')}") for type_ in found]
