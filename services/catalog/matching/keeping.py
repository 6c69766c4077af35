"""What is done about matches while nobody looks: after an import of IMDb, and of what was left open."""

from __future__ import annotations

from typing import Final

from libs.common.clock import Clock
from libs.common.errors import Unavailable
from services.catalog.library_model import Provider
from services.catalog.matching.named import TitleNames
from services.catalog.matching.run import STEP_ROWS, Matching
from services.catalog.store.imdb_names import THROUGH, ImdbNameStore
from services.catalog.store.library.matches import MatchStore
from services.catalog.store.library.providers import ProviderStore, RunLost

LOOK_S: Final = 15.0
PAUSE_S: Final = 0.05
"""Between two steps: whoever reads or syncs comes first."""
PROVIDERS: Final = 100
PAGE_IDS: Final = 20_000


class Keeping:
    """Any number of processes may: each writes only where the others have not."""

    def __init__(
        self,
        names: TitleNames,
        matching: Matching,
        *,
        made: ImdbNameStore,
        matches: MatchStore,
        providers: ProviderStore,
        clock: Clock,
    ) -> None:
        self._names = names
        self._matching = matching
        self._made = made
        self._matches = matches
        self._providers = providers
        self._clock = clock

    async def look(self) -> None:
        """Without the database there is nothing to keep: there it is said that it is away."""
        try:
            await self._names.bring_up()
            await self.again()
            await self.finish()
        except Unavailable:
            return

    async def again(self) -> None:
        """Match once more what has no title, or one that is gone, since other titles were imported."""
        made = await self._made.made()
        if made.through < THROUGH or made.matched_again >= THROUGH:
            return
        done = made.matched_again
        while providers := await self._providers.after(done, limit=PROVIDERS):
            for provider in providers:
                if not await self._again(provider):
                    return
                await self._made.matched_again(made, provider=(done := provider.number))
        await self._made.matched_again(made, provider=THROUGH)

    async def finish(self) -> None:
        """Match what was left open: by a sync that was cut off, by a decision taken back, by new details."""
        for number in await self._matches.providers_with_open():
            provider = await self._with_number(number)
            if provider is None:
                continue
            try:
                while (await self._matching.step(provider, provider.run)).left:
                    await self._clock.sleep(PAUSE_S)
            except RunLost:
                continue

    async def _again(self, provider: Provider) -> bool:
        after = 0
        while ids := await self._matches.undecided(provider.number, after=after, limit=PAGE_IDS):
            after = ids[-1]
            for start in range(0, len(ids), STEP_ROWS):
                rows = await self._matches.rows(ids[start : start + STEP_ROWS])
                try:
                    await self._matching.decide_on(provider, provider.run, rows)
                except RunLost:
                    return False
                await self._clock.sleep(PAUSE_S)
        return True

    async def _with_number(self, number: int) -> Provider | None:
        found = await self._providers.after(number - 1, limit=1)
        return found[0] if found and found[0].number == number else None
