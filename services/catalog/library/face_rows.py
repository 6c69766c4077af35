"""Rows of the library in the shapes that players read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from services.catalog.library.face_shapes import (
    FaceAudio,
    FaceChannel,
    FaceEpisode,
    FaceEpisodeInfo,
    FaceMovie,
    FaceMovieData,
    FaceMovieFacts,
    FaceMovieInfo,
    FaceSeason,
    FaceSeries,
    FaceSeriesInfo,
    FaceTitle,
    FaceVideo,
)
from services.catalog.library_model import LARGEST_ID, Detailed, Episode, Season
from services.catalog.store.library.face import FaceItem

FAVOURITES: Final = LARGEST_ID - 1
UNSORTED: Final = LARGEST_ID - 2
"""Categories of the hub's own. Their numbers are out of the way of those that are given out."""
FAVOURITES_NAME: Final = "Favourites"
UNSORTED_NAME: Final = "Without a category"
DEFAULT_EXTENSION: Final = "mp4"

_RATINGS: Final = tuple((f"{tenths / 10:g}", tenths / 20) for tenths in range(101))


def channel(item: FaceItem, category: int, others: Sequence[int] = ()) -> FaceChannel:
    more = item.told()
    return FaceChannel(
        num=item.id if more.number is None else more.number,
        name=item.name,
        stream_type="radio_streams" if more.is_radio else "live",
        stream_id=item.id,
        stream_icon=item.icon,
        epg_channel_id=item.guide_id or None,
        added=str(item.added),
        is_adult=str(int(more.is_adult)),
        category_id=category_id(category),
        category_ids=category_ids(category, others),
        tv_archive=int(more.archive_days > 0),
        tv_archive_duration=more.archive_days,
    )


def movie(item: FaceItem, category: int, others: Sequence[int] = ()) -> FaceMovie:
    rating, of_five = rating_of(item)
    return FaceMovie(
        item.id,  # num
        item.name,
        item.title,
        str(item.year or ""),
        item.id,  # stream_id
        item.icon,
        rating,
        of_five,
        str(item.tmdb or ""),
        str(item.added),
        "1" if '"is_adult":true' in item.more else "0",
        category_id(category),
        category_ids(category, others),
        item.extension or DEFAULT_EXTENSION,
    )


def series(item: FaceItem, category: int, others: Sequence[int] = (), *, genres: str = "") -> FaceSeries:
    title = series_title(item, category, others, genres=genres)
    return FaceSeries(num=item.id, series_id=item.id, **msgspec.structs.asdict(title))


def series_title(
    item: FaceItem,
    category: int,
    others: Sequence[int] = (),
    *,
    genres: str = "",
    detailed: Detailed | None = None,
) -> FaceTitle:
    """What the list tells, and where it is silent what the details do."""
    more, told = item.told(), (detailed or Detailed()).told
    rating, of_five = rating_of(item)
    released = told.release_date
    return FaceTitle(
        name=item.name,
        title=item.title,
        year=str(item.year or ""),
        cover=item.icon or told.picture,
        plot=more.plot or told.plot,
        cast=more.cast or told.cast,
        director=more.director or told.director,
        genre=genres or told.genre,
        releaseDate_=released,
        release_date=released,
        last_modified=str(item.added),
        rating=rating,
        rating_5based=of_five,
        backdrop_path=(more.backdrop,) if more.backdrop else told.backdrops,
        youtube_trailer=more.trailer or told.trailer,
        episode_run_time=minutes(more.duration_s or told.duration_s),
        tmdb=str(item.tmdb or ""),
        category_id=category_id(category),
        category_ids=category_ids(category, others),
    )


def series_info(item: FaceItem, others: Sequence[int], detailed: Detailed, *, genres: str) -> FaceSeriesInfo:
    episodes: dict[str, list[FaceEpisode]] = {}
    for one in detailed.episodes:
        episodes.setdefault(str(one.season), []).append(_episode(one, len(episodes.get(str(one.season), ()))))
    return FaceSeriesInfo(
        seasons=[_season(one, len(episodes.get(str(one.number), ()))) for one in _seasons(detailed)],
        info=series_title(item, item.category, others, genres=genres, detailed=detailed),
        episodes=episodes,
    )


