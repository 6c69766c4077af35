"""Search of the library: a page, and what it finds as a fragment while somebody types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from libs.common.contracts.library import FindQuery, Found, ItemKind
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import LIBRARY
from services.gateway.pages.library.cards import Card, card_of, cards_of, with_seen
from services.gateway.pages.library.words import KIND_WORDS
from services.gateway.pages.render import render_page

HERE: Final = "/library/search"
MAX_CHARS: Final = 200
FOUND: Final = 60


async def show_search(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity, "library/search.html")


async def send_found(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity, "library/found_fragment.html")


async def _page(request: web.Request, identity: Identity, template: str) -> web.Response:
    text = request.query.get("q", "").strip()[:MAX_CHARS]
    found = Found(items=())
    if text:
        found = await request.app[LIBRARY].search(
            identity, FindQuery(q=text, limit=FOUND), deadline=deadline_of(request)
        )
    now = deadline_of(request).clock.now()
    cards = await with_seen(request, identity, cards_of(found.items, now))
    groups = _groups(found, cards)
    on = [(card_of(each.channel, now), each.programme) for each in found.programmes]
    back = f"{HERE}?{urlencode({'q': text})}" if text else HERE
    return render_page(request, template, {"q": text, "groups": groups, "programmes": on, "back": back})


def _groups(found: Found, cards: Sequence[Card]) -> list[tuple[ItemKind, str, list[Card]]]:
    """By kind; the kind of the best find comes first."""
    groups: dict[ItemKind, list[Card]] = {}
    for item, card in zip(found.items, cards, strict=True):
        groups.setdefault(item.kind, []).append(card)
    return [(kind, KIND_WORDS[kind], listed) for kind, listed in groups.items()]
