"""How profiles want their sources. Choosing waits for the database; a list of sources never does."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from libs.common.clock import Clock
from libs.common.contracts.source_settings import SourceSettings
from libs.common.errors import HeadgateError, InvalidInput
from libs.common.identity import Identity
from libs.common.resilience import LastKnown
from services.streaming.ranking.patterns import refusals
from services.streaming.store.source_settings import SourceSettingsStore

log = structlog.get_logger(__name__)

LIST_WITHIN_S: Final = 0.1
NOTHING_CHOSEN: Final = SourceSettings()


class Preferences:
    def __init__(self, store: SourceSettingsStore, *, clock: Clock) -> None:
        self._store = store
        self._known: LastKnown[tuple[str, str], SourceSettings] = LastKnown("source_settings", clock=clock)

    async def of(self, owner: Identity) -> SourceSettings:
        return await self._store.get(owner) or NOTHING_CHOSEN

    async def has_chosen(self, owner: Identity) -> bool:
        return await self._store.get(owner) is not None

    async def for_list(self, owner: Identity) -> SourceSettings:
        """While the database is away, as was last chosen; where that isn't known, as if nothing was."""

        async def soon() -> SourceSettings:
            async with asyncio.timeout(LIST_WITHIN_S):
                return await self.of(owner)

        try:
            return await self._known.get(_key(owner), soon)
        except (HeadgateError, TimeoutError) as error:
            log.info("source_settings_not_known", reason=type(error).__name__)
            return NOTHING_CHOSEN

    async def choose(self, owner: Identity, settings: SourceSettings) -> SourceSettings:
        """Raises InvalidInput for expressions that can't be used, and for limits that leave nothing."""
        fields = {
            name: "; ".join(found)
            for name in ("include_patterns", "exclude_patterns", "prefer_patterns")
            if (found := refusals(getattr(settings, name)))
        }
        least, most = settings.min_resolution, settings.max_resolution
        if least is not None and most is not None and least > most:
            fields["min_resolution"] = "more than the most that you want"
        if fields:
            raise InvalidInput("Some of it can't be used.", fields=fields)
        await self._store.put(owner, settings)
        self._known.keep(_key(owner), settings)
        return settings


def _key(owner: Identity) -> tuple[str, str]:
    return owner.account_id, owner.profile_id
