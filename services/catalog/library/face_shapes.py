"""What players read, to the type of each field: strict ones crash at a number where they know a string.

Ids of categories, times and ratings are strings; ids of streams and flags of the archive are numbers. No
field is ever left out, since some players look each up by its name.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class FaceCategory(msgspec.Struct, frozen=True, kw_only=True):
    category_id: str
    category_name: str
    parent_id: int = 0


class FaceChannel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    num: int
    name: str
    stream_type: str
    stream_id: int
    stream_icon: str
    epg_channel_id: str | None
    added: str
    is_adult: str
    category_id: str
    category_ids: Sequence[int]
    custom_sid: str = ""
    tv_archive: int
    direct_source: str = ""
    tv_archive_duration: int
    thumbnail: str = ""


class FaceMovie(msgspec.Struct, frozen=True, gc=False):
    """Made by place, not by name, which takes a third of the time: there are 100,000 and more."""

    num: int
    name: str
    title: str
    year: str
    stream_id: int
    stream_icon: str
    rating: str
    rating_5based: float
    tmdb: str
    added: str
    is_adult: str
    category_id: str
    category_ids: Sequence[int]
    container_extension: str
    stream_type: str = "movie"
    custom_sid: str = ""
    direct_source: str = ""


class FaceTitle(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename={"releaseDate_": "releaseDate"}):
    """What is told of a series, in the list and above its episodes."""

    name: str
    title: str
    year: str
    cover: str
    plot: str
    cast: str
    director: str
    genre: str
    releaseDate_: str
    release_date: str
    last_modified: str
    rating: str
    rating_5based: float
    backdrop_path: Sequence[str]
    youtube_trailer: str
    episode_run_time: str
    tmdb: str
    category_id: str
    category_ids: Sequence[int]


class FaceSeries(FaceTitle, frozen=True, kw_only=True, gc=False):
    num: int
    series_id: int
    stream_type: str = "series"


class FaceSeason(msgspec.Struct, frozen=True, kw_only=True):
    air_date: str
    episode_count: int
    id: int
    name: str
    overview: str
    season_number: int
    cover: str
    cover_big: str


class FaceEpisodeInfo(msgspec.Struct, frozen=True, kw_only=True):
    movie_image: str
    plot: str
    releasedate: str
    rating: float
    duration_secs: int
    duration: str
    bitrate: int = 0
    video: dict[str, str] = {}
    audio: dict[str, str] = {}


class FaceEpisode(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    episode_num: int
    title: str
    container_extension: str
    info: FaceEpisodeInfo
    custom_sid: str = ""
    added: str
    season: int
    direct_source: str = ""


class FaceSeriesInfo(msgspec.Struct, frozen=True, kw_only=True):
    """`episodes` by season, an object also where there are none."""

    seasons: Sequence[FaceSeason]
    info: FaceTitle
    episodes: dict[str, list[FaceEpisode]]


class FaceVideo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    codec_name: str = ""
    width: int = 0
    height: int = 0


class FaceAudio(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    codec_name: str = ""
    channels: int = 0


class FaceMovieFacts(msgspec.Struct, frozen=True, kw_only=True):
    movie_image: str
    cover_big: str
    tmdb_id: str
    name: str
    o_name: str
    backdrop_path: Sequence[str]
    youtube_trailer: str
    genre: str
    plot: str
    description: str
    cast: str
    actors: str
    director: str
    rating: float
    releasedate: str
    release_date: str
    duration_secs: int
    duration: str
    bitrate: int
    video: FaceVideo
    audio: FaceAudio
    subtitles: Sequence[str] = ()
    age: str
    country: str
    kinopoisk_url: str = ""
    status: str = "Released"


class FaceMovieData(msgspec.Struct, frozen=True, kw_only=True):
    stream_id: int
    name: str
    title: str
    year: str
    added: str
    category_id: str
    category_ids: Sequence[int]
    container_extension: str
    custom_sid: str = ""
    direct_source: str = ""


class FaceMovieInfo(msgspec.Struct, frozen=True, kw_only=True):
    info: FaceMovieFacts
    movie_data: FaceMovieData
