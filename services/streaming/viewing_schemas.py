"""Viewing state on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec

from libs.common.clock import moment_of, moment_or_none, ms_of
from libs.common.contracts.viewing import (
    EpisodeState,
    Id,
    MarkView,
    Number,
    ProgressView,
    SessionView,
    ShowProgress,
    TypeName,
    ViewingItem,
    ViewingList,
    ViewingPage,
)
from services.streaming.viewing.lists import is_watched, share_of
from services.streaming.viewing.reading import place_of
from services.streaming.viewing.rules import aired
from services.streaming.viewing.shows import Watched
from services.streaming.viewing_model import (
    SERIES,
    Entry,
    Episode,
    Mark,
    Session,
    Title,
    Video,
)

MAX_EVENTS: Final = 1000


class PageQuery(msgspec.Struct, frozen=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    cursor: str = ""


class MarkQuery(msgspec.Struct, frozen=True):
    """As a mark's body says it: a DELETE has none."""

    type: TypeName | None = None
    title_id: Id | None = None
    season: Number | None = None


class EventsQuery(msgspec.Struct, frozen=True):
    after: Annotated[int, msgspec.Meta(ge=0)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_EVENTS)] = 500


def progress_view(video: Video) -> ProgressView:
    place = video.place
    return ProgressView(
        video_id=place.video_id,
        title_id=place.title_id,
        type=place.type,
        season=place.season,
        episode=place.episode,
        position_s=video.position_ms / 1000,
        duration_s=video.duration_ms / 1000,
        finished=video.finished,
        watched=video.watched,
        watched_at=moment_or_none(video.watched_at),
        plays=video.plays,
        updated_at=moment_of(video.at),
    )


def session_view(session: Session) -> SessionView:
    return SessionView(
        id=session.id,
        video_id=session.place.video_id,
        title_id=session.place.title_id,
        type=session.place.type,
        position_s=session.position_ms / 1000,
        duration_s=None if session.duration_ms is None else session.duration_ms / 1000,
        counts=session.counts,
        started_at=moment_of(session.started_at),
        last_at=moment_of(session.last_at),
        ended_at=moment_or_none(session.ended_at),
    )


def mark_view(mark: Mark, changed: int, *, watched: bool) -> MarkView:
    return MarkView(id=mark.id, title_id=mark.title_id, watched=watched, changed=changed)


def page_view(
    which: ViewingList, entries: Sequence[Entry], next_cursor: str | None, *, now_ms: int
) -> ViewingPage:
    return ViewingPage(tuple(_item(which, entry, now_ms) for entry in entries), next_cursor)


def show_view(title_id: str, show: Watched, *, now_ms: int) -> ShowProgress:
    listed = () if show.episodes is None else show.episodes.items
    title = aired(show.title or Title(title_id=title_id, type=SERIES), listed, now_ms)
    states = {one.video_id: _episode(one, show.videos.get(one.video_id)) for one in listed}
    last = show.videos.get(title.last_video_id or "")
    upcoming = title.next.video_id if title.next is not None else title.last_video_id
    following = states.get(upcoming or "") if title.continues_at is not None else None
    if title.last_video_id is None:
        following = next((one for one in states.values() if one.season != 0 and not one.watched), None)
    if following is not None and following.released is not None and ms_of(following.released) > now_ms:
        following = None
    return ShowProgress(
        title_id=title_id,
        name=title.name,
        poster=title.poster,
        aired=title.aired,
        completed=min(title.completed, title.aired) if listed else title.completed,
        watched=is_watched(title, last, now_ms),
        in_watchlist=title.listed_at is not None,
        next=following,
        episodes=tuple(states.values()),
        known_at=None if show.episodes is None else moment_of(show.episodes.told_at),
    )


def _item(which: ViewingList, entry: Entry, now_ms: int) -> ViewingItem:
    title, video = entry.title, entry.video
    following = title.next if which == "continue" else None
    is_next = following is not None and not (video is not None and video.is_begun)
    seems_begun = which == "continue" and title.only_seems_begun
    place = place_of(title.last_video_id, type_=title.type) if seems_begun and title.last_video_id else None
    place = video.place if video is not None else place
    return ViewingItem(
        title_id=title.title_id,
        type=title.type,
        name=title.name,
        poster=title.poster,
        video_id=following.video_id if following else title.last_video_id,
        season=following.season if following else place.season if place else None,
        episode=following.episode if following else place.episode if place else None,
        episode_name=following.name or None if following else None,
        position_s=video.position_ms / 1000 if video is not None and not (is_next or seems_begun) else 0.0,
        duration_s=video.duration_ms / 1000 if video is not None else 0.0,
        share=round(_share(which, entry, is_next=is_next or seems_begun), 4),
        watched=is_watched(title, video, now_ms),
        in_watchlist=title.listed_at is not None,
        reason=None if which != "continue" else "next" if is_next else "begun" if seems_begun else "resume",
        at=moment_of(entry.sorted_by),
    )


def _share(which: ViewingList, entry: Entry, *, is_next: bool) -> float:
    if which != "continue":
        return share_of(entry.title, entry.video)
    return 0.0 if is_next or entry.video is None else entry.video.share


def _episode(one: Episode, video: Video | None) -> EpisodeState:
    return EpisodeState(
        video_id=one.video_id,
        season=one.season,
        episode=one.episode,
        name=one.name,
        released=moment_or_none(one.released_at),
        watched=video is not None and video.watched,
        finished=video is not None and video.finished,
        position_s=0.0 if video is None else video.position_ms / 1000,
        share=0.0 if video is None else round(video.share, 4),
    )
