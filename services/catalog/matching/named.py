"""The names that titles of IMDb are looked up by, made from its data sets after each import."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from libs.common.clock import Clock
from services.catalog.identity.names import names_of
from services.catalog.store.imdb_names import THROUGH, ImdbNameStore, Named, Titled

RULES: Final = 1
"""Raised when `names_of` makes other keys: then all are made anew."""

STEP_TITLES: Final = 1000
PAUSE_S: Final = 0.05
"""Between two steps, which take about as long: readers come first."""

WHOLE: Final = 0.05
"""Of a form's loss: with more it is a part of the name, which the panel's side has as well."""
OTHER_NAME: Final = 0.01


class TitleNames:
    """Brings the table of names up to the last import; any number of processes may."""

    def __init__(self, store: ImdbNameStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def bring_up(self) -> None:
        """Returns when every name is made."""
        while await self.step():
            await self._clock.sleep(PAUSE_S)

    async def step(self, *, titles: int = STEP_TITLES) -> bool:
        """Make the names of some titles; False when there is nothing to do."""
        imported_at, made = await self._store.imported_at(), await self._store.made()
        if not imported_at:
            return False
        if (made.rules, made.imported_at) != (RULES, imported_at):
            await self._store.begin(rules=RULES, imported_at=imported_at)
            made = replace(made, rules=RULES, imported_at=imported_at, through=0)
        if made.through >= THROUGH:
            return False
        found = await self._store.titles(after=made.through, limit=titles)
        through = found[-1].id if len(found) == titles else THROUGH
        held = await self._store.between(made.through, through)
        wanted = await asyncio.to_thread(named, found)
        await self._store.put(made, through=through, gone=held - wanted, new=wanted - held)
        return True


def named(titles: Iterable[Titled]) -> set[Named]:
    """Each key of a title once, with the least that it leaves out."""
    found = set[Named]()
    for title in titles:
        best: dict[str, Named] = {}
        for written, loss in ((title.name, 0.0), (title.original_name, OTHER_NAME)):
            for name in names_of(written, year=title.year, loss=loss) if written else ():
                held = best.get(name.key)
                hundredths = round(name.loss * 100)
                if name.loss <= WHOLE and (held is None or hundredths < held.loss):
                    best[name.key] = Named(
                        title.kind, name.key, title.id, name.article, hundredths, title.year
                    )
        found.update(best.values())
    return found
