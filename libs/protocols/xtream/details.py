"""A film or a series in full.

PHP writes an empty object as `[]` and an object whose keys run from 0 as a list, so any object may come as
one. What is told of a title is often wrong or missing; only an episode without a number is no episode.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec import Struct

from libs.protocols.xtream.answers import decode, json_of, refusal_of
from libs.protocols.xtream.errors import AnswerUnreadable, NothingThere
from libs.protocols.xtream.rows import NO_ID
from libs.protocols.xtream.values import (
    category_ids,
    imdb_id,
    links,
    rating,
    seconds,
    some,
    text,
    tmdb_id,
    whole,
    year,
)

_Object = Mapping[str, object]


class Video(Struct, frozen=True, kw_only=True):
    codec: str = ""
    width: int | None = None
    height: int | None = None


class Audio(Struct, frozen=True, kw_only=True):
    codec: str = ""
    channels: int | None = None


class Title(Struct, frozen=True, kw_only=True):
    """What is told of a film or a series. `rating` is of 10, `duration_s` of a series that of an episode."""

    name: str = ""
    original_name: str = ""
    plot: str = ""
    cast: str = ""
    director: str = ""
    genre: str = ""
    country: str = ""
    age: str = ""
    picture: str = ""
    backdrops: tuple[str, ...] = ()
    trailer: str = ""
    release_date: str = ""
    year: int | None = None
    rating: float | None = None
    duration_s: int | None = None
    tmdb_id: int | None = None
    imdb_id: str | None = None


class MovieDetails(Struct, frozen=True, kw_only=True):
    """`name` is the row's, which may differ from the title's. `bitrate` is in kbit/s."""

    id: int
    title: Title
    name: str = ""
    extension: str = ""
    added: int | None = None
    category_ids: tuple[str, ...] = ()
    bitrate: int | None = None
    video: Video | None = None
    audio: Audio | None = None


class Season(Struct, frozen=True, kw_only=True):
    """Season 0 is what stands beside the others."""

    number: int
    name: str = ""
    plot: str = ""
    air_date: str = ""
    picture: str = ""


class Episode(Struct, frozen=True, kw_only=True):
    """A stream of an episode. Several may share season and number: they are copies, not mistakes."""

    id: int
    season: int
    number: int | None = None
    title: str = ""
    plot: str = ""
    air_date: str = ""
    picture: str = ""
    extension: str = ""
    added: int | None = None
    rating: float | None = None
    duration_s: int | None = None
    bitrate: int | None = None
    video: Video | None = None
    audio: Audio | None = None


class SeriesDetails(Struct, frozen=True, kw_only=True):
    """`seasons` are those told and those that episodes name; `skipped` counts entries that are no episode."""

    title: Title
    modified: int | None = None
    category_ids: tuple[str, ...] = ()
    seasons: tuple[Season, ...] = ()
    episodes: tuple[Episode, ...] = ()
    skipped: dict[str, int] = {}


class _Answer(Struct):
    """Of either question, each member as it came."""

    info: object = None
    movie_data: object = None
    seasons: object = None
    episodes: object = None


def parse_movie(body: bytes, movie_id: int) -> MovieDetails:
    """Raises NothingThere for an id that the panel doesn't know, and an XtreamError for no answer."""
    answer = _answer(body)
    info, data = _object(answer.info), _object(answer.movie_data)
    if not info and not data:
        raise NothingThere
    return MovieDetails(
        id=some(data.get("stream_id")) or movie_id,
        title=_title(info),
        name=text(data.get("name")),
        extension=text(data.get("container_extension")) or text(info.get("container_extension")),
        added=some(data.get("added")),
        category_ids=category_ids(data.get("category_id"), data.get("category_ids")),
        bitrate=some(info.get("bitrate")),
        video=_video(info.get("video")),
        audio=_audio(info.get("audio")),
    )


def parse_series(body: bytes) -> SeriesDetails:
    """Raises NothingThere for an id that the panel doesn't know, and an XtreamError for no answer."""
    answer = _answer(body)
    info = _object(answer.info)
    skipped: Counter[str] = Counter()
    episodes = tuple(_episodes(answer.episodes, skipped))
    told = [] if not isinstance(answer.seasons, (list, dict)) else _entries(answer.seasons)
    if not info and not episodes and not told:
        raise NothingThere
    return SeriesDetails(
        title=_title(info),
        modified=some(info.get("last_modified")),
        category_ids=category_ids(info.get("category_id"), info.get("category_ids")),
        seasons=_seasons(told, episodes),
        episodes=episodes,
        skipped=dict(skipped),
    )


