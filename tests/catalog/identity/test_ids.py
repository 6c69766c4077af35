"""Ids of public systems, wherever addons put them."""

from __future__ import annotations

import pytest

from tests.catalog.identity.made import entry, with_members


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("tt0111161", {"imdb": "tt0111161"}),
        ("tt111161", {"imdb": "tt0111161"}),
        ("tmdb:603", {"tmdb": "603"}),
        ("tmdb603", {"tmdb": "603"}),
        ("tvdb:81189", {"tvdb": "81189"}),
        ("kitsu:1", {"kitsu": "1"}),
        ("mal:05", {"mal": "5"}),
        ("anilist:7", {"anilist": "7"}),
        ("603", {}),
        ("ttv:5", {}),
        ("tt0000000", {}),
        ("provider:tt0111161", {}),
        ("tmdb:the-matrix", {}),
    ],
)
def test_the_entrys_own_id_names_its_system_or_none(own: str, expected: dict[str, str]) -> None:
    assert entry(own).ids == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"imdb_id": "tt0133093"}, {"imdb": "tt0133093"}),
        ({"imdb_id": 133093}, {"imdb": "tt0133093"}),
        ({"imdbId": " tt0133093 "}, {"imdb": "tt0133093"}),
        ({"moviedb_id": 603, "tvdb_id": "00170"}, {"tmdb": "603", "tvdb": "170"}),
        ({"tmdb_id": "603"}, {"tmdb": "603"}),
        ({"behaviorHints": {"defaultVideoId": "tt0133093"}}, {"imdb": "tt0133093"}),
        ({"behaviorHints": {"defaultVideoId": "tt0133093:1:2"}}, {"imdb": "tt0133093"}),
        ({"behaviorHints": {"defaultVideoId": "kitsu:12:1"}}, {"kitsu": "12"}),
    ],
)
def test_ids_stand_in_members_and_hints(members: dict[str, object], expected: dict[str, str]) -> None:
    assert with_members(members).ids == expected


@pytest.mark.parametrize("nothing", [None, "", "0", 0, "null", "-", [], {}, True, -5, "tt", "tt0", 1.5])
def test_what_is_no_id_is_none(nothing: object) -> None:
    members = dict.fromkeys(("imdb_id", "tmdb_id", "moviedb_id", "tvdb_id", "kitsu_id", "links"), nothing)
    assert with_members({**members, "behaviorHints": {"defaultVideoId": nothing}}).ids == {}


def linked(category: str, url: str, type_: str = "movie") -> dict[str, str]:
    found = entry("own:1", type_=type_, links=[{"name": "x", "category": category, "url": url}, 7, {}]).ids
    return {system: id_ for system, id_ in found.items()}


@pytest.mark.parametrize(
    ("category", "url", "expected"),
    [
        ("imdb", "https://imdb.com/title/tt0133093", {"imdb": "tt0133093"}),
        ("IMDb", "https://www.imdb.com/de/title/tt0133093/?ref=x", {"imdb": "tt0133093"}),
        ("tmdb", "https://www.themoviedb.org/movie/603-the-matrix", {"tmdb": "603"}),
        ("tvdb", "https://thetvdb.com/dereferrer/movie/170", {"tvdb": "170"}),
        ("MyAnimeList", "https://myanimelist.net/anime/5", {"mal": "5"}),
        ("kitsu", "https://kitsu.app/anime/12", {"kitsu": "12"}),
    ],
)
def test_a_link_about_the_entry_holds_its_id(category: str, url: str, expected: dict[str, str]) -> None:
    assert linked(category, url) == expected


@pytest.mark.parametrize(
    ("category", "url"),
    [
        ("Similar", "https://imdb.com/title/tt0133093"),
        ("Cast", "https://imdb.com/name/nm0000206"),
        ("share", "https://www.strem.io/s/movie/the-matrix-0133093"),
        ("imdb", "stremio:///detail/movie/tt0133093"),
    ],
)
def test_a_link_to_something_else_holds_none(category: str, url: str) -> None:
    assert linked(category, url) == {}


def test_tmdbs_number_of_a_film_is_not_that_of_a_series() -> None:
    assert linked("tmdb", "https://www.themoviedb.org/movie/25", "series") == {}
    assert linked("tmdb", "https://www.themoviedb.org/tv/25", "series") == {"tmdb": "25"}


def test_of_two_ids_of_a_system_the_entrys_own_counts() -> None:
    links = [{"name": "7", "category": "imdb", "url": "https://imdb.com/title/tt0000003"}]
    assert entry("tt0000001", imdb_id="tt0000002", links=links).ids == {"imdb": "tt0000001"}
