"""Posters and names for titles that only a connected account told of: it has neither, addons have both."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final, Protocol

import msgspec

from libs.addons.addon import VIEWING
from libs.addons.items import Item
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from services.catalog.aggregate import RowPage, Title
from services.catalog.listing import Listing
from services.catalog.rated.metas import Members, read_members
from services.catalog.rows.row import AnyRow

WAIT_S: Final = 0.6
"""As the hub's own pages: no poster is worth a late row, and what comes later is at hand the next time."""
MOST: Final = 20
"""Titles asked for in one row: as many as anybody sees before they scroll."""


class Titles(Protocol):
    """Whoever asks addons for a title."""

    async def title(
        self, listing: Listing, type_: str, id_: str, *, texts: bool, deadline: Deadline
    ) -> Title: ...


def is_own(row: AnyRow) -> bool:
    """Whether the hub says itself what stands in the row, or in a part of it."""
    return any(member.addon.transport_url.startswith(VIEWING) for member in row.members)


async def pictured(page: RowPage, titles: Titles, listing: Listing, *, deadline: Deadline) -> RowPage:
    """The page with what its first titles lack. Whatever goes wrong, they stay as they are."""
    bare = [place for place, item in enumerate(page.items) if "poster" not in read_members(item.raw)]
    soon = deadline.sooner(WAIT_S)
    made = await asyncio.gather(*(_whole(page.items[place], titles, listing, soon) for place in bare[:MOST]))
    items = list(page.items)
    for place, item in zip(bare, made, strict=False):
        items[place] = item
    return replace(page, items=tuple(items))


async def _whole(item: Item, titles: Titles, listing: Listing, deadline: Deadline) -> Item:
    members, (type_, id_) = read_members(item.raw), item.identity
    try:
        title = await titles.title(listing, type_, id_, texts=False, deadline=deadline)
    except HeadgateError:
        return item
    known = read_members(title.meta)
    wanted = ("poster", "posterShape", *(("name",) if _is_nameless(members, id_) else ()))
    found = {name: known[name] for name in wanted if name in known}
    return Item(item.identity, msgspec.json.encode({**members, **found})) if found else item


def _is_nameless(members: Members, id_: str) -> bool:
    return "name" not in members or msgspec.json.decode(members["name"]) == id_
