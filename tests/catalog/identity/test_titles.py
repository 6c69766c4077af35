"""Entries put together: conflicts, doubt, choices, and that order makes no difference."""

from __future__ import annotations

from itertools import permutations

import pytest

from services.catalog.identity.choices import Choices
from services.catalog.identity.entry import Entry
from services.catalog.identity.titles import Title, put_together
from tests.catalog.identity.made import entry, key


def groups(*entries: Entry, choices: Choices | None = None) -> list[list[str]]:
    """The ids of every title, the same in every order of a few entries."""
    choices = choices or Choices()
    found: list[list[list[str]]] = []
    for some in permutations(entries) if len(entries) < 5 else (entries, entries[::-1]):
        titles = {title.keys for title in put_together(some, choices).values()}
        found.append(sorted([id_ for _, id_ in keys] for keys in titles))
    assert all(each == found[0] for each in found)
    return found[0]


def title_of(id_: str, *entries: Entry) -> Title:
    return put_together(entries)[key(id_)]


def test_one_film_of_four_addons_is_one_title_called_by_its_imdb_id() -> None:
    entries = (
        entry("tt0133093", "The Matrix", 1999, moviedb_id=603),
        entry("tmdb:603", "Matrix", 1999),
        entry("provider:7", "EN - THE MATRIX (1999) [4K]"),
        entry("archive:x", "Matrix, The", 1998),
    )
    assert groups(*entries) == [["archive:x", "provider:7", "tmdb:603", "tt0133093"]]
    assert title_of("provider:7", *entries).id == "tt0133093"


def test_every_entry_hangs_on_the_others_by_a_reason() -> None:
    title = title_of("a:1", entry("tt0000001", "Carmencita", 1894), entry("a:1", "Carmencita", 1894))
    assert [(link.one[1], link.other[1], link.why.rule) for link in title.links] == [
        ("a:1", "tt0000001", "name")
    ]


def test_what_two_addons_say_about_one_id_is_taken_together() -> None:
    assert groups(
        entry("tmdb:5", "Carmencita"),
        entry("tmdb:5", "Carmencita", imdb_id="tt0000001"),
        entry("tt0000001", "Something else"),
    ) == [["tmdb:5", "tt0000001"]]


def test_an_entry_between_two_titles_goes_to_the_better_one() -> None:
    assert groups(
        entry("tt0000001", "Samson", 1914),
        entry("tt0000002", "Samson", 1915),
        entry("a:1", "Samson", 1915),
    ) == [["a:1", "tt0000002"], ["tt0000001"]]


def test_an_entry_that_could_be_either_of_two_titles_stays_by_itself_and_says_so() -> None:
    entries = (
        entry("tt0000001", "Samson", 1914),
        entry("tt0000002", "Samson", 1915),
        entry("a:1", "Samson"),
    )
    assert groups(*entries) == [["a:1"], ["tt0000001"], ["tt0000002"]]
    kept_out = title_of("a:1", *entries).kept_out
    assert [(link.why.rule, link.why.same) for link in kept_out] == [("several", False)] * 2


def test_a_name_without_a_year_is_not_given_to_one_of_two_remakes() -> None:
    films = (entry("a:1", "Dune", 1984), entry("b:1", "Dune", 2021))
    assert groups(*films, entry("c:1", "Dune")) == [["a:1"], ["b:1"], ["c:1"]]
    assert groups(films[0], entry("c:1", "Dune")) == [["a:1", "c:1"]]


def test_years_do_not_creep_from_one_entry_to_the_next() -> None:
    years = range(2000, 2006)
    found = groups(*(entry(f"a:{year}", "Jane Eyre", year) for year in years))
    assert all(int(ids[-1][-4:]) - int(ids[0][-4:]) <= 2 for ids in found)


def test_ids_that_say_same_here_and_different_there_do_not_tie_two_titles() -> None:
    """An addon with a wrong number beside its own id."""
    assert groups(
        entry("tt0000001", "Carmencita", 1894, tmdb_id=1),
        entry("tt0000002", "Blacksmith", 1893, tmdb_id=1),
        entry("tmdb:1", "Carmencita", 1894),
    ) == [["tmdb:1", "tt0000001"], ["tt0000002"]]


def test_two_seasons_of_an_anime_stay_apart_though_imdb_has_one_id_for_both() -> None:
    found = groups(
        entry("kitsu:1", "Bebop", 1998, "series", imdb_id="tt0213338"),
        entry("kitsu:2", "Bebop: Second Season", 1999, "series", imdb_id="tt0213338"),
    )
    assert found == [["kitsu:1"], ["kitsu:2"]]


def test_films_and_series_of_one_name_id_and_year_are_two_titles() -> None:
    film, series = entry("tmdb:25", "Fargo", 1996), entry("tmdb:25", "Fargo", 1996, "series")
    titles = put_together([film, series])
    assert titles[key("tmdb:25")] != titles[key("tmdb:25", "series")]


def test_the_owner_keeps_apart_what_looks_the_same() -> None:
    one, other = entry("tt0000001", "Carmencita", 1894), entry("a:1", "Carmencita", 1894, imdb_id="tt0000001")
    between = entry("b:1", "Carmencita", 1894)
    apart = Choices.of([], [(key("a:1"), key("tt0000001"))])
    assert groups(one, other, choices=apart) == [["a:1"], ["tt0000001"]]
    assert groups(one, other, between, choices=apart) == [["a:1"], ["b:1"], ["tt0000001"]]


def test_the_owner_puts_together_what_looks_different_but_not_across_kinds() -> None:
    one, other = entry("tt0000001", "Carmencita", 1894), entry("tt0000002", "Blacksmith", 1893)
    series = entry("tt0000002", "Blacksmith", 1893, "series")
    pairs = [(key("tt0000002"), key("tt0000001")), (key("tt0000001"), key("tt0000002", "series"))]
    titles = put_together([one, other, series], Choices.of(pairs, []))
    assert titles[one.key] is titles[other.key]
    assert titles[one.key].links[0].why.rule == "chosen"
    assert titles[series.key].keys == (series.key,)


def test_keeping_apart_is_stronger_than_putting_together() -> None:
    a, b, c = (entry(f"a:{n}", f"Film {'abc'[n]}", 1950) for n in range(3))
    choices = Choices.of([(a.key, b.key), (b.key, c.key)], [(a.key, c.key)])
    assert groups(a, b, c, choices=choices) == [["a:0", "a:1"], ["a:2"]]


@pytest.mark.parametrize("count", [150, 1000])
def test_a_name_that_very_many_have_is_compared_by_ids_alone(count: int) -> None:
    entries = [entry(f"a:{n}", "Episode", 2000) for n in range(count)]
    assert len({title.keys for title in put_together(entries).values()}) == count
