"""TMDB's answers as they are sent. Members that aren't used are skipped; most of the others may be null."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

Kind = Literal["movie", "tv"]

MAX_PAGE = 500
"""TMDB refuses pages beyond with status 400, code 22, whatever `total_pages` says."""

PAGE_ITEMS = 20


class Named(Struct, frozen=True):
    name: str = ""


class SearchItem(Struct, frozen=True, kw_only=True):
    """A row of a search. `media_type` stands only in a search over everything, where persons are found too.

    Films have title and release_date, series name and first_air_date.
    """

    id: int
    media_type: str = ""
    title: str = ""
    name: str = ""
    original_title: str = ""
    original_name: str = ""
    overview: str | None = None
    poster_path: str | None = None
    backdrop_path: str | None = None
    release_date: str | None = None
    first_air_date: str | None = None
    vote_average: float | None = None
    vote_count: int | None = None
    popularity: float | None = None


class SearchPage(Struct, frozen=True, kw_only=True):
    page: int
    results: tuple[SearchItem, ...]
    total_pages: int
    total_results: int


class FoundItem(Struct, frozen=True):
    id: int


class Found(Struct, frozen=True):
    """What an id of another system stands for. Numbers are shared: film 25 is not series 25."""

    movie_results: tuple[FoundItem, ...] = ()
    tv_results: tuple[FoundItem, ...] = ()


class ExternalIds(Struct, frozen=True, kw_only=True):
    imdb_id: str | None = None
    tvdb_id: int | None = None
    wikidata_id: str | None = None


class Cast(Struct, frozen=True, kw_only=True):
    name: str = ""
    order: int = 0


class Crew(Struct, frozen=True, kw_only=True):
    name: str = ""
    job: str = ""


class Credits(Struct, frozen=True):
    cast: tuple[Cast, ...] = ()
    crew: tuple[Crew, ...] = ()


class Image(Struct, frozen=True, kw_only=True):
    """`iso_639_1` is the language of the words on it, null for none."""

    file_path: str
    iso_639_1: str | None = None
    vote_average: float = 0.0


class Images(Struct, frozen=True):
    posters: tuple[Image, ...] = ()
    backdrops: tuple[Image, ...] = ()
    logos: tuple[Image, ...] = ()


class Texts(Struct, frozen=True):
    """Of one translation; what isn't translated is empty."""

    title: str | None = None
    name: str | None = None
    overview: str | None = None


class Translation(Struct, frozen=True, kw_only=True):
    iso_639_1: str
    iso_3166_1: str = ""
    data: Texts = Texts()


class Translations(Struct, frozen=True):
    translations: tuple[Translation, ...] = ()


class SeasonHead(Struct, frozen=True):
    """Season 0 is what stands beside the others."""

    season_number: int
    episode_count: int = 0


class EpisodeItem(Struct, frozen=True, kw_only=True):
    season_number: int
    episode_number: int
    name: str | None = None
    overview: str | None = None
    air_date: str | None = None
    still_path: str | None = None


class Season(Struct, frozen=True):
    episodes: tuple[EpisodeItem, ...] = ()


class Details(Struct, frozen=True, kw_only=True):
    """A film or a series. Which of both is told by the question, not by the answer."""

    id: int
    title: str = ""
    name: str = ""
    original_title: str = ""
    original_name: str = ""
    original_language: str = ""
    overview: str | None = None
    poster_path: str | None = None
    backdrop_path: str | None = None
    genres: tuple[Named, ...] = ()
    runtime: int | None = None
    episode_run_time: tuple[int, ...] = ()
    release_date: str | None = None
    first_air_date: str | None = None
    last_air_date: str | None = None
    in_production: bool = False
    created_by: tuple[Named, ...] = ()
    seasons: tuple[SeasonHead, ...] = ()
    credits: Credits = Credits()
    external_ids: ExternalIds = ExternalIds()
    images: Images = Images()
    translations: Translations = Translations()

    def translated(self, language: str) -> Sequence[Texts]:
        """Texts in `language` ("de-AT" or "de"), of its region before those of another."""
        name, _, region = language.partition("-")
        same = [each for each in self.translations.translations if each.iso_639_1 == name]
        return [each.data for each in sorted(same, key=lambda each: each.iso_3166_1 != region)]
