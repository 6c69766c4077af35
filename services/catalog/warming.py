"""Rows that many have on their home screens, made before anybody asks for them.

Every replica goes through all of them. What another one has made is found fresh and costs no call.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Final, Protocol

import structlog

from libs.addons.addon import is_personal
from libs.common.clock import Clock
from libs.common.errors import HeadgateError, Unavailable
from services.catalog.addons import Registry
from services.catalog.enriched.answers import EnrichedAnswers
from services.catalog.listing import Listing
from services.catalog.rows.row import AnyRow
from services.catalog.store.addons import AddonStore

LOOK_S: Final = 60.0
"""How often to look whether it is time, and how long after a start or a busy moment it begins."""

MOST_LISTS: Final = 50
MOST_ROWS: Final = 300

PAUSE_S: Final = 1.0
"""Between two rows that had to be made, on average: addons and the hub have other things to do."""

SHARE: Final = 0.5
"""Made anew is what has no more than this share of its fresh time left."""

log = structlog.get_logger(__name__)


class Load(Protocol):
    @property
    def is_pressed(self) -> bool: ...


class WarmUp:
    """A round once in `every_s`. One that is stopped because there is too much to do begins again soon."""

    def __init__(
        self,
        store: AddonStore,
        registry: Registry,
        answers: EnrichedAnswers,
        load: Load,
        *,
        clock: Clock,
        every_s: float,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._store = store
        self._registry = registry
        self._answers = answers
        self._load = load
        self._clock = clock
        self._every_s = every_s
        self._uniform = uniform
        self._due = clock.monotonic()

    async def look(self) -> None:
        if self._clock.monotonic() < self._due:
            return
        states: Counter[str] = Counter()
        try:
            is_whole = await self._go_round(states)
        except Unavailable:  # the database: it is said there
            is_whole = False
        if is_whole:
            self._due = self._clock.monotonic() + self._every_s * self._uniform(0.9, 1.0)
        log.info("rows_warmed" if is_whole else "rows_warmed_in_part", **states)

    async def _go_round(self, states: Counter[str]) -> bool:
        async for row, listing in self._rows():
            if self._load.is_pressed:
                return False
            state = await self._make(row, listing)
            states[state] += 1
            if state != "hit":
                await self._clock.sleep(PAUSE_S * self._uniform(0.5, 1.5))
        return True

    async def _rows(self) -> AsyncIterator[tuple[AnyRow, Listing]]:
        """The rows of lists that hold what most lists hold, as their owners have them."""
        left = MOST_ROWS
        for owner in await self._store.popular(MOST_LISTS):
            held = await self._registry.held(owner)
            for row in held.merged.rows:
                if left and _is_for_all(row):
                    left -= 1
                    yield row, held.listing

    async def _make(self, row: AnyRow, listing: Listing) -> str:
        try:
            return await self._answers.make_ahead(row, listing, share=SHARE)
        except HeadgateError:
            return "failed"


def _is_for_all(row: AnyRow) -> bool:
    """Shown on home screens, and not by what one person configured, perhaps of what they watch."""
    shown = row.kind == "catalog" and row.on_manifest and all(member.on_board for member in row.members)
    return shown and not any(is_personal(member.addon) for member in row.members)
