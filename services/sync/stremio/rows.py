"""What a title of a Stremio library says of viewing, as rows that viewing state takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from libs.common.contracts.viewing import MAX_DURATION_S, MAX_NUMBER
from libs.common.contracts.viewing_handover import PlaybackRow, WatchedRow
from libs.protocols.stremio_api.watched import (
    MAX_VIDEOS,
    Place,
    Watched,
    WatchedUnreadable,
    in_orders,
    read_watched,
)
from libs.protocols.stremio_api.wire import LibraryItem, read_as, scalar_of, text_of, time_of
from services.sync.store.stremio_items import ItemRows

MOVIE: Final = "movie"
SERIES: Final = "series"
WATCHED_SHARE: Final = 0.7
"""Of a film, by Stremio's rule."""
MAX_PLAYS: Final = 1_000_000
MAX_META_BYTES: Final = 8 * 1024 * 1024
"""Of a title: fifteen thousand episodes with a text each have half of it."""
Orders = Sequence[Sequence[str]]
_ABSENT: Final = msgspec.Raw(b"")
_NUMBERS: Final = re.compile(r":([0-9]{1,6}):([0-9]{1,6})$", re.ASCII)


def watched_of(item: LibraryItem) -> Watched | None:
    """The field of episodes, where there is one that can be read and has any."""
    if item.type != SERIES or not item.watched:
        return None
    try:
        found = read_watched(item.watched)
    except WatchedUnreadable:
        return None
    return found if any(found.bits) else None


def rows_of(item: LibraryItem, watched: Watched | None, orders: Orders) -> ItemRows:
    """`orders` are the show's episodes; without them the last one seen is all that is known."""
    if item.type not in {MOVIE, SERIES} or not item.id.isprintable() or not item.id.strip():
        return ItemRows()
    seen = _film(item) if item.type == MOVIE else _episodes(item, watched, orders)
    return ItemRows(tuple(seen), tuple(_paused(item)))


class _Meta(msgspec.Struct):
    videos: msgspec.Raw = _ABSENT


class _Video(msgspec.Struct):
    id: msgspec.Raw = _ABSENT
    season: msgspec.Raw = _ABSENT
    episode: msgspec.Raw = _ABSENT
    number: msgspec.Raw = _ABSENT
    released: msgspec.Raw = _ABSENT


def orders_of(meta: bytes | msgspec.Raw) -> Orders:
    """The ids of a title's episodes, in the orders that Stremio may go by. For a thread: a long show
    takes its time."""
    raw = bytes(meta)
    if len(raw) > MAX_META_BYTES:
        return ()
    videos = read_as(read_as(raw, _Meta).videos, list[msgspec.Raw])
    places = (_place(read_as(video, _Video)) for video in videos[:MAX_VIDEOS])
    return in_orders(place for place in places if place.video_id)


def _place(video: _Video) -> Place:
    id_, season = scalar_of(video.id), scalar_of(video.season)
    episode = scalar_of(bytes(video.episode) or video.number)
    released = time_of(scalar_of(video.released))
    return Place(
        video_id=id_ if isinstance(id_, str) and text_of(id_, 500) == id_ else "",
        season=season if isinstance(season, int) and not isinstance(season, bool) and season >= 0 else None,
        episode=episode if isinstance(episode, int) and not isinstance(episode, bool) else None,
        released=released or None,
    )


def _film(item: LibraryItem) -> Iterator[WatchedRow]:
    seen_whole = item.duration_ms > 0 and item.time_watched_ms > WATCHED_SHARE * item.duration_ms
    if item.flagged_watched or item.times_watched or seen_whole:
        yield WatchedRow(
            video_id=item.id,
            title_id=item.id,
            type=MOVIE,
            name=item.name,
            poster=_poster(item),
            plays=min(MAX_PLAYS, max(1, item.times_watched)),
            at=item.last_watched_ms,
        )


def _episodes(item: LibraryItem, watched: Watched | None, orders: Orders) -> Iterator[WatchedRow]:
    if watched is None:
        return
    order = watched.fitting(orders) or next(iter(orders), ())
    seen = watched.of(order) or watched.of_anchor()
    for video_id in seen:
        season, episode = _numbers(video_id)
        # Stremio says of the show alone when it was watched: that is so of the episode it stands at.
        is_last = video_id in {item.video_id, watched.anchor}
        yield WatchedRow(
            video_id=video_id,
            title_id=item.id,
            type=SERIES,
            season=season,
            episode=episode,
            name=item.name,
            poster=_poster(item),
            at=item.last_watched_ms if is_last else 0,
        )


def _paused(item: LibraryItem) -> Iterator[PlaybackRow]:
    """What Stremio shows to be continued."""
    video_id = item.video_id or (item.id if item.type == MOVIE else "")
    is_shown = not item.removed or item.temp
    if not (video_id and is_shown and item.time_offset_ms > 0 and item.duration_ms > 0):
        return
    season, episode = _numbers(video_id) if item.type == SERIES else (None, None)
    yield PlaybackRow(
        video_id=video_id,
        title_id=item.id,
        type=item.type,
        season=season,
        episode=episode,
        name=item.name,
        poster=_poster(item),
        share=min(1.0, item.time_offset_ms / item.duration_ms),
        duration_s=min(MAX_DURATION_S, item.duration_ms / 1000),
        at=item.last_watched_ms or item.changed_at_ms,
    )


def _numbers(video_id: str) -> tuple[int | None, int | None]:
    found = _NUMBERS.search(video_id)
    if found is None:
        return None, None
    season, episode = int(found[1]), int(found[2])
    return (season, episode) if max(season, episode) <= MAX_NUMBER else (None, None)


def _poster(item: LibraryItem) -> str:
    return item.poster if item.poster.startswith("https://") else ""


def is_less(now: ItemRows, before: ItemRows) -> tuple[bool, bool]:
    """Whether something was said before that no longer is: of what was watched, of what was stopped."""
    return (
        bool({row.video_id for row in before.watched} - {row.video_id for row in now.watched}),
        bool({row.video_id for row in before.playback} - {row.video_id for row in now.playback}),
    )
