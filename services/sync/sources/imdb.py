"""IMDb's server, or a mirror of it: one file at a time, only if it has changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from libs.common.clock import Clock
from libs.common.http import Fetcher, FetchLimits, Stream, UpstreamStatus, parse_retry_after

NOT_MODIFIED = 304
STALL_S = 60.0
LIMITS = FetchLimits(max_bytes=4 * 1024**3, total_s=60.0)
"""The largest file has about 0.5 GB; more than 4 GB are something else."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is on its way. An empty `etag` means that its server tells none."""

    stream: Stream
    etag: str

    @property
    def share(self) -> float:
        """How much of it is here, 0 to 1; 0 while its length isn't known."""
        return min(1.0, self.stream.received / self.stream.length) if self.stream.length else 0.0


class ImdbSource:
    """Asks below one base address."""

    def __init__(self, fetcher: Fetcher, base_url: str, clock: Clock) -> None:
        self._fetcher = fetcher
        self._base_url = base_url
        self._clock = clock

    @asynccontextmanager
    async def file(self, name: str, *, etag: str = "") -> AsyncIterator[Download | None]:
        """The file, or nothing when it still is the one of `etag`. Raises FetchError."""
        headers: Mapping[str, str] = {"If-None-Match": etag} if etag else {}
        url = f"{self._base_url}/{name}"
        async with self._fetcher.open(url, limits=LIMITS, headers=headers, stall_s=STALL_S) as stream:
            if stream.status == NOT_MODIFIED and etag:
                yield None
                return
            if stream.status != 200:
                wait_s = parse_retry_after(stream.headers.get("Retry-After"), now=self._clock.time())
                raise UpstreamStatus(stream.status, wait_s, host=stream.host)
            yield Download(stream, stream.headers.get("ETag", ""))
