"""The library's addon: a question in, the bytes of an answer out, in Stremio's own shapes."""

from __future__ import annotations

from typing import Final

import msgspec

from libs.common.contracts.library import ItemKind, ItemQuery
from libs.common.deadline import Deadline
from libs.protocols.stremio.manifest import render_manifest
from libs.protocols.stremio.paths import ResourcePath
from services.catalog.errors import ItemNotFound
from services.catalog.library.as_addon.manifest import manifest_of
from services.catalog.library.as_addon.rows import Rows
from services.catalog.library.as_addon.shapes import JsonObject, channel_meta, movie_meta, series_meta
from services.catalog.library.as_addon.streams import Streams
from services.catalog.library.browse import Browse
from services.catalog.library.single import Single
from services.catalog.model import Owner

FRESH_S: Final = 60
"""So soon a sync shows."""
EMPTY_S: Final = 5
"""Of a row: one that is looked at before the first sync is over must not stay empty for long."""
ERROR_S: Final = 3600


class LibraryAddon:
    """Answers what a Stremio addon answers, each owner from their own."""

    def __init__(self, browse: Browse, single: Single, rows: Rows, streams: Streams) -> None:
        self._browse = browse
        self._single = single
        self._rows = rows
        self._streams = streams

    async def manifest(self, owner: Owner) -> bytes:
        categories = await self._browse.categories(owner, hidden=False)
        providers = await self._browse.providers(owner)
        has_guide = any(provider.guide_synced_at is not None for provider in providers)
        kinds = await self._kinds(owner)
        return render_manifest(manifest_of(categories, kinds=kinds, has_guide=has_guide))

    async def _kinds(self, owner: Owner) -> frozenset[ItemKind]:
        """What the owner has any of; everything while nothing has come yet."""
        kinds: tuple[ItemKind, ...] = ("channels", "movies", "series")
        one = ItemQuery(limit=1)
        pages = {kind: await self._browse.page(owner, kind, one, hidden=False) for kind in kinds}
        return frozenset(kind for kind, page in pages.items() if page.items) or frozenset(kinds)

    async def answer(self, owner: Owner, path: ResourcePath, *, deadline: Deadline) -> bytes | None:
        """The body of the answer, or None where an addon would answer 404."""
        content = await self._content(owner, path, deadline)
        if content is None:
            return None
        fresh_s = EMPTY_S if path.resource == "catalog" and not any(content.values()) else FRESH_S
        lives = {"cacheMaxAge": fresh_s, "staleRevalidate": 0, "staleError": ERROR_S}
        return msgspec.json.encode(content | lives)

    async def _content(self, owner: Owner, path: ResourcePath, deadline: Deadline) -> JsonObject | None:
        match path.resource:
            case "catalog":
                return await self._rows.page(owner, path.type, path.id, path.extra)
            case "meta":
                return await self._meta(owner, path.type, path.id, deadline)
            case "stream":
                return {"streams": await self._streams.of(owner, path.type, path.id, deadline=deadline)}
        return None

    async def _meta(self, owner: Owner, type_: str, id_: str, deadline: Deadline) -> JsonObject | None:
        single = self._single
        try:
            match type_:
                case "movie":
                    return {"meta": movie_meta(await single.movie(owner, id_, deadline=deadline))}
                case "series":
                    return {"meta": series_meta(await single.series(owner, id_, deadline=deadline))}
                case "tv":
                    return {"meta": channel_meta(await single.channel(owner, id_))}
        except ItemNotFound:
            return None
        return None
