"""The folder of films as a provider."""

from __future__ import annotations

from typing import Final

from libs.common.deadline import Deadline
from libs.common.identity import Identity
from services.streaming.providers.base import Capabilities, Found, StreamObject, Video
from services.streaming.providers.local import LocalFolder
from services.streaming.providers.local_scan import LocalFile

PLAY: Final = "headgate:play/local"
"""What stands in answers where only the gateway knows the address."""
FRESH_S: Final = 60
MOST: Final = 50
"""Files of one video."""
WEB_READY: Final = frozenset({"mp4", "m4v"})


class LocalFilms:
    """Everybody on the hub may play what its operator laid there."""

    id = "local"
    name = "Films on this hub"
    capabilities = Capabilities(types=("movie", "series"), ids=("tt", "tmdb"))

    def __init__(self, folder: LocalFolder) -> None:
        self._folder = folder

    async def streams(self, identity: Identity, video: Video, *, deadline: Deadline) -> Found:
        files = [file for file in self._folder.videos(video.id) if file.named.type == video.type]
        return Found([_stream(file) for file in files[:MOST]], FRESH_S)


def _stream(file: LocalFile) -> StreamObject:
    hints: dict[str, object] = {
        "filename": file.name,
        "videoSize": file.size_bytes,
        "notWebReady": file.extension not in WEB_READY,
    }
    if file.named.type == "series":
        hints["bingeGroup"] = "headgate-local"
    return {
        "name": LocalFilms.name,
        "description": file.name,
        "url": f"{PLAY}/{file.id}.{file.extension}",
        "behaviorHints": hints,
    }
