"""TMDB's numbers of titles, and titles by words, as catalog knows them by the key of whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, urlencode

from libs.common.contracts.client import ServiceClient
from libs.common.contracts.tmdb import TmdbFound, TmdbFoundPage, TmdbTitle
from libs.common.deadline import Deadline
from libs.common.errors import Conflict, NotFound
from libs.common.identity import Identity

PREFIX: Final = "tmdb:"


class TmdbIds:
    def __init__(self, catalog: ServiceClient) -> None:
        self._catalog = catalog

    async def number(
        self, identity: Identity, type_: str, title_id: str, *, deadline: Deadline
    ) -> int | None:
        """None where there is no such title, or no key to ask with. Raises HeadgateError otherwise."""
        if not title_id.startswith(PREFIX):
            path = f"/api/v1/tmdb/titles/{quote(type_, safe='')}/{quote(title_id, safe='')}"
            try:
                found = await self._catalog.call(
                    "GET", path, identity=identity, deadline=deadline, into=TmdbTitle
                )
            except (NotFound, Conflict):
                return None
            title_id = found.ids.tmdb
        number = title_id.removeprefix(PREFIX)
        return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else None

    async def search(self, identity: Identity, words: str, *, deadline: Deadline) -> Sequence[TmdbFound]:
        """Raises HeadgateError, Conflict where there is no key to ask with."""
        query = urlencode({"q": words})
        page = await self._catalog.call(
            "GET",
            f"/api/v1/tmdb/search?{query}",
            identity=identity,
            deadline=deadline,
            into=TmdbFoundPage,
        )
        return page.items
