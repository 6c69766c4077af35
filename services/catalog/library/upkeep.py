"""The library looked after: once a week by itself, and whenever an administrator wants it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms, moment_or_none
from libs.common.contracts.library import ChangeList, ChangeView, ItemTotals, LibraryStats, MatchState
from libs.common.tasks import Tasks
from services.catalog.errors import ProviderNotFound
from services.catalog.library_model import KIND_NAMES, RULES_OF, public_id
from services.catalog.model import Owner
from services.catalog.store.library.changes import ChangeStore
from services.catalog.store.library.items import ItemStore
from services.catalog.store.library.providers import ProviderStore
from services.catalog.store.library.upkeep import UpkeepStore
from services.catalog.store.library.words import WordStore

LOOK_S: Final = 900.0
EVERY_MS: Final = 7 * 86_400_000
NAME: Final = "upkeep"
MUCH_FREE: Final = 0.25
"""Share of a file's pages from which on the weekly upkeep gives them back: meanwhile nobody writes."""

log = structlog.get_logger(__name__)


class Upkeep:
    def __init__(
        self, store: UpkeepStore, words: WordStore, items: ItemStore, *, tasks: Tasks, clock: Clock
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._words = words
        self._items = items
        self._clock = clock

    async def look(self) -> None:
        """Once a week, one of all replicas."""
        now = epoch_ms(self._clock)
        if await self._store.claim(NAME, now=now, before=now - EVERY_MS):
            await self._run(least_free=MUCH_FREE)

    async def run(self) -> None:
        """Now, whoever did it when. Goes on when whoever waits has left."""
        now = epoch_ms(self._clock)
        await self._store.claim(NAME, now=now, before=now)
        await asyncio.shield(self._tasks.spawn("library_upkeep_now", self._run(least_free=0.0)))

    async def _run(self, *, least_free: float) -> None:
        started = self._clock.monotonic()
        await self._recount()
        await self._store.tidy()
        await self._store.vacuum(least_free=least_free)
        log.info("library_upkept", took_s=round(self._clock.monotonic() - started, 1))

    async def _recount(self) -> None:
        """Words are only added to while rows come and go."""
        counted, last = Counter[str](), 0
        while True:
            said, after = await self._items.words_of(after=last)
            if after is None:
                break
            counted.update(await asyncio.to_thread(_count, said))
            last = after
        word = ""
        while page := await self._words.page(after=word):
            await self._words.recount([(one, was, counted.get(one, 0)) for one, was in page])
            word = page[-1][0]


class Holdings:
    """What an owner is told of their library as a whole."""

    def __init__(self, store: UpkeepStore, providers: ProviderStore, changes: ChangeStore) -> None:
        self._store = store
        self._providers = providers
        self._changes = changes

    async def changes(self, owner: Owner, provider_id: str) -> ChangeList:
        """Raises ProviderNotFound."""
        provider = await self._providers.owned(owner, provider_id)
        if provider is None:
            raise ProviderNotFound("You have no such account.")
        changes = await self._changes.of(provider.number, provider.run_number)
        return ChangeList(
            items=tuple(
                ChangeView(
                    kind=KIND_NAMES[one.kind],
                    what=one.what,
                    name=one.name,
                    id=None if one.what == "removed" else public_id(one.item),
                )
                for one in changes
            ),
            run_number=provider.run_number,
        )

    async def stats(self, owner: Owner, *, is_admin: bool) -> LibraryStats:
        providers = await self._providers.visible(owner)
        totals = (await self._providers.totals(providers)).values()
        rules = await self._store.rules([provider.number for provider in providers])
        done_at = await self._store.done_at(NAME)
        return LibraryStats(
            totals=_sum(list(totals)),
            matched=_of(rules, "matched") + _of(rules, "chosen"),
            doubtful=_of(rules, "doubtful"),
            unmatched=_of(rules, "unmatched"),
            size_bytes=await self._store.size_bytes() if is_admin else None,
            upkept_at=moment_or_none(done_at),
        )


def _count(said: Sequence[str]) -> Counter[str]:
    return Counter(word for words in said for word in set(words.split()))


def _of(rules: dict[str, int], state: MatchState) -> int:
    return sum(rules.get(rule, 0) for rule in RULES_OF[state])


def _sum(totals: Sequence[ItemTotals]) -> ItemTotals:
    return ItemTotals(
        **{name: sum(getattr(one, name) for one in totals) for name in ItemTotals.__struct_fields__}
    )
