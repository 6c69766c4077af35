"""Which ratings are in answers: each import is another version of them."""

from __future__ import annotations

from libs.common.errors import Unavailable
from services.catalog.store.ratings import RatingStore

LOOK_S = 15.0
"""Within which an import is noticed by processes that did not make it."""


class RatingsVersion:
    """`before` is what `now` took the place of, while this process has been watching."""

    def __init__(self, store: RatingStore) -> None:
        self._store = store
        self.now = 0
        self.before: int | None = None

    async def start(self) -> None:
        self.now = await self._store.version()

    async def look(self) -> None:
        """Without the database nothing has changed: there it is said that it is away."""
        try:
            version = await self._store.version()
        except Unavailable:
            return
        if version != self.now:
            self.before, self.now = self.now, version
