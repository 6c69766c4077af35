"""How much of each title on a page was watched: one question for all its cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from aiohttp import web

from libs.common.contracts.viewing import MAX_FLAGS, TitleFlags
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import VIEWING
from services.gateway.pages.model import Card, Row, Seen
from services.gateway.pages.parts import lacks_part

FLAGS_WAIT_S: Final = 0.4
"""Marks are not worth more of anybody's time; cards come without them."""


async def seen_lists(
    request: web.Request, identity: Identity, lists: Sequence[Sequence[Card]]
) -> list[tuple[Card, ...]]:
    flags = await _flags(request, identity, (card.title_id for card in chain.from_iterable(lists)))
    return [tuple(_marked(card, flags) for card in cards) for cards in lists]


async def seen_rows(request: web.Request, identity: Identity, rows: Sequence[Row]) -> list[Row]:
    seen = await seen_lists(request, identity, [row.cards for row in rows])
    return [replace(row, cards=cards) for row, cards in zip(rows, seen, strict=True)]


async def seen_ids(request: web.Request, identity: Identity, ids: Iterable[str]) -> dict[str, Seen]:
    """Of those that were begun."""
    flags = await _flags(request, identity, ids)
    return {id_: seen for id_, each in flags.items() if (seen := seen_of(each)) is not None}


def seen_of(flags: TitleFlags) -> Seen | None:
    """Of a show that was begun, how many of its episodes; of anything else, how far it was watched."""
    if flags.watched:
        return Seen(1.0, watched=True)
    share = flags.completed / flags.aired if flags.completed and flags.aired else flags.progress
    return None if share is None else Seen(min(1.0, share), watched=False)


async def _flags(request: web.Request, identity: Identity, wanted: Iterable[str]) -> dict[str, TitleFlags]:
    ids = list(dict.fromkeys(id_ for id_ in wanted if id_))[:MAX_FLAGS]
    if not ids:
        return {}
    deadline = deadline_of(request).sooner(FLAGS_WAIT_S)
    try:
        return await request.app[VIEWING].flags(identity, ids, deadline=deadline)
    except HeadgateError:
        lacks_part()
        return {}


def _marked(card: Card, flags: dict[str, TitleFlags]) -> Card:
    found = flags.get(card.title_id)
    return card if found is None else replace(card, seen=seen_of(found))
