"""Where videos stand, at hand for every replica right after it was written. The tables are what counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from services.streaming.viewing_model import Video, VideoKey


class Hot(Protocol):
    """Fails open: what it can't say is asked of the tables."""

    async def expect(self, keys: Collection[VideoKey]) -> None:
        """These are about to change: until they are put, nobody is told what they were."""
        ...

    async def put(self, videos: Mapping[VideoKey, Video]) -> None:
        """What the tables say now."""
        ...

    async def get(self, key: VideoKey) -> Video | None: ...


class NoneHot:
    """Where there is no Redis the tables are as near."""

    async def expect(self, keys: Collection[VideoKey]) -> None:
        pass

    async def put(self, videos: Mapping[VideoKey, Video]) -> None:
        pass

    async def get(self, key: VideoKey) -> Video | None:
        return None
