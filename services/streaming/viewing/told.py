"""What sources tell and what a profile did here, made one. Pure: times come in as arguments.

What the profile did is kept as it would be without any source. From that and from all that is told now the
video follows, whatever was told in between: so nothing is lost when a source takes back what it said, and
telling twice is telling once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from libs.common.contracts.viewing_handover import ListedRow, PlaybackRow, WatchedRow
from services.streaming.told_model import Known, ToldRow
from services.streaming.viewing.rules import continued
from services.streaming.viewing.shows import with_list
from services.streaming.viewing_model import Episodes, Place, Title, Video

FILM_MS: Final = 100 * 60 * 1000
EPISODE_MS: Final = 42 * 60 * 1000
"""How long a video is taken to be where nobody says: the share that was told is shown as it is, and the first
report of a player puts the rest right."""
BEGUN_SHARE: Final = 0.005


def own_of(known: Known | None) -> Video | None:
    """The video without what sources brought, with all that was done here since."""
    if known is None:
        return None
    now, own, left = known.now, known.own, known.left
    if left is None:
        return now
    if now == left:
        return own
    is_marked = now.marked_at != left.marked_at
    # An end that is reached where only a source told one counts as no further play: where it stopped says it.
    was_finished = own is not None and own.finished
    ended = not (is_marked or was_finished) and now.finished and now.position_ms != left.position_ms
    played = max(int(ended), now.plays - left.plays)
    watched = now.watched if is_marked else played > 0 or (own is not None and own.watched)
    watched_at = None if own is None else own.watched_at
    if is_marked or now.watched_at != left.watched_at:
        watched_at = now.watched_at
    moved = is_marked or now.at != left.at or own is None
    where = now if moved or own is None else own
    return msgspec.structs.replace(
        where,
        finished=where.finished and watched,
        watched=watched,
        watched_at=watched_at if watched else None,
        marked_at=now.marked_at,
        plays=played + (0 if own is None else own.plays),
    )


def merged(own: Video | None, rows: Sequence[ToldRow], place: Place, *, watched_share: float) -> Video | None:
    """The video as the profile's own doing and all that is told of it make it; None for neither."""
    video = own
    seen = [row for row in rows if isinstance(row, WatchedRow) and not _is_unmarked(own, row.at)]
    if seen:
        video = _seen(video, seen, place)
    stops = [row for row in rows if isinstance(row, PlaybackRow) and not _is_unmarked(own, row.at)]
    stop = max(stops, key=lambda row: row.at, default=None)
    if stop is not None and BEGUN_SHARE <= stop.share < watched_share:
        video = _stopped(video, stop, place)
    return video


def _is_unmarked(own: Video | None, at: int) -> bool:
    """Whether somebody said later by hand that it was not watched."""
    return own is not None and own.marked_at > 0 and not own.watched and at <= own.marked_at


def _seen(video: Video | None, rows: Sequence[WatchedRow], place: Place) -> Video:
    at = max(row.at for row in rows)
    is_newest = video is None or at > video.at
    video = video or Video(place=place, at=at)
    return msgspec.structs.replace(
        video,
        position_ms=0 if is_newest else video.position_ms,
        finished=is_newest or video.finished,
        watched=True,
        watched_at=max(at, video.watched_at or 0),
        # What was played here reaches the source as well: the two are not added.
        plays=max(video.plays, *(row.plays for row in rows)),
        at=max(at, video.at),
    )


def _stopped(video: Video | None, row: PlaybackRow, place: Place) -> Video:
    if video is not None and row.at <= video.at:
        return video
    video = video or Video(place=place, at=row.at)
    usual_ms = FILM_MS if place.episode is None else EPISODE_MS
    duration_ms = round(row.duration_s * 1000) or video.duration_ms or usual_ms
    return msgspec.structs.replace(
        video,
        position_ms=max(1, round(row.share * duration_ms)),
        duration_ms=duration_ms,
        finished=False,
        at=row.at,
    )


def is_same(was: Video | None, now: Video | None) -> bool:
    """Whether nothing has changed; how often something was played counts where it is watched."""
    if was is None or now is None or was.watched or now.watched:
        return was == now
    return msgspec.structs.replace(was, plays=now.plays) == now


def listed(title: Title, left_listed_at: int | None, rows: Sequence[ListedRow]) -> tuple[Title, int | None]:
    """The title as it stands on the watchlist, and since when sources alone put it there."""
    own = None if title.listed_at == left_listed_at else title.listed_at
    if own is not None:
        return title, None
    since = [row.at for row in rows if row.at > title.unlisted_at or not title.unlisted_at]
    at = max(since, default=None)
    return msgspec.structs.replace(title, listed_at=at), at


def retold(
    title: Title, videos: Mapping[str, Video], list_: Episodes | None, aired: int, now_ms: int
) -> Title:
    """The title as its videos make it. `aired`: what sources say of a show whose list nobody told."""
    seen = [one.watched_at for one in videos.values() if one.watched_at is not None]
    title = _with_last(msgspec.structs.replace(title, watched_at=max(seen, default=None)), videos)
    if list_ is not None and list_.items:
        return with_list(title, list_, dict(videos), now_ms)
    completed = sum(one.watched and one.place.counts for one in videos.values())
    title = msgspec.structs.replace(
        title, completed=completed, aired=aired or title.aired, videos=len(videos)
    )
    return continued(title, videos.get(title.last_video_id or ""), (), ())


def is_nothing(title: Title) -> bool:
    """Whether there is anything to remember of it."""
    is_listed = title.listed_at is not None or title.unlisted_at or title.dismissed_at
    return not (title.videos or is_listed or title.only_seems_begun)


def _with_last(title: Title, videos: Mapping[str, Video]) -> Title:
    """What was played last. Of equal times the later episode: whole shows are marked at once."""
    left = [one for one in videos.values() if one.watched or one.is_begun]
    newest = max(left, key=lambda one: (one.at, one.place.season or 0, one.place.episode or 0), default=None)
    if title.only_seems_begun and (newest is None or newest.at < title.last_at):
        return title
    if newest is None:
        return msgspec.structs.replace(title, last_video_id=None)
    last = videos.get(title.last_video_id or "")
    if last is not None and last in left and last.at >= newest.at and title.last_at == last.at:
        return title
    return msgspec.structs.replace(title, last_video_id=newest.place.video_id, last_at=newest.at)
