"""Lists of what a profile goes on with, means to watch and has watched, as cards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from aiohttp import web

from libs.common.contracts.viewing import ViewingItem, ViewingList
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import CATALOG, VIEWING
from services.gateway.pages.draw import poster_art
from services.gateway.pages.model import Card, Seen
from services.gateway.pages.parts import lacks_part
from services.gateway.pages.read import MAX_NAME_CHARS, picture, read_facts, title_href, watch_href
from services.gateway.pages.viewing.words import left, part

LIST_WAIT_S: Final = 0.8
"""The lists of the home page are not worth more of anybody's time; the page says that they are missing."""
NAMES_WAIT_S: Final = 0.6
"""A player that reported no name leaves it to the addons."""
STRIP: Final = 10
"""Entries on the home page; the rest is behind "See all"."""


@dataclass(frozen=True, slots=True)
class Strip:
    """The beginning of a list. `href` leads to the whole of it where it has more."""

    cards: tuple[Card, ...] = ()
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Strips:
    """What stands first on the home page; `is_away` where nobody could say what that is."""

    continuing: Strip = Strip()
    watchlist: Strip = Strip()
    is_away: bool = False


async def strips(request: web.Request, identity: Identity) -> Strips:
    """Both lists, asked for together. Whatever goes wrong is a value."""
    try:
        continuing, watchlist = await asyncio.gather(
            _strip(request, identity, "continue"), _strip(request, identity, "watchlist")
        )
    except HeadgateError:
        lacks_part()
        return Strips(is_away=True)
    return Strips(continuing, watchlist)


async def cards_of(
    request: web.Request, identity: Identity, items: Sequence[ViewingItem]
) -> tuple[Card, ...]:
    named = await asyncio.gather(*(_named(request, identity, item) for item in items))
    return tuple(card_of(item) for item in named if item.is_told)


def card_of(item: ViewingItem) -> Card:
    """It leads to where the video goes on, and without one to its title."""
    name = (item.name or item.title_id)[:MAX_NAME_CHARS]
    goes_on = item.reason is not None and item.video_id is not None
    href = (
        watch_href(item.type, item.video_id, item.title_id)
        if goes_on and item.video_id is not None
        else title_href(item.type, item.title_id)
    )
    return Card(
        href=href,
        name=name,
        facts=_facts(item),
        poster=picture(item.poster),
        shape="poster",
        art=poster_art(name),
        title_id=item.title_id,
        seen=_seen(item),
    )


def _seen(item: ViewingItem) -> Seen | None:
    """Of what was watched before and is gone on with, where that is."""
    watched = item.watched and item.reason != "resume"
    return Seen(item.share, watched=watched) if item.share > 0 or watched else None


def _facts(item: ViewingItem) -> str:
    which = part(item.season, item.episode)
    if item.reason == "next":
        return f"Next: {which}" if which else "Next"
    if item.reason == "begun":
        return " · ".join(words for words in (which, "Perhaps begun in Stremio") if words)
    if item.reason == "resume":
        return " · ".join(words for words in (which, left(item.position_s, item.duration_s)) if words)
    return ""


async def _strip(request: web.Request, identity: Identity, which: ViewingList) -> Strip:
    deadline = deadline_of(request).sooner(LIST_WAIT_S)
    page = await request.app[VIEWING].page(identity, which, deadline=deadline, limit=STRIP)
    return Strip(await cards_of(request, identity, page.items), page.next_cursor is not None)


async def _named(request: web.Request, identity: Identity, item: ViewingItem) -> ViewingItem:
    """With the name and the poster that an addon has for it, where no player said them."""
    if item.name and item.poster:
        return item
    name, poster = await called(request, identity, item.type, item.title_id)
    return msgspec.structs.replace(item, name=item.name or name, poster=item.poster or poster)


async def called(
    request: web.Request, identity: Identity, type_: str, title_id: str
) -> tuple[str, str | None]:
    """The name and the poster that an addon has for a title; without a name where none says it soon."""
    deadline = deadline_of(request).sooner(NAMES_WAIT_S)
    try:
        page = await request.app[CATALOG].title(identity, type_, title_id, deadline=deadline)
    except HeadgateError:
        return "", None
    facts = read_facts(page.meta, type_, title_id)
    return (facts.name if facts.name != title_id else ""), facts.poster