def movie_info(item: FaceItem, others: Sequence[int], detailed: Detailed, *, genres: str) -> FaceMovieInfo:
    more, told = item.told(), detailed.told
    duration_s = told.duration_s or more.duration_s or 0
    plot, cast = told.plot or more.plot, told.cast or more.cast
    picture = told.picture or item.icon
    backdrop = (more.backdrop,) if more.backdrop else ()
    return FaceMovieInfo(
        info=FaceMovieFacts(
            movie_image=picture,
            cover_big=picture,
            tmdb_id=str(item.tmdb or ""),
            name=item.name,
            o_name=told.original_name or more.original or item.title,
            backdrop_path=told.backdrops or backdrop,
            youtube_trailer=told.trailer or more.trailer,
            genre=told.genre or genres,
            plot=plot,
            description=plot,
            cast=cast,
            actors=cast,
            director=told.director or more.director,
            rating=(item.rating or 0) / 10,
            releasedate=told.release_date,
            release_date=told.release_date,
            duration_secs=duration_s,
            duration=clock_time(duration_s),
            bitrate=told.bitrate or 0,
            video=FaceVideo(codec_name=told.video_codec, width=told.width or 0, height=told.height or 0),
            audio=FaceAudio(codec_name=told.audio_codec, channels=told.audio_channels or 0),
            age=told.age,
            country=told.country,
        ),
        movie_data=_movie_data(item, others),
    )


def _movie_data(item: FaceItem, others: Sequence[int]) -> FaceMovieData:
    return FaceMovieData(
        stream_id=item.id,
        name=item.name,
        title=item.title,
        year=str(item.year or ""),
        added=str(item.added),
        category_id=category_id(item.category),
        category_ids=category_ids(item.category, others),
        container_extension=item.extension or DEFAULT_EXTENSION,
    )


def _seasons(detailed: Detailed) -> Sequence[Season]:
    """Also those that only episodes know of."""
    known = {season.number: season for season in detailed.seasons}
    for one in detailed.episodes:
        known.setdefault(one.season, Season(number=one.season))
    return [known[number] for number in sorted(known)]


def _season(season: Season, episodes: int) -> FaceSeason:
    return FaceSeason(
        air_date=season.air_date,
        episode_count=episodes,
        id=season.number,
        name=season.name or f"Season {season.number}",
        overview=season.plot,
        season_number=season.number,
        cover=season.picture,
        cover_big=season.picture,
    )


def _episode(episode: Episode, before: int) -> FaceEpisode:
    number = before + 1 if episode.number is None else episode.number
    return FaceEpisode(
        id=str(episode.id),
        episode_num=number,
        title=episode.title or f"Episode {number}",
        container_extension=episode.extension or DEFAULT_EXTENSION,
        info=FaceEpisodeInfo(
            movie_image=episode.picture,
            plot=episode.plot,
            releasedate=episode.air_date,
            rating=(episode.rating or 0) / 10,
            duration_secs=episode.duration_s or 0,
            duration=clock_time(episode.duration_s or 0),
        ),
        added=str(episode.added),
        season=episode.season,
    )


def rating_of(item: FaceItem) -> tuple[str, float]:
    """Of ten and of five; nought where there is none, since an empty text is no number to some players."""
    return _RATINGS[min(max(item.rating or 0, 0), 100)]


def category_id(category: int) -> str:
    return str(category or UNSORTED)


def category_ids(category: int, others: Sequence[int] = ()) -> Sequence[int]:
    first = category or UNSORTED
    return [first, *(other for other in others if other != category)] if others else [first]


def minutes(duration_s: int | None) -> str:
    return str(round((duration_s or 0) / 60))


def clock_time(duration_s: int) -> str:
    return f"{duration_s // 3600:02}:{duration_s // 60 % 60:02}:{duration_s % 60:02}"
