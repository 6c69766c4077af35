"""A folder of films that the operator set: read again and again, its files known as titles.

What a file is called is decided by ids in its name, else by the name as catalog matches names to IMDb.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Literal, NamedTuple, Protocol

import structlog

from libs.common.clock import Clock
from libs.common.errors import HeadgateError, Unavailable
from libs.protocols.stremio.ids import split_video_id
from services.streaming.providers.errors import LocalFileUnknown
from services.streaming.providers.local_names import Named
from services.streaming.providers.local_scan import LocalFile, open_inside, scan

log = structlog.get_logger(__name__)

SCAN_EVERY_S: Final = 300.0
ASKED_AGAIN_S: Final = 900.0
"""A name that nobody knew: titles of IMDb are imported now and then."""


class Called(NamedTuple):
    """What is asked about a name."""

    type: Literal["movie", "series"]
    title: str
    year: int | None


class NameMatcher(Protocol):
    """Who knows which titles of IMDb names mean: catalog."""

    async def __call__(self, names: Sequence[Called]) -> Sequence[str | None]:
        """An id for each that is sure. Raises HeadgateError."""
        ...


Place = tuple[str, int | None, int | None]
"""A title's id, season and episode."""


@dataclass(frozen=True, slots=True)
class _Index:
    files: Mapping[int, LocalFile] = field(default_factory=dict)
    videos: Mapping[Place, Sequence[LocalFile]] = field(default_factory=dict)


class LocalFolder:
    """Nothing is found before the first `refresh` has ended."""

    def __init__(self, folder: Path, matcher: NameMatcher, *, clock: Clock) -> None:
        self._root = os.fsencode(folder)
        self._matcher = matcher
        self._clock = clock
        self._index: _Index | None = None
        self._matched: dict[Called, str] = {}
        self._unmatched: dict[Called, float] = {}

    async def refresh(self) -> None:
        """Reads the folder. While it can't be read, what was there before stays: it may be mounted again."""
        before = {file.path: file for file in self._index.files.values()} if self._index else {}
        try:
            found = await asyncio.to_thread(scan, self._root, before, monotonic=self._clock.monotonic)
        except OSError as error:
            log.warning("media_dir_unreadable", reason=error.strerror)
            return
        if found.cut:
            log.warning("media_dir_cut", bound=found.cut, films=len(found.files))
        films = [file for file in found.files if file.is_film]
        self._index = _index(films, self._matched)
        await self._match(films)
        self._index = await asyncio.to_thread(_index, films, self._matched)

    def videos(self, video_id: str) -> Sequence[LocalFile]:
        """The files of a video."""
        if self._index is None:
            return ()
        asked = split_video_id(video_id)
        return self._index.videos.get((asked.title, asked.season, asked.episode), ())

    def file(self, file_id: int) -> LocalFile:
        """Raises LocalFileUnknown, and Unavailable until the folder was read."""
        if self._index is None:
            raise Unavailable("The folder of films is being read. Try again in a moment.", retry_after_s=5)
        found = self._index.files.get(file_id)
        if found is None:
            raise LocalFileUnknown("This file is not in the folder of films any more.")
        return found

    def open(self, file_id: int) -> BinaryIO:
        """A file as of now, links followed, never outside the folder. Blocks for a moment.

        Raises LocalFileUnknown, and Unavailable until the folder was read.
        """
        path = self.file(file_id).path
        try:
            return open_inside(self._root, path)
        except OSError as error:
            raise LocalFileUnknown("This file can't be read, or is not in the folder any more.") from error

    async def _match(self, films: Collection[LocalFile]) -> None:
        now = self._clock.monotonic()
        names = {_called(file.named) for file in films if not file.named.imdb and file.named.title}
        self._unmatched = {name: at for name, at in self._unmatched.items() if name in names}
        due = [
            name
            for name in sorted(names, key=str)
            if name not in self._matched and self._unmatched.get(name, 0.0) <= now
        ]
        try:
            for name, imdb in zip(due, await self._matcher(due) if due else (), strict=True):
                if imdb is None:
                    self._unmatched[name] = now + ASKED_AGAIN_S
                else:
                    self._matched[name] = imdb
        except HeadgateError as error:
            log.warning("media_dir_not_matched", names=len(due), code=error.code)


def _called(named: Named) -> Called:
    return Called(named.type, named.title, named.year)


def _index(films: Collection[LocalFile], matched: Mapping[Called, str]) -> _Index:
    videos: defaultdict[Place, list[LocalFile]] = defaultdict(list)
    for file in films:
        named = file.named
        imdb = named.imdb or matched.get(_called(named), "")
        for title in filter(None, (imdb, named.tmdb and f"tmdb:{named.tmdb}")):
            for episode in named.episodes or (None,):
                videos[title, named.season, episode].append(file)
    return _Index({file.id: file for file in films}, dict(videos))
