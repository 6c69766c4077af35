"""A provider to begin with: films of a site that tells, by IMDb's id, which files it has of one."""

from __future__ import annotations

from typing import Final

import msgspec

from libs.common.deadline import Deadline
from libs.common.http import BadAnswer, Fetcher, FetchLimits, raise_for_upstream
from libs.common.identity import Identity
from services.streaming.providers.base import NOTHING, Capabilities, Found, Video

LIMITS: Final = FetchLimits(max_bytes=256 * 1024, total_s=5.0)
"""Every answer has a size and a time."""
NOT_FOUND: Final = 404


class File(msgspec.Struct, frozen=True):
    """What the site says, and no more of it than is used."""

    url: str
    name: str
    size_bytes: int = 0


class Archive:
    """`base` is the site's address; `fetcher` asks it through the guard."""

    id = "archive"
    name = "The archive"
    capabilities = Capabilities(types=("movie",), ids=("tt",))

    def __init__(self, base: str, fetcher: Fetcher) -> None:
        self._base = base
        self._fetcher = fetcher
        self._decoder = msgspec.json.Decoder(tuple[File, ...])

    async def streams(self, identity: Identity, video: Video, *, deadline: Deadline) -> Found:
        answer = await self._fetcher.get(
            f"{self._base}/{video.parts.title}.json", limits=LIMITS, deadline=deadline
        )
        if answer.status == NOT_FOUND:
            return NOTHING
        raise_for_upstream(answer)
        try:
            files = self._decoder.decode(answer.body)
        except msgspec.MsgspecError as error:
            raise BadAnswer(f"{answer.host} answered with something else than files.") from error
        return Found([_stream(file) for file in files], fresh_s=600)


def _stream(file: File) -> dict[str, object]:
    return {
        "name": Archive.name,
        "description": file.name,
        "url": file.url,
        "behaviorHints": {"filename": file.name, "videoSize": file.size_bytes},
    }
