"""What addons have for a video: listed with signed paths, and sent as WebVTT."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from libs.common.contracts.playback import OfferedSubtitle, SubtitleList
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.common.media import MediaPaths, Proof, Wish
from libs.protocols.stremio.paths import ResourcePath
from services.streaming.aggregate import Aggregate, Gathered
from services.streaming.errors import ProviderFailed
from services.streaming.sources.subtitles import SubtitleSource
from services.streaming.subtitles.webvtt import webvtt

MOST_OF_LANGUAGE: Final = 8
"""Addons have dozens for a known film, of which nobody tries so many."""
MOST: Final = 400
MAX_URL_CHARS: Final = 4000
MAX_LANGUAGE_CHARS: Final = 60


@dataclass(frozen=True, slots=True)
class Subtitles:
    aggregate: Aggregate
    source: SubtitleSource
    paths: MediaPaths

    async def offered(
        self, identity: Identity, proof: Proof, path: ResourcePath, *, deadline: Deadline
    ) -> SubtitleList:
        """Raises HeadgateError."""
        gathered = await self.aggregate.gather(identity, path, deadline=deadline)
        return SubtitleList(
            items=tuple(
                OfferedSubtitle(
                    language=language,
                    addon_name=addon_name,
                    url=self.paths.path(
                        Wish(identity.account_id, identity.profile_id, "subtitles", 0, part=url), proof, "vtt"
                    ),
                )
                for language, addon_name, url in _worth_listing(gathered)
            ),
            problems=gathered.problems,
        )

    async def text(self, url: str) -> str:
        """Raises HeadgateError."""
        data, charset = await self.source.get(url)
        # Megabytes take a while.
        text = await asyncio.to_thread(webvtt, data, charset)
        if not text:
            raise ProviderFailed("What the addon has here is neither SubRip nor WebVTT.")
        return text


def _worth_listing(gathered: Gathered) -> Iterator[tuple[str, str, str]]:
    of_language: Counter[str] = Counter()
    for offer in gathered.offers:
        language, url = offer.item.identity
        language = language.strip()[:MAX_LANGUAGE_CHARS]
        if len(url) > MAX_URL_CHARS or of_language[language] >= MOST_OF_LANGUAGE:
            continue
        of_language[language] += 1
        yield language, offer.addon.name, url
        if of_language.total() >= MOST:
            return
