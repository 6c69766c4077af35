"""Entries of JSON: what Trakt exports, in the shapes of its own answers, and items of Stremio libraries.

What an entry is shows in itself: names of files say only which list is the watchlist.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from libs.common.contracts.viewing_handover import PlaybackRow, WatchedRow
from libs.protocols.stremio_api.wire import read_item
from libs.protocols.times import moment_ms
from libs.protocols.trakt.wire import (
    Episode,
    Movie,
    PlaybackItem,
    Season,
    Show,
    WatchedEpisode,
    WatchedMovie,
    WatchedSeason,
    WatchedShow,
    WatchlistItem,
)
from services.sync.imports.reading.gather import Gathered, Unusable
from services.sync.imports.reading.said import ShowRow, StagedRow
from services.sync.stremio.rows import rows_of, watched_of
from services.sync.trakt import rows as trakt

NO_ID: Final = "It has no id of IMDb or TMDB."
NOT_WHICH: Final = "It says that a series was watched, but not which episodes."
NOT_LISTED: Final = "A watchlist here has films and series, not single seasons or episodes."
NO_TIME: Final = "When that was can't be read."
UNKNOWN: Final = "It is not understood."
_OTHER: Final = frozenset(
    {"rated_at", "rating", "collected_at", "hidden_at", "liked_at", "comment", "dropped_at"}
)
_MOST_WRAPPED: Final = 3


def read_json(data: bytes, where: str, gathered: Gathered, *, is_watchlist: bool) -> None:
    """`is_watchlist`: whether titles that are listed are meant to be seen. Raises Unusable."""
    for number, raw in enumerate(_entries(data), 1):
        gathered.count()
        spot = f"{where}, entry {number:,}" if where else f"entry {number:,}"
        try:
            _take(raw, spot, gathered, is_watchlist=is_watchlist)
        except (ValueError, OverflowError, RecursionError):
            gathered.unread(spot, UNKNOWN)


def _entries(data: bytes) -> Sequence[msgspec.Raw]:
    try:
        return _unwrapped(msgspec.Raw(data.removeprefix(b"\xef\xbb\xbf").strip()), 0)
    except RecursionError:
        raise Unusable("It is nested too deep to be read.") from None
    except (msgspec.MsgspecError, UnicodeError) as error:
        if "truncated" in str(error):
            raise Unusable(
                "It ends too early: it was cut off on its way. Export or copy it once more."
            ) from None
        raise Unusable("It looks like JSON, but it can't be read as such.") from None


def _unwrapped(raw: msgspec.Raw, depth: int) -> Sequence[msgspec.Raw]:
    """The list, or all lists of an object: libraries are wrapped in different ways."""
    text = bytes(raw[:1]) if isinstance(raw, bytes) else bytes(memoryview(raw)[:1])
    if text == b"[":
        return msgspec.json.decode(raw, type=list[msgspec.Raw])
    if text != b"{" or depth == _MOST_WRAPPED:
        return []
    members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    if "_id" in members or "watched_at" in members:
        return [raw]
    found = list[msgspec.Raw]()
    for member in members.values():
        found += _unwrapped(member, depth + 1)
    return found


def _take(raw: msgspec.Raw, where: str, gathered: Gathered, *, is_watchlist: bool) -> None:
    told = msgspec.json.decode(raw)
    if not isinstance(told, dict):
        gathered.unread(where, UNKNOWN)
    elif "_id" in told and "state" in told:
        _note(gathered, "stremio")
        _stremio(bytes(raw), where, gathered)
    elif "transportUrl" in told:
        gathered.ignored += 1
    else:
        _trakt(told, where, gathered, is_watchlist=is_watchlist)


def _note(gathered: Gathered, format_: Any) -> None:
    if format_ not in gathered.formats:
        gathered.formats.append(format_)


def _stremio(raw: bytes, where: str, gathered: Gathered) -> None:
    item = read_item(raw)
    if item is None:
        gathered.unread(where, UNKNOWN)
        return
    rows = rows_of(item, None, ())
    found: list[StagedRow] = [*rows.watched, *rows.playback]
    if watched_of(item) is not None:
        poster = item.poster if item.poster.startswith("https://") else ""
        found.append(
            ShowRow(
                id=item.id,
                name=item.name,
                poster=poster,
                video_id=item.video_id,
                watched=item.watched,
                last_watched_ms=item.last_watched_ms,
            )
        )
    for row in found:
        gathered.add(row)
    # A library is full of titles that were never begun.
    gathered.ignored += not found


def _trakt(told: dict[str, Any], where: str, gathered: Gathered, *, is_watchlist: bool) -> None:
    is_known = bool(told.keys() & {"movie", "show", "episode", "season"})
    if not is_known:
        if told.keys() & _OTHER:
            gathered.ignored += 1
        else:
            gathered.unread(where, UNKNOWN)
        return
    _note(gathered, "trakt")
    if "listed_at" in told and not is_watchlist:
        gathered.ignored += 1
    elif "listed_at" in told:
        _listed(told, where, gathered)
    elif "progress" in told:
        _rows(list(trakt.paused(msgspec.convert({"id": 0, **told}, PlaybackItem))), told, where, gathered)
    elif "watched_at" in told:
        _play(told, where, gathered)
    elif "seasons" in told or ("show" in told and "plays" in told):
        _show(told, where, gathered)
    elif "movie" in told and told.keys() & {"plays", "last_watched_at"}:
        _rows(list(trakt.watched_movie(msgspec.convert(told, WatchedMovie))), told, where, gathered)
    elif told.keys() & _OTHER:
        gathered.ignored += 1
    else:
        gathered.unread(where, UNKNOWN)


def _listed(told: dict[str, Any], where: str, gathered: Gathered) -> None:
    item = msgspec.convert(told, WatchlistItem)
    if item.type in {"season", "episode"}:
        gathered.unread(where, NOT_LISTED)
    else:
        _rows(list(trakt.listed(item)), told, where, gathered)


def _show(told: dict[str, Any], where: str, gathered: Gathered) -> None:
    item = msgspec.convert(told, WatchedShow)
    if not item.seasons:
        gathered.unread(where, NOT_WHICH)
        return
    rows = list(trakt.watched_show(item))
    if not rows and trakt.title_id(item.show.ids) is not None:
        # Begun anew: all of it was seen before.
        gathered.ignored += 1
        return
    _rows(rows, told, where, gathered)


class _Play(msgspec.Struct, frozen=True, kw_only=True):
    watched_at: str | None = None
    movie: Movie | None = None
    show: Show | None = None
    season: Season | int | None = None
    episode: Episode | None = None


def _play(told: dict[str, Any], where: str, gathered: Gathered) -> None:
    play = msgspec.convert(told, _Play)
    if play.watched_at and moment_ms(play.watched_at) is None:
        gathered.unread(where, NO_TIME)
        return
    _rows(list(_played(play)), told, where, gathered, is_play=True)


def _played(play: _Play) -> Iterator[WatchedRow]:
    """As the same play would be told of a whole film or show."""
    if play.movie is not None:
        yield from trakt.watched_movie(WatchedMovie(movie=play.movie, last_watched_at=play.watched_at))
    elif play.show is not None and play.episode is not None:
        season, number = play.episode.season, play.episode.number
        if season is not None and number is not None:
            seen = WatchedEpisode(number=number, last_watched_at=play.watched_at)
            seasons = (WatchedSeason(number=season, episodes=(seen,)),)
            yield from trakt.watched_show(WatchedShow(show=play.show, seasons=seasons))


def _rows(
    rows: Sequence[StagedRow | PlaybackRow],
    told: dict[str, Any],
    where: str,
    gathered: Gathered,
    *,
    is_play: bool = False,
) -> None:
    for row in rows:
        gathered.add(row, is_play=is_play)
    if not rows:
        gathered.unread(where, UNKNOWN if _has_id(told) else NO_ID)


def _has_id(told: dict[str, Any]) -> bool:
    of = told.get("movie") or told.get("show")
    ids = of.get("ids") if isinstance(of, dict) else None
    return isinstance(ids, dict) and bool(ids.get("imdb") or ids.get("tmdb"))
