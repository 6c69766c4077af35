"""What is noted of a run's changes: of each kind and sort the first two hundred."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.catalog.store.library.changes import Change, ChangeStore

MOST: Final = 200


class Noted:
    """Counts what a run has noted already."""

    def __init__(self, noted: dict[tuple[int, str], int], place: int) -> None:
        self._noted = noted
        self._place = place

    @classmethod
    async def of(cls, store: ChangeStore, number: int, run_number: int) -> Noted:
        return cls(*await store.noted(number, run_number))

    def first(self, changes: Iterable[Change]) -> tuple[list[Change], int]:
        """Those that are still noted, and the place of the first of them."""
        taken = list[Change]()
        for change in changes:
            key = change.kind, change.what
            noted = self._noted.get(key, 0)
            if noted < MOST:
                self._noted[key] = noted + 1
                taken.append(change)
        self._place += len(taken)
        return taken, self._place - len(taken)
