"""A panel's details as they are kept: cut to what columns hold, without what engines refuse."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

import msgspec

from libs.protocols.imdb.ids import title_number
from libs.protocols.text import storable
from libs.protocols.xtream.details import Episode as PanelEpisode
from libs.protocols.xtream.details import MovieDetails, SeriesDetails, Title
from libs.providers.pictures import picture_of
from services.catalog.library.lines import EXTENSION_CHARS, TEXT_CHARS, URL_CHARS, integer
from services.catalog.library_model import Season, Told
from services.catalog.store.library.details import Facts
from services.catalog.store.library.episodes import ToldEpisode

NAME_CHARS: Final = 300
MOST_EPISODES: Final = 20_000
MOST_BACKDROPS: Final = 10
_ADDED: Final = 2**53
_YEARS: Final = range(1870, 2200)


def movie_told(details: MovieDetails) -> Told:
    video, audio = details.video, details.audio
    return msgspec.structs.replace(
        _told(details.title),
        bitrate=integer(details.bitrate),
        video_codec="" if video is None else _text(video.codec, NAME_CHARS),
        width=None if video is None else integer(video.width),
        height=None if video is None else integer(video.height),
        audio_codec="" if audio is None else _text(audio.codec, NAME_CHARS),
        audio_channels=None if audio is None else integer(audio.channels),
    )


def series_told(details: SeriesDetails) -> Told:
    return _told(details.title)


def facts_of(title: Title) -> Facts:
    return Facts(
        year=title.year if title.year in _YEARS else None,
        tmdb=integer(title.tmdb_id),
        imdb=None if title.imdb_id is None else title_number(title.imdb_id),
    )


def seasons_told(details: SeriesDetails) -> list[Season]:
    return [
        Season(
            number=season.number,
            name=_text(season.name, NAME_CHARS),
            plot=_text(season.plot, TEXT_CHARS),
            air_date=_text(season.air_date, NAME_CHARS),
            picture=_link(season.picture),
        )
        for season in details.seasons
        if integer(season.number) is not None
    ]


def episodes_told(details: SeriesDetails) -> list[ToldEpisode]:
    return [
        _episode(episode)
        for episode in details.episodes[:MOST_EPISODES]
        if integer(episode.season) is not None and 0 < episode.id < _ADDED
    ]


def _told(title: Title) -> Told:
    return Told(
        original_name=_text(title.original_name, NAME_CHARS),
        plot=_text(title.plot, TEXT_CHARS),
        cast=_text(title.cast, TEXT_CHARS),
        director=_text(title.director, NAME_CHARS),
        genre=_text(title.genre, NAME_CHARS),
        country=_text(title.country, NAME_CHARS),
        age=_text(title.age, NAME_CHARS),
        picture=_link(title.picture),
        backdrops=tuple(filter(None, map(_link, title.backdrops[:MOST_BACKDROPS]))),
        trailer=_text(title.trailer, NAME_CHARS),
        release_date=_text(title.release_date, NAME_CHARS),
        duration_s=integer(title.duration_s),
    )


def _episode(told: PanelEpisode) -> ToldEpisode:
    rating = None if told.rating is None else integer(round(told.rating * 10))
    episode = ToldEpisode(
        panel_id=told.id,
        season=told.season,
        number=integer(told.number),
        hash=0,
        title=_text(told.title, NAME_CHARS),
        plot=_text(told.plot, TEXT_CHARS),
        air_date=_text(told.air_date, NAME_CHARS),
        picture=_link(told.picture),
        added=told.added if told.added is not None and 0 < told.added < _ADDED else 0,
        extension=_text(told.extension, EXTENSION_CHARS),
        duration_s=integer(told.duration_s),
        rating=rating,
    )
    digest = hashlib.blake2b(msgspec.json.encode(episode), digest_size=8).digest()
    return replace(episode, hash=int.from_bytes(digest, "big", signed=True))


def _text(value: str, most: int) -> str:
    return storable(value[:most])


def _link(value: str) -> str:
    return picture_of(_text(value, URL_CHARS)) if len(value) <= URL_CHARS else ""
