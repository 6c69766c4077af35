"""The list of anime ids, or a mirror of it: some megabytes, fetched whole if it has changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from libs.common.http import Fetcher, FetchLimits, UpstreamStatus
from services.sync.sources.imdb import NOT_MODIFIED

LIMITS = FetchLimits(max_bytes=64 * 1024 * 1024, total_s=300.0)
"""It has 8 MB; eight times as much is something else."""


@dataclass(frozen=True, slots=True)
class ListFile:
    """An empty `etag` means that its server tells none."""

    body: bytes = field(repr=False)
    etag: str


class AnimeIdsSource:
    """Asks one address."""

    def __init__(self, fetcher: Fetcher, url: str) -> None:
        self._fetcher = fetcher
        self._url = url

    async def list(self, *, etag: str = "") -> ListFile | None:
        """The list, or nothing when it still is the one of `etag`. Raises FetchError."""
        headers = {"If-None-Match": etag} if etag else {}
        found = await self._fetcher.get(self._url, limits=LIMITS, headers=headers)
        if found.status == NOT_MODIFIED and etag:
            return None
        if found.status != 200:
            raise UpstreamStatus(found.status, found.retry_after_s, host=found.host)
        return ListFile(found.body, found.headers.get("ETag", ""))
