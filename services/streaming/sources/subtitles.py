"""Files of subtitles at the servers that addons name: through the guard, whole and small."""

from __future__ import annotations

from typing import Final

from libs.common.http import Fetcher, FetchError, FetchLimits, TimedOut
from services.streaming.errors import GoneAtProvider, ProviderFailed, ProviderTimedOut

LIMITS: Final = FetchLimits(max_bytes=2 * 1024 * 1024, total_s=15.0)
"""A long film's are 200 kB."""
_GONE: Final = frozenset({404, 410})


class SubtitleSource:
    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def get(self, url: str) -> tuple[bytes, str]:
        """The file, and the charset that its server names, if any. Raises HeadgateError."""
        try:
            found = await self._fetcher.get(url, limits=LIMITS)
        except TimedOut as error:
            raise ProviderTimedOut(f"The subtitles are too slow: {error}") from error
        except FetchError as error:
            raise ProviderFailed(f"The subtitles can't be loaded: {error}") from error
        said = f"{found.host} answered {found.status}"
        if found.status in _GONE:
            raise GoneAtProvider(f"The subtitles are gone: {said}.")
        if found.status != 200:
            raise ProviderFailed(f"The subtitles can't be loaded: {said}.")
        return found.body, found.headers.get("Content-Type", "").partition("charset=")[2].strip(' "')
