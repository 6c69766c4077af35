"""What the library lists, as cards and lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import quote

from aiohttp import web

from libs.common.contracts.library import ItemKind, ItemView, NowNext
from libs.common.identity import Identity
from services.gateway.pages.draw import Art, Shape, poster_art, tone_of
from services.gateway.pages.library.words import item_facts
from services.gateway.pages.model import Seen
from services.gateway.pages.viewing.seen import seen_ids

HERE: Final = "/library"
MAX_PICTURE_CHARS: Final = 2000
NAMELESS: Final = "Without a name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An item in a grid or a list. `share` is how much of what is on now is over, in percent."""

    id: str
    kind: ItemKind
    href: str
    name: str
    listed_as: str
    category: str
    facts: str
    picture: str | None
    shape: Shape
    art: Art
    tone: int
    is_favourite: bool
    number: int | None
    has_catch_up: bool
    now: NowNext | None
    next: NowNext | None
    share: int
    imdb_id: str = ""
    seen: Seen | None = None


def item_href(kind: ItemKind, item_id: str) -> str:
    return f"{HERE}/{kind}/{quote(item_id, safe=':')}"


def card_of(item: ItemView, now: datetime) -> Card:
    name = item.title or item.listed_as or NAMELESS
    return Card(
        id=item.id,
        kind=item.kind,
        href=item_href(item.kind, item.id),
        name=name,
        listed_as=item.listed_as if item.listed_as != name else "",
        category=item.category,
        facts=item_facts(item),
        picture=picture_of(item.picture),
        shape="poster",
        art=poster_art(name, str(item.year or "")),
        tone=tone_of(name),
        is_favourite=item.is_favourite,
        number=item.number,
        has_catch_up=item.archive_days > 0,
        now=item.now,
        next=item.next,
        share=_share(item.now, now),
        imdb_id=item.imdb_id or "",
    )


def cards_of(items: Iterable[ItemView], now: datetime) -> list[Card]:
    """Where several are called the same, each says how its provider lists it."""
    cards = [card_of(item, now) for item in items]
    times = Counter((card.kind, card.name, card.facts) for card in cards)
    return [
        replace(card, facts=card.listed_as or card.facts)
        if times[card.kind, card.name, card.facts] > 1
        else card
        for card in cards
    ]


async def with_seen(request: web.Request, identity: Identity, cards: Sequence[Card]) -> list[Card]:
    """How far each was watched, as what its account has or as the title that it is."""
    watchable = [card for card in cards if card.kind != "channels"]
    ids = (id_ for card in watchable for id_ in (card.id, card.imdb_id))
    seen = await seen_ids(request, identity, ids)
    return [replace(card, seen=seen.get(card.id) or seen.get(card.imdb_id)) for card in cards]


def picture_of(address: str) -> str | None:
    """Only what a page may load: panels have paths of their own disks among their pictures."""
    if address[:8].lower().startswith(("https://", "http://")) and len(address) <= MAX_PICTURE_CHARS:
        return address
    return None


def _share(on_now: NowNext | None, now: datetime) -> int:
    if on_now is None or on_now.stop <= on_now.start:
        return 0
    part = (now - on_now.start) / (on_now.stop - on_now.start)
    return round(100 * min(1.0, max(0.0, part)))
