"""Every title once in a row that is made of several, however far somebody reads on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from libs.addons.items import Item
from services.catalog.identity.choices import Choices
from services.catalog.identity.entry import Key, read_entry
from services.catalog.identity.shown import Shown
from services.catalog.model import RowKey
from services.catalog.rows.row import Row
from services.catalog.titles import MANY, Place

Part = tuple[Row, Sequence[Item]]
"""What a row has in one band."""


class Once:
    """What was taken stays: nothing that comes later hides it or brings it back."""

    def __init__(self, choices: Choices) -> None:
        self._shown = Shown(choices)
        self._row_of: dict[Key, RowKey] = {}

    async def take(self, parts: Sequence[Part]) -> list[list[Place]]:
        """What is to be shown of each part. The first to have a title shows it.

        What one row lists side by side, say a film in two languages, it means as two.
        """
        if sum(len(items) for _, items in parts) < MANY:
            return self._take(parts)
        return await asyncio.to_thread(self._take, parts)

    def _take(self, parts: Sequence[Part]) -> list[list[Place]]:
        return [
            [place for item in items if (place := self._place(row, item)) is not None] for row, items in parts
        ]

    def _place(self, row: Row, item: Item) -> Place | None:
        entry = read_entry(item.raw)
        link = self._shown.take(entry)
        if link is not None and link.other == entry.key:
            return None
        its_row = row.key if link is None else self._row_of[link.other]
        self._row_of[entry.key] = its_row
        return Place(row, item, entry, True) if its_row == row.key else None
