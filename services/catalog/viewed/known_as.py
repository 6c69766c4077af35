"""By which id of IMDb a title is known to viewing state, whatever system an addon's id is of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from libs.protocols.imdb.ids import title_id
from services.catalog.identity.ids import id_of
from services.catalog.store.title_ids import Numbered, TitleIdStore


class KnownAs:
    def __init__(self, store: TitleIdStore) -> None:
        self._store = store

    async def of(self, ids: Sequence[str]) -> dict[str, str]:
        """Of those whose title is sure. A number of TMDB says not whether it is a film: where both are known,
        neither is meant."""
        asked = {id_: Numbered(known[0], int(known[1])) for id_ in ids if (known := _numbered(id_))}
        if not asked:
            return {}
        found = defaultdict[Numbered, set[int]](set)
        for one, imdb in await self._store.known(sorted(set(asked.values()))):
            found[one].add(imdb)
        return {id_: title_id(*found[one]) for id_, one in asked.items() if len(found[one]) == 1}


def _numbered(id_: str) -> tuple[str, str] | None:
    known = id_of(id_)
    return None if known is None or known[0] == "imdb" else known
