"""What a report, a mark or a list of episodes makes of what was known. Pure: times come in as arguments."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from libs.common.contracts.viewing import EventKind, PlayerEvent
from services.streaming.viewing_model import (
    SPECIALS,
    Episode,
    Event,
    Flagged,
    Next,
    Owner,
    Place,
    Recorded,
    Report,
    Title,
    Video,
)

CountedT = TypeVar("CountedT", Title, Flagged)

KINDS: Final[dict[PlayerEvent, EventKind]] = {
    "start": "started",
    "pause": "paused",
    "stop": "stopped",
    "complete": "stopped",
}


def recorded(was: Video | None, report: Report, watched_share: float) -> Recorded:
    """The video after `report`."""
    ended = report.event == "complete" or report.position_ms >= report.duration_ms * watched_share
    if was is not None and report.at < was.at:
        return _superseded(was, report, ended)
    if was is not None and report.event == "start" and not report.position_ms:
        # Players say that they begin before they have found the place to go on from.
        return Recorded(msgspec.structs.replace(was, at=report.at))
    is_end = ended and not (was is not None and was.finished)
    video = Video(
        place=report.place,
        position_ms=report.position_ms,
        duration_ms=report.duration_ms,
        finished=ended,
        watched=ended or (was is not None and was.watched),
        watched_at=report.at if is_end else None if was is None else was.watched_at,
        marked_at=0 if was is None else was.marked_at,
        plays=(0 if was is None else was.plays) + is_end,
        at=report.at,
    )
    shows = was is None or (was.watched, was.finished, was.is_begun) != (
        video.watched,
        video.finished,
        video.is_begun,
    )
    return Recorded(video, shows=shows)


def _superseded(was: Video, report: Report, ended: bool) -> Recorded:
    if not ended or was.watched or report.at <= was.marked_at:
        return Recorded(was, superseded=True)
    seen = msgspec.structs.replace(was, watched=True, watched_at=report.at, plays=was.plays + 1)
    return Recorded(seen, superseded=True, shows=True)


def marked(was: Video | None, now: Video, *, watched: bool) -> Video:
    """The video after somebody said whether it was watched; `now` is it as if nothing were known."""
    video = now if was is None else was
    return msgspec.structs.replace(
        video,
        position_ms=video.position_ms if watched else 0,
        finished=watched,
        watched=watched,
        watched_at=now.at if watched else None,
        marked_at=now.at,
        # Clocks differ: what a player reported ahead of ours is not newer than what is said now.
        at=max(video.at, now.at),
    )


def played(was: Title | None, done: Recorded, former: Video | None, report: Report) -> Title:
    """The title after a report, but for what comes next. `former`: the video before it, of any title."""
    video, place = done.video, report.place
    title = was or Title(title_id=place.title_id, type=place.type)
    seen = video.watched and not (former is not None and former.watched)
    title = msgspec.structs.replace(
        title,
        type=place.type,
        name=report.name or title.name,
        poster=report.poster or title.poster,
        completed=title.completed + (seen and place.counts),
        videos=title.videos + joins(former, place),
        watched_at=_latest(title.watched_at, video.watched_at),
    )
    if done.superseded or video.at < title.last_at:
        return title
    return msgspec.structs.replace(title, last_video_id=place.video_id, last_at=video.at)


def joins(former: Video | None, place: Place) -> bool:
    """Whether the video is new to its title."""
    return former is None or former.place.title_id != place.title_id


def continued(title: Title, last: Video | None, episodes: Sequence[Episode], done: Collection[str]) -> Title:
    """The title with what to go on with: the last video if it is not finished, else the episode after it."""
    if last is None and title.only_seems_begun:
        return title
    if last is None:
        return msgspec.structs.replace(title, last_video_id=None, next=None, continues_at=None)
    if not last.finished:
        return msgspec.structs.replace(title, next=None, continues_at=0 if last.is_begun else None)
    upcoming = next_of(episodes, last.place.video_id, done)
    if upcoming is None:
        return msgspec.structs.replace(title, next=None, continues_at=None)
    return msgspec.structs.replace(
        title,
        next=Next(upcoming.video_id, upcoming.season, upcoming.episode, upcoming.name),
        continues_at=upcoming.released_at or 0,
    )


def begun(was: Title | None, place: Place, at: int) -> Title | None:
    """The title after a sign that a player began the video. None where better is known: it is under way, its
    next episode is, or something was played later."""
    if was is not None and (was.last_at >= at or (was.continues_at is not None and not was.only_seems_begun)):
        return None
    title = was or Title(title_id=place.title_id, type=place.type)
    return msgspec.structs.replace(
        title, last_video_id=place.video_id, last_at=at, next=None, continues_at=at
    )


def next_of(episodes: Sequence[Episode], video_id: str, done: Collection[str]) -> Episode | None:
    """The first episode behind `video_id` that is not done, aired or not; of an unknown one, of all."""
    at = next((place for place, one in enumerate(episodes) if one.video_id == video_id), -1)
    behind = (one for one in episodes[at + 1 :] if one.season != SPECIALS and one.video_id not in done)
    return next(behind, None)


def in_order(episodes: Sequence[Episode]) -> tuple[Episode, ...]:
    """As they are watched, specials last."""
    return tuple(
        sorted(
            episodes,
            key=lambda one: (
                one.season == SPECIALS,
                1 if one.season is None else one.season,
                one.episode or 0,
                one.released_at or 0,
            ),
        )
    )


def aired(title: CountedT, episodes: Sequence[Episode], now_ms: int) -> CountedT:
    """The title with how many episodes it has by now, and when it has one more."""
    counted = [one for one in episodes if one.season != SPECIALS]
    later = [one.released_at for one in counted if one.released_at is not None and one.released_at > now_ms]
    return msgspec.structs.replace(
        title,
        aired=sum(one.has_aired(now_ms) for one in counted),
        airs_at=min(later, default=None),
    )


def events_of(owner: Owner, report: Report, done: Recorded, former: Video | None) -> list[Event]:
    """What others are told of a report. Heartbeats and waits say nothing; nor does an old position."""
    kinds: list[EventKind] = []
    if report.event in KINDS and not done.superseded:
        kinds.append(KINDS[report.event])
    plays = 0 if former is None else former.plays
    if done.video.plays > plays:
        kinds.append("watched")
    return [
        Event(
            owner=owner,
            kind=kind,
            place=report.place,
            position_ms=report.position_ms,
            duration_ms=report.duration_ms,
            at=report.at,
        )
        for kind in kinds
    ]


def _latest(one: int | None, other: int | None) -> int | None:
    return max((at for at in (one, other) if at is not None), default=None)


def last_after(
    title: Title,
    videos: Mapping[str, Video],
    changed: Sequence[str],
    order: Mapping[str, int],
    *,
    watched: bool,
) -> Title:
    """The title with what counts as played last, after videos were marked.

    Seen: the furthest of the marked and the last, unless the last is under way. Not seen: what was played
    before it.
    """
    last = videos.get(title.last_video_id or "")
    if not changed and last is not None:
        return title
    if watched:
        if last is not None and last.is_begun and last.place.video_id not in changed:
            return title
        of = [*changed, *([last.place.video_id] if last is not None else [])]
        furthest = max(of, key=lambda id_: (order.get(id_, -1), videos[id_].at))
        return msgspec.structs.replace(title, last_video_id=furthest, last_at=videos[furthest].at)
    if last is not None and (last.watched or last.is_begun):
        return title
    left = [one for one in videos.values() if one.watched or one.is_begun]
    newest = max(left, key=lambda one: one.at, default=None)
    return msgspec.structs.replace(title, last_video_id=None if newest is None else newest.place.video_id)
