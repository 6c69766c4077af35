"""Search over the library."""

from __future__ import annotations

from collections.abc import Sequence

from libs.common.contracts.library import FindQuery, Found, ItemKind, ItemView
from services.catalog.library.browse import Browse
from services.catalog.model import Owner


class Find:
    """Finds items by their names, as people type them."""

    def __init__(self, browse: Browse) -> None:
        self._browse = browse

    async def items(
        self, owner: Owner, text: str, kinds: Sequence[ItemKind], limit: int, *, hidden: bool = True
    ) -> tuple[ItemView, ...]:
        """Best first. `hidden` false leaves out what the profile hides, as players want it."""
        return ()

    async def found(self, owner: Owner, query: FindQuery) -> Found:
        """Items, and programmes that are on now or later."""
        return Found(items=())
