"""What a profile goes on with and means to see, as an addon of its list whose address says whose it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, TypeAlias

import msgspec

from libs.addons.addon import CONTINUE, VIEWING, WATCHLIST
from libs.common.contracts.viewing import ViewingItem, ViewingList
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.http import Unreachable, UpstreamStatus
from libs.common.identity import Identity
from libs.protocols.stremio.answers import AddonAnswer, CacheBounds, parse_answer
from libs.protocols.stremio.manifest import Catalog, Manifest, Resource, parse_manifest, render_manifest
from libs.protocols.stremio.paths import ResourcePath
from services.catalog.sources.library import owner_at

PAGE: Final = 100
MOST_PAGES: Final = 3
"""Nobody scrolls further through what is to be gone on with."""
NEVER_KEPT: Final = {"Cache-Control": "no-store"}
"""It is right on every player when it is asked each time."""

_TYPES: Final = ("movie", "series")
_LISTS: Final[dict[str, tuple[ViewingList, str]]] = {
    CONTINUE: ("continue", "Continue watching"),
    WATCHLIST: ("watchlist", "Watchlist"),
}
_MANIFEST: Final = Manifest(
    id="headgate.viewing",
    name="What you watch",
    version="1.0.0",
    description="What you go on with, and what you mean to see.",
    types=_TYPES,
    resources=(Resource("catalog", _TYPES),),
    catalogs=tuple(Catalog(type_, id_, name) for id_, (_, name) in _LISTS.items() for type_ in _TYPES),
)

Preview: TypeAlias = dict[str, str]


class ViewingSource:
    """Asks for the owner whose address it is. Series are all that is no film."""

    def __init__(self, viewing: ViewingClient) -> None:
        self._viewing = viewing

    async def manifest(
        self, transport_url: str, *, deadline: Deadline
    ) -> tuple[Manifest, bytes, CacheBounds]:
        body = render_manifest(_MANIFEST)
        return parse_manifest(body), body, CacheBounds()

    async def resource(self, transport_url: str, path: ResourcePath, *, deadline: Deadline) -> AddonAnswer:
        if path.resource != "catalog" or path.id not in _LISTS or path.type not in _TYPES:
            raise UpstreamStatus(404, host="What is watched")
        owner = owner_at(transport_url, begins=VIEWING)
        identity = Identity(owner.account_id, owner.profile_id)
        which, _ = _LISTS[path.id]
        try:
            items = [item async for item in self._items(identity, which, deadline)]
        except HeadgateError as error:
            raise Unreachable(str(error)) from error
        wanted = (item for item in items if (item.type == "movie") == (path.type == "movie") and item.is_told)
        body = msgspec.json.encode({"metas": [_preview(item, which) for item in wanted]})
        return parse_answer(path.resource, body, NEVER_KEPT)

    async def _items(
        self, identity: Identity, which: ViewingList, deadline: Deadline
    ) -> AsyncIterator[ViewingItem]:
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await self._viewing.page(identity, which, deadline=deadline, limit=PAGE, cursor=cursor)
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return


def _preview(item: ViewingItem, which: ViewingList) -> Preview:
    made = {"id": item.title_id, "type": item.type, "name": item.name or item.title_id}
    if item.poster:
        made["poster"] = item.poster
    if which == "continue" and (told := _place(item)):
        made["description"] = told
    return made


def _place(item: ViewingItem) -> str:
    """Which episode, and how long it goes on: what a poster alone doesn't say."""
    episode = "" if item.season is None else f"S{item.season} E{item.episode}"
    left_min = round((item.duration_s - item.position_s) / 60) if item.reason == "resume" else 0
    return " · ".join(part for part in (episode, f"{left_min} min left" if left_min > 0 else "") if part)
