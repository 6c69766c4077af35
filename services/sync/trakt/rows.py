"""What an account at Trakt tells, as rows that viewing state takes. What no player could name is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from libs.common.contracts.viewing import MAX_DURATION_S
from libs.common.contracts.viewing_handover import ListedRow, PlaybackRow, WatchedRow
from libs.protocols.times import moment_ms
from libs.protocols.trakt.wire import (
    Ids,
    Movie,
    PlaybackItem,
    Show,
    WatchedMovie,
    WatchedShow,
    WatchlistItem,
)

MOVIE: Final = "movie"
SERIES: Final = "series"
MAX_NAME_CHARS: Final = 500
MAX_PLAYS: Final = 1_000_000
MAX_NUMBER: Final = 99_999
MAX_MS: Final = 2**53
_IMDB: Final = re.compile(r"tt[0-9]{1,12}")


def watched_movie(item: WatchedMovie) -> Iterator[WatchedRow]:
    id_ = title_id(item.movie.ids)
    if id_ is not None and item.plays != 0:
        yield WatchedRow(
            video_id=id_,
            title_id=id_,
            type=MOVIE,
            name=_name(item.movie),
            alias=_alias(item.movie.ids, id_),
            plays=_plays(item.plays),
            at=_at(item.last_watched_at),
        )


def watched_show(item: WatchedShow) -> Iterator[WatchedRow]:
    """Its episodes. Those last seen before the show was begun anew count as not watched."""
    id_, reset_ms = title_id(item.show.ids), moment_ms(item.reset_at)
    if id_ is None:
        return
    for season in item.seasons or ():
        for episode in season.episodes or ():
            at = _at(episode.last_watched_at)
            numbers = (season.number, episode.number)
            if (reset_ms is not None and at < reset_ms) or not _are_numbers(*numbers):
                continue
            yield WatchedRow(
                video_id=f"{id_}:{season.number}:{episode.number}",
                title_id=id_,
                type=SERIES,
                season=season.number,
                episode=episode.number,
                name=_name(item.show),
                alias=_alias(item.show.ids, id_),
                plays=_plays(episode.plays),
                at=at,
                aired=min(MAX_NUMBER, max(0, item.show.aired_episodes or 0)),
            )


def listed(item: WatchlistItem) -> Iterator[ListedRow]:
    """A film or a show. Of single seasons and episodes a watchlist here knows nothing."""
    of = {MOVIE: item.movie, "show": item.show}.get(item.type)
    id_ = None if of is None else title_id(of.ids)
    if of is not None and id_ is not None:
        type_ = MOVIE if item.type == MOVIE else SERIES
        yield ListedRow(title_id=id_, type=type_, name=_name(of), at=_at(item.listed_at))


def paused(item: PlaybackItem) -> Iterator[PlaybackRow]:
    of = item.movie if item.type == MOVIE else item.show
    id_, episode = None if of is None else title_id(of.ids), item.episode
    if of is None or id_ is None or item.progress is None:
        return
    share, at = min(1.0, max(0.0, item.progress / 100)), _at(item.paused_at)
    if item.type == MOVIE:
        yield PlaybackRow(
            video_id=id_,
            title_id=id_,
            type=MOVIE,
            name=_name(of),
            alias=_alias(of.ids, id_),
            share=share,
            duration_s=_duration_s(of.runtime),
            at=at,
        )
    elif episode is not None and _are_numbers(episode.season, episode.number):
        yield PlaybackRow(
            video_id=f"{id_}:{episode.season}:{episode.number}",
            title_id=id_,
            type=SERIES,
            season=episode.season,
            episode=episode.number,
            name=_name(of),
            alias=_alias(of.ids, id_),
            share=share,
            duration_s=_duration_s(episode.runtime or of.runtime),
            at=at,
        )


def title_id(ids: Ids | None) -> str | None:
    """As addons name it: by IMDb, else by TMDB."""
    if ids is None:
        return None
    if ids.imdb and _IMDB.fullmatch(ids.imdb):
        return ids.imdb
    return f"tmdb:{ids.tmdb}" if ids.tmdb and ids.tmdb > 0 else None


def _alias(ids: Ids | None, id_: str) -> str:
    """As addons of TMDB name it, where it goes by another id here."""
    other = f"tmdb:{ids.tmdb}" if ids is not None and ids.tmdb and ids.tmdb > 0 else id_
    return other if other != id_ else ""


def _name(of: Movie | Show) -> str:
    return (of.title or "")[:MAX_NAME_CHARS]


def _duration_s(minutes: int | None) -> float:
    return min(MAX_DURATION_S, max(0, 60 * (minutes or 0)))


def _plays(plays: int | None) -> int:
    return min(MAX_PLAYS, max(1, plays or 1))


def _at(text: str | None) -> int:
    return min(MAX_MS, max(0, moment_ms(text) or 0))


def _are_numbers(*numbers: int | None) -> bool:
    return all(number is not None and 0 <= number <= MAX_NUMBER for number in numbers)
