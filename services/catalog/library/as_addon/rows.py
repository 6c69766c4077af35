"""Pages of the library's rows: everything, one category, what a search finds, and channels with their day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from libs.common.contracts.library import CategoryView, GuideQuery, ItemKind, ItemQuery, ItemView, Sort
from libs.protocols.stremio.paths import Extra
from services.catalog.library.as_addon.manifest import NEW, ROWS, options_of
from services.catalog.library.as_addon.shapes import JsonObject, channel_meta, preview
from services.catalog.library.browse import Browse
from services.catalog.library.find import Find
from services.catalog.library.single import Single
from services.catalog.model import Owner

PAGE: Final = 100
MOST_SKIPPED: Final = 1_000_000

_KINDS: Final[dict[tuple[str, str], tuple[ItemKind, Sort]]] = {
    **{(type_, id_): (kind, "title") for kind, type_, id_, _ in ROWS},
    **{(type_, id_): (kind, "-added") for kind, type_, id_, _ in NEW},
}


class Rows:
    """Answers for rows. What a profile hides is in none of them."""

    def __init__(self, browse: Browse, find: Find, single: Single) -> None:
        self._browse = browse
        self._find = find
        self._single = single

    async def page(self, owner: Owner, type_: str, id_: str, extra: Extra) -> JsonObject | None:
        """None for a row that there is not."""
        found = _KINDS.get((type_, id_))
        if found is None:
            return None
        kind, sort = found
        asked = dict(extra)
        views = await self._views(owner, kind, sort, asked)
        if "date" in asked and kind == "channels":
            return {"metasDetailed": await self._day(owner, views, asked["date"])}
        return {"metas": [preview(view) for view in views]}

    async def _views(
        self, owner: Owner, kind: ItemKind, sort: Sort, asked: dict[str, str]
    ) -> Sequence[ItemView]:
        skip = _number(asked.get("skip", "0"))
        if search := asked.get("search", "").strip():
            found = await self._find.items(owner, search, (kind,), PAGE, hidden=False)
            return found if not skip else ()
        if genre := asked.get("genre"):
            named = await self._browse.categories(owner, kind=kind, hidden=False)
            return await self._of_categories(owner, kind, options_of(named, kind).get(genre, ()), skip)
        page = await self._browse.page(owner, kind, ItemQuery(sort=sort, limit=PAGE), hidden=False, skip=skip)
        return page.items

    async def _of_categories(
        self, owner: Owner, kind: ItemKind, categories: Sequence[CategoryView], skip: int
    ) -> list[ItemView]:
        """One after the other: they are of different accounts."""
        views: list[ItemView] = []
        for category in categories:
            if len(views) == PAGE:
                break
            if skip < category.items:
                query = ItemQuery(category=category.id, limit=PAGE - len(views))
                page = await self._browse.page(owner, kind, query, hidden=False, skip=skip)
                views += page.items
            skip = max(0, skip - category.items)
        return views

    async def _day(self, owner: Owner, views: Sequence[ItemView], date: str) -> list[JsonObject]:
        """Channels with what is on them on that day, in UTC."""
        try:
            start = datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            return []
        channels = tuple(view.id for view in views)
        if not channels:
            return []
        query = GuideQuery(channels=channels, start=start, stop=start + timedelta(days=1))
        return [channel_meta(channel) for channel in (await self._single.guide(owner, query)).items]


def _number(text: str) -> int:
    return min(int(text[:9]), MOST_SKIPPED) if text.isascii() and text.isdecimal() else 0
