"""What titles are called and shows consist of, as catalog tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from libs.common.clock import ms_of
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.viewing import MAX_NUMBER
from libs.common.deadline import Deadline
from libs.common.errors import NotFound
from libs.common.identity import Identity
from libs.protocols.stremio.ids import split_video_id
from libs.protocols.stremio.reading import text, whole
from services.streaming.viewing_model import SERIES, Episode

MAX_EPISODES: Final = 5000
MAX_NAME_CHARS: Final = 200
MAX_ID_CHARS: Final = 500
MAX_POSTER_CHARS: Final = 2000
YEARS: Final = range(1800, 2200)
"""Dates beyond are nobody's, and some of them can't be written in another time zone."""


@dataclass(frozen=True, slots=True)
class Show:
    """A show or a film; `episodes` as they come."""

    name: str
    poster: str | None
    episodes: tuple[Episode, ...]


class Shows:
    def __init__(self, catalog: CatalogClient) -> None:
        self._catalog = catalog

    async def show(self, identity: Identity, title_id: str, *, deadline: Deadline) -> Show | None:
        """None for what nobody knows."""
        return await self.title(identity, SERIES, title_id, deadline=deadline)

    async def title(
        self, identity: Identity, type_: str, title_id: str, *, deadline: Deadline
    ) -> Show | None:
        """The same of any type."""
        try:
            page = await self._catalog.title(identity, type_, title_id, deadline=deadline)
            meta = msgspec.json.decode(page.meta, type=dict[str, Any])
        except (NotFound, msgspec.MsgspecError):
            return None
        return read_show(meta)


def read_show(meta: dict[str, Any]) -> Show:
    videos = meta.get("videos")
    found = (_episode(video) for video in videos[:MAX_EPISODES]) if isinstance(videos, list) else ()
    poster = text(meta.get("poster"))
    return Show(
        (text(meta.get("name")) or "")[:MAX_NAME_CHARS],
        poster if poster and len(poster) <= MAX_POSTER_CHARS else None,
        tuple({episode.video_id: episode for episode in found if episode is not None}.values()),
    )


def _episode(video: object) -> Episode | None:
    if not isinstance(video, dict):
        return None
    id_ = text(video.get("id"))
    if not id_ or len(id_) > MAX_ID_CHARS or "\0" in id_:
        return None
    said = split_video_id(id_)
    season, episode = whole(video.get("season")), whole(video.get("episode"))
    if episode is None:
        episode = whole(video.get("number"))
    season = said.season if season is None else season
    episode = said.episode if episode is None else episode
    if max(season or 0, episode or 0) > MAX_NUMBER:
        return None
    return Episode(
        id_,
        season,
        episode,
        (text(video.get("name")) or text(video.get("title")) or "")[:MAX_NAME_CHARS],
        _moment(text(video.get("released")) or text(video.get("firstAired"))),
    )


def _moment(said: str | None) -> int | None:
    try:
        moment = datetime.fromisoformat(said or "")
    except ValueError:
        return None
    if moment.year not in YEARS:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return ms_of(moment)
