"""Whether a page of another site is there: its head and a little of it, through the guard."""

from __future__ import annotations

from typing import Final

from libs.common.deadline import Deadline
from libs.common.http import BadAnswer, Fetcher, FetchLimits, UpstreamStatus

READ_BYTES: Final = 1024 * 1024
STALL_S: Final = 5.0
HTML: Final = "text/html"


class PageCheck:
    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def look(self, url: str, *, deadline: Deadline) -> None:
        """Raises FetchError for anything but a page."""
        limits = FetchLimits(max_bytes=READ_BYTES, total_s=max(0.001, deadline.remaining_s))
        async with self._fetcher.open(
            url, limits=limits, headers={"Accept": HTML}, stall_s=STALL_S
        ) as answer:
            if answer.status != 200:
                raise UpstreamStatus(answer.status, host=answer.host)
            said = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if said != HTML:
                raise BadAnswer(f"{answer.host} answered with something that is no page.")
            async for _ in answer.pieces():
                return
        raise BadAnswer(f"{answer.host} answered with an empty page.")