def _answer(body: bytes) -> _Answer:
    found = decode(body, object)
    if found == []:
        raise NothingThere
    if not isinstance(found, dict):
        raise AnswerUnreadable("The panel's answer can't be read.")
    if not found.keys() & set(_Answer.__struct_fields__):
        raise refusal_of(json_of(body)) or NothingThere()
    return msgspec.convert(found, _Answer)


def _object(value: object) -> _Object:
    return value if isinstance(value, dict) else {}


def _entries(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _first(info: _Object, *names: str) -> str:
    return next(filter(None, (text(info.get(name)) for name in names)), "")


def _title(info: _Object) -> Title:
    released = _first(info, "release_date", "releaseDate", "releasedate")
    return Title(
        name=_first(info, "name", "title"),
        original_name=_first(info, "o_name", "original_name"),
        plot=_first(info, "plot", "description"),
        cast=_first(info, "cast", "actors"),
        director=_first(info, "director"),
        genre=_first(info, "genre"),
        country=_first(info, "country"),
        age=_first(info, "age"),
        picture=_first(info, "cover_big", "movie_image", "cover"),
        backdrops=links(info.get("backdrop_path")),
        trailer=_first(info, "youtube_trailer", "trailer"),
        release_date=released,
        year=year(info.get("year"), released),
        rating=rating(info.get("rating"), info.get("rating_5based")),
        duration_s=_duration(info) or seconds(info.get("episode_run_time")),
        tmdb_id=tmdb_id(info.get("tmdb_id"), info.get("tmdb")),
        imdb_id=imdb_id(info.get("imdb_id")),
    )


def _duration(info: _Object) -> int | None:
    return some(info.get("duration_secs")) or seconds(info.get("duration"))


def _video(value: object) -> Video | None:
    told = _object(value)
    if not told:
        return None
    return Video(
        codec=text(told.get("codec_name")), width=some(told.get("width")), height=some(told.get("height"))
    )


def _audio(value: object) -> Audio | None:
    told = _object(value)
    return Audio(codec=text(told.get("codec_name")), channels=some(told.get("channels"))) if told else None


def _seasons(told: Iterable[object], episodes: Iterable[Episode]) -> tuple[Season, ...]:
    found = {episode.season: Season(number=episode.season) for episode in episodes}
    for season in map(_object, told):
        number = whole(season.get("season_number"))
        if number is not None:
            found[number] = Season(
                number=number,
                name=text(season.get("name")),
                plot=text(season.get("overview")),
                air_date=text(season.get("air_date")),
                picture=_first(season, "cover_big", "cover"),
            )
    return tuple(found[number] for number in sorted(found))


def _episodes(value: object, skipped: Counter[str]) -> Iterator[Episode]:
    for season, entry in _placed(value):
        told = _object(entry)
        found = some(told.get("id"))
        placed = whole(told.get("season")) if season is None else season
        if not told:
            skipped["not_an_object"] += 1
        elif found is None:
            skipped[NO_ID] += 1
        elif placed is None:
            skipped["no_season"] += 1
        else:
            yield _episode(told, found, placed)


def _placed(value: object) -> Iterator[tuple[int | None, object]]:
    """Every entry with the season its place tells. As a list of lists the season is the place in it."""
    groups: list[tuple[int | None, object]] = []
    if isinstance(value, dict):
        groups = [(whole(key), group) for key, group in value.items()]
    elif isinstance(value, list):
        groups = [(place, group) for place, group in enumerate(value)]
    for season, group in groups:
        if isinstance(group, dict) and "id" in group:  # an episode itself, whose place in a list says nothing
            yield season if isinstance(value, dict) else None, group
        else:
            for entry in _entries(group):
                yield season, entry


def _episode(told: _Object, episode_id: int, season: int) -> Episode:
    info = _object(told.get("info"))
    return Episode(
        id=episode_id,
        season=season,
        number=whole(told.get("episode_num")),
        title=text(told.get("title")),
        plot=_first(info, "plot", "overview"),
        air_date=_first(info, "air_date", "release_date", "releasedate", "releaseDate"),
        picture=_first(info, "movie_image", "cover_big"),
        extension=text(told.get("container_extension")),
        added=some(told.get("added")),
        rating=rating(info.get("rating")),
        duration_s=_duration(info),
        bitrate=some(info.get("bitrate")),
        video=_video(info.get("video")),
        audio=_audio(info.get("audio")),
    )
