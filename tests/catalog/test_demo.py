"""The demo's films are well formed, and its answers are what a strict client accepts."""

import re

import msgspec
import pytest

from libs.protocols.stremio.answers import parse_answer
from libs.protocols.stremio.manifest import MANIFEST_BUDGET_BYTES, parse_manifest
from libs.protocols.stremio.objects import Meta, parse_metas, parse_streams
from libs.protocols.stremio.paths import ResourcePath
from services.catalog.demo import DemoAddon, Film

# Published in or before this year, a film is in the public domain of the United States from 2026 on.
LAST_YEAR_BY_AGE = 1930
NEVER_RENEWED_OR_WITHOUT_NOTICE = {
    "tt0032599",  # His Girl Friday: not renewed
    "tt0037638",  # Detour: not renewed
    "tt0042369",  # D.O.A.: not renewed
    "tt0051744",  # House on Haunted Hill: not renewed
    "tt0054033",  # The Little Shop of Horrors: not registered, no notice
    "tt0055830",  # Carnival of Souls: no notice
    "tt0056923",  # Charade: no valid notice
    "tt0063350",  # Night of the Living Dead: no notice
}


@pytest.fixture(scope="module")
def demo() -> DemoAddon:
    return DemoAddon.load()


def catalog(demo: DemoAddon, id_: str, *extra: tuple[str, str]) -> tuple[Meta, ...]:
    path = ResourcePath("catalog", "movie", id_, extra)
    return parse_metas(parse_answer("catalog", demo.answer(path) or b"", {}).items)


def film(demo: DemoAddon, imdb: str) -> Film:
    return next(film for film in demo.films if film.imdb == imdb)


def test_there_are_enough_films_and_each_stands_once(demo: DemoAddon) -> None:
    assert len(demo.films) >= 30
    assert len({film.imdb for film in demo.films}) == len({film.archive for film in demo.films})
    assert len({film.imdb for film in demo.films}) == len(demo.films)


def test_every_film_is_complete(demo: DemoAddon) -> None:
    for film in demo.films:
        assert re.fullmatch(r"tt\d{7,8}", film.imdb)
        assert re.fullmatch(r"[A-Za-z0-9._-]+", film.archive)
        assert film.genres
        assert film.directors
        assert 60 <= len(film.description) <= 300
        assert film.runtime_min is None or 1 <= film.runtime_min <= 240


def test_every_film_is_in_the_public_domain_for_a_reason_known(demo: DemoAddon) -> None:
    by_age = {film.imdb for film in demo.films if 1890 <= film.year <= LAST_YEAR_BY_AGE}
    assert {film.imdb for film in demo.films} - by_age == NEVER_RENEWED_OR_WITHOUT_NOTICE


def test_manifest_is_valid_and_small(demo: DemoAddon) -> None:
    body = demo.manifest_bytes()
    assert parse_manifest(body) == demo.manifest
    assert len(body) < MANIFEST_BUDGET_BYTES / 4


def test_all_films_stand_in_the_first_row(demo: DemoAddon) -> None:
    assert [meta.id for meta in catalog(demo, "films")] == [film.imdb for film in demo.films]


def test_row_by_genre_demands_one(demo: DemoAddon) -> None:
    assert demo.answer(ResourcePath("catalog", "movie", "genres")) is None
    comedies = catalog(demo, "genres", ("genre", "Comedy"))
    assert 0 < len(comedies) < len(demo.films)
    assert all("Comedy" in film(demo, meta.id).genres for meta in comedies)


def test_search_finds_title_director_and_year(demo: DemoAddon) -> None:
    for words in ("metropolis", "LANG fritz", "Metropolis 1927"):
        assert [meta.id for meta in catalog(demo, "films", ("search", words))] == ["tt0017136"]
    assert catalog(demo, "films", ("search", "no such film")) == ()


def test_skip_ends_the_row(demo: DemoAddon) -> None:
    assert catalog(demo, "films", ("skip", "100")) == ()
    assert len(catalog(demo, "films", ("skip", "2"))) == len(demo.films) - 2


def test_undeclared_extra_is_not_answered(demo: DemoAddon) -> None:
    assert demo.answer(ResourcePath("catalog", "movie", "films", (("year", "1927"),))) is None


def test_meta_holds_the_facts(demo: DemoAddon) -> None:
    answer = parse_answer("meta", demo.answer(ResourcePath("meta", "movie", "tt0063350")) or b"", {})
    meta = msgspec.json.decode(answer.meta or b"")
    assert (meta["name"], meta["releaseInfo"], meta["runtime"]) == (
        "Night of the Living Dead",
        "1968",
        "96 min",
    )
    assert meta["director"] == ["George A. Romero"]


def test_stream_leads_to_the_archives_page(demo: DemoAddon) -> None:
    answer = parse_answer("stream", demo.answer(ResourcePath("stream", "movie", "tt0037638")) or b"", {})
    (stream,) = parse_streams(answer.items)
    assert (stream.kind, stream.url) == ("external", "https://archive.org/details/Detour")


@pytest.mark.parametrize("resource", ["meta", "subtitles"])
def test_unknown_is_not_answered(demo: DemoAddon, resource: str) -> None:
    assert demo.answer(ResourcePath(resource, "movie", "tt9999999")) is None


def test_unknown_film_has_no_streams(demo: DemoAddon) -> None:
    answer = parse_answer("stream", demo.answer(ResourcePath("stream", "movie", "tt9999999")) or b"", {})
    assert answer.empty
