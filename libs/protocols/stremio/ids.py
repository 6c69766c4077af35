"""Video ids: which title, season and episode they name."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TMDB_SHORT = re.compile(r"^tmdb(\d+)")

_WITH_SEASONS = frozenset({"tmdb", "tvdb", "hg"})
"""`hg` is what hubs like this one number their libraries by."""
_WITHOUT_SEASONS = frozenset({"kitsu", "mal", "anilist", "anidb"})


@dataclass(frozen=True, slots=True)
class VideoId:
    """`title` is the id of the meta the video belongs to; season 0 holds the specials.

    A scheme this module does not know is its own title: its colons mean nothing to anybody else.
    """

    scheme: str
    title: str
    season: int | None = None
    episode: int | None = None


def split_video_id(video_id: str) -> VideoId:
    """Splits by prefix and from the right; never fails, since any text may be an addon's id."""
    if is_imdb(video_id):
        return _seasoned("imdb", video_id)
    short = _TMDB_SHORT.match(video_id)
    if short:
        video_id = f"tmdb:{short.group(1)}{video_id[short.end() :]}"
    scheme, colon, _ = video_id.partition(":")
    if not colon:
        return VideoId("", video_id)
    if scheme in _WITH_SEASONS:
        return _seasoned(scheme, video_id)
    if scheme in _WITHOUT_SEASONS:
        title, _, episode = video_id.rpartition(":")
        if title != scheme and episode.isdecimal():
            return VideoId(scheme, title, episode=int(episode))
    return VideoId(scheme, video_id)


def is_imdb(text: str) -> bool:
    """A bare `tt` is not enough: `ttv:` and others begin alike."""
    return text.startswith("tt") and text[2:3].isdecimal()


def _seasoned(scheme: str, video_id: str) -> VideoId:
    parts = video_id.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdecimal() and parts[2].isdecimal() and parts[0] != scheme:
        return VideoId(scheme, parts[0], int(parts[1]), int(parts[2]))
    return VideoId(scheme, video_id)
