"""How profiles want their sources. Choosing waits for the database; a list of sources never does."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from libs.common.contracts.source_settings import SourceSettings
from libs.common.errors import HeadgateError, InvalidInput
from libs.common.identity import Identity
from services.streaming.ranking.patterns import refusals
from services.streaming.store.source_settings import SourceSettingsStore

log = structlog.get_logger(__name__)

LIST_WITHIN_S: Final = 1.0
NOTHING_CHOSEN: Final = SourceSettings()


class Preferences:
    def __init__(self, store: SourceSettingsStore) -> None:
        self._store = store
        self._away = False

    async def of(self, owner: Identity) -> SourceSettings:
        return await self._store.get(owner) or NOTHING_CHOSEN

    async def for_list(self, owner: Identity) -> SourceSettings:
        """Fails open: while the database is away a list is as for somebody who chose nothing."""
        try:
            async with asyncio.timeout(LIST_WITHIN_S):
                settings = await self.of(owner)
        except (HeadgateError, TimeoutError) as error:
            if not self._away:
                log.warning("source_settings_away", reason=type(error).__name__)
            self._away = True
            return NOTHING_CHOSEN
        self._away = False
        return settings

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
        return settings
