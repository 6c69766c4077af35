"""What is made of TMDB's details."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from libs.protocols.tmdb.wire import Details, Kind
from services.catalog.metadata.facts import MOST_CAST, facts_of
from services.catalog.metadata.model import Facts


def read(kind: Kind = "movie", language: str = "", **members: Any) -> Facts:
    return facts_of(kind, msgspec.convert({"id": 19, **members}, Details), language)


def in_languages(**texts: dict[str, str]) -> dict[str, object]:
    return {
        "translations": [
            {"iso_639_1": name.partition("_")[0], "iso_3166_1": name.partition("_")[2], "data": data}
            for name, data in texts.items()
        ]
    }


def test_a_film_has_all_that_a_page_shows() -> None:
    facts = read(
        title="Metropolis",
        overview="A city.",
        poster_path="/p.jpg",
        backdrop_path="/b.jpg",
        genres=[{"id": 1, "name": "Drama"}],
        runtime=153,
        release_date="1927-02-06",
        credits={
            "cast": [{"name": "Second", "order": 2}, {"name": "First", "order": 1}],
            "crew": [{"name": "Fritz Lang", "job": "Director"}, {"name": "Thea", "job": "Screenplay"}],
        },
        external_ids={"imdb_id": "tt0017136"},
        images={"logos": [{"file_path": "/l.png", "iso_639_1": "en"}]},
    )
    assert facts == Facts(
        kind="movie",
        tmdb_id=19,
        imdb_id="tt0017136",
        name="Metropolis",
        description="A city.",
        local_description="A city.",
        poster="/p.jpg",
        background="/b.jpg",
        logo="/l.png",
        genres=("Drama",),
        cast=("First", "Second"),
        directors=("Fritz Lang",),
        writers=("Thea",),
        runtime_min=153,
        released="1927-02-06",
        years="1927",
    )


@pytest.mark.parametrize(
    ("members", "years"),
    [
        ({"first_air_date": "2008-01-20", "last_air_date": "2013-09-29"}, "2008-2013"),
        ({"first_air_date": "2008-01-20", "last_air_date": "2026-09-29", "in_production": True}, "2008-"),
        ({"first_air_date": "2008-01-20", "last_air_date": "2008-03-01"}, "2008"),
        ({"first_air_date": ""}, ""),
        ({}, ""),
    ],
)
def test_the_years_of_a_series_are_written_as_stremio_does(members: dict[str, Any], years: str) -> None:
    assert read("tv", **members).years == years


def test_a_series_is_written_by_whoever_created_it() -> None:
    facts = read("tv", name="The Line", created_by=[{"name": "Ada"}], episode_run_time=[45, 50])
    assert (facts.name, facts.writers, facts.runtime_min) == ("The Line", ("Ada",), 45)


def test_what_is_translated_is_told_apart_from_what_stands_in() -> None:
    texts = in_languages(de_DE={"title": "Die Stadt", "overview": ""}, en_US={"overview": "A city."})
    german = read(language="de-DE", title="Die Stadt", overview="", translations=texts)
    assert (german.local_name, german.local_description) == ("Die Stadt", "")
    assert (german.name, german.description) == ("Die Stadt", "A city.")
    french = read(language="fr-FR", title="The City", overview="", translations=texts)
    assert (french.local_name, french.local_description, french.description) == ("", "", "A city.")


def test_a_translation_for_another_region_is_better_than_none() -> None:
    texts = in_languages(pt_BR={"title": "A Cidade", "overview": "Uma cidade."})
    facts = read(language="pt-PT", title="A Cidade", overview="", translations=texts)
    assert (facts.local_name, facts.local_description) == ("A Cidade", "Uma cidade.")


def test_a_title_in_its_own_language_needs_no_translation() -> None:
    facts = read(language="de-DE", title="Die Stadt", overview="Eine Stadt.", original_language="de")
    assert (facts.local_name, facts.local_description) == ("Die Stadt", "Eine Stadt.")


def test_a_text_without_english_comes_in_the_language_of_the_title() -> None:
    texts = in_languages(ja_JP={"title": "城", "overview": "城の話。"})
    facts = read(title="城", overview="", original_language="ja", translations=texts)
    assert facts.description == "城の話。"


def test_pictures_are_in_the_language_then_in_english_then_without_words() -> None:
    logos = [
        {"file_path": "/none.png", "iso_639_1": None, "vote_average": 9.0},
        {"file_path": "/en.png", "iso_639_1": "en", "vote_average": 5.0},
        {"file_path": "/de-worse.png", "iso_639_1": "de", "vote_average": 1.0},
        {"file_path": "/de.png", "iso_639_1": "de", "vote_average": 2.0},
    ]
    assert read(language="de-DE", images={"logos": logos}).logo == "/de.png"
    assert read(language="fr-FR", images={"logos": logos}).logo == "/en.png"
    assert read(images={"logos": logos[:1]}).logo == "/none.png"


def test_long_lists_of_people_are_cut() -> None:
    cast = [{"name": f"Person {number}", "order": number} for number in range(200)]
    assert len(read(credits={"cast": cast}).cast) == MOST_CAST


def test_what_tmdb_does_not_know_is_empty() -> None:
    nothing = read(
        overview=None, poster_path=None, runtime=None, release_date="", external_ids={"imdb_id": None}
    )
    assert nothing == Facts(kind="movie", tmdb_id=19)
