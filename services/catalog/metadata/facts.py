"""TMDB's details read into facts: the language chosen, its gaps filled from others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from libs.protocols.tmdb.wire import Details, Image, Kind, Season
from services.catalog.metadata.model import EpisodeFacts, Facts

MOST_CAST = 12
MOST_OTHERS = 4
MOST_EPISODES = 3000
ENGLISH = "en-US"
WRITING = frozenset({"Screenplay", "Writer", "Story"})


def facts_of(kind: Kind, details: Details, language: str) -> Facts:
    """`language` is what the details were asked for in; empty is English."""
    local_name, local_description = _local(details, language or ENGLISH)
    crew = details.credits.crew
    cast = sorted(details.credits.cast, key=lambda person: person.order)
    created = [person.name for person in details.created_by]
    return Facts(
        kind=kind,
        tmdb_id=details.id,
        imdb_id=details.external_ids.imdb_id or "",
        tvdb_id=details.external_ids.tvdb_id or 0,
        wikidata_id=details.external_ids.wikidata_id or "",
        name=details.title or details.name or details.original_title or details.original_name,
        local_name=local_name,
        description=details.overview or next(_descriptions(details), ""),
        local_description=local_description,
        poster=details.poster_path or _best(details.images.posters, language),
        background=details.backdrop_path or _best(details.images.backdrops, language),
        logo=_best(details.images.logos, language),
        genres=_names((genre.name for genre in details.genres), MOST_CAST),
        cast=_names((person.name for person in cast), MOST_CAST),
        directors=_names((person.name for person in crew if person.job == "Director"), MOST_OTHERS),
        writers=_names(created or [person.name for person in crew if person.job in WRITING], MOST_OTHERS),
        runtime_min=details.runtime or next(iter(details.episode_run_time), 0),
        released=details.release_date or details.first_air_date or "",
        years=_years(details),
    )


def episodes_of(seasons: Iterable[Season]) -> tuple[EpisodeFacts, ...]:
    """In order, season by season."""
    items = (item for season in seasons for item in season.episodes)
    return tuple(
        EpisodeFacts(
            season=item.season_number,
            number=item.episode_number,
            name=item.name or "",
            description=item.overview or "",
            released=item.air_date or "",
            still=item.still_path or "",
        )
        for item in islice(items, MOST_EPISODES)
    )


def _local(details: Details, language: str) -> tuple[str, str]:
    """Name and description in the language; a name that is the same in it isn't repeated by TMDB."""
    translated = details.translated(language)
    known = translated or details.original_language == language.partition("-")[0]
    name = (details.title or details.name) if known else ""
    first = (text for each in translated for text in (each.overview,) if text)
    return name, details.overview or next(first, "")


def _descriptions(details: Details) -> Iterator[str]:
    """In English, else in the title's own language."""
    for language in (ENGLISH, details.original_language):
        yield from (each.overview for each in details.translated(language) if each.overview)


def _best(images: Sequence[Image], language: str) -> str:
    """In the language, else in English, else without words; the best liked of those."""
    order = list(dict.fromkeys([language.partition("-")[0] or "en", "en", None]))
    fitting = [image for image in images if image.iso_639_1 in order]
    first = min(fitting, key=lambda image: (order.index(image.iso_639_1), -image.vote_average), default=None)
    return "" if first is None else first.file_path


def _names(names: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(name for name in names if name), most))


def _years(details: Details) -> str:
    """As Stremio writes them: 1927, 2008-2013, 2008- while it goes on."""
    if details.release_date:
        return details.release_date[:4]
    first, last = (details.first_air_date or "")[:4], (details.last_air_date or "")[:4]
    if not first:
        return ""
    return f"{first}-" if details.in_production else first if last in ("", first) else f"{first}-{last}"
