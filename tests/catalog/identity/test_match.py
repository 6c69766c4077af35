"""Two entries, decided with a reason."""

from __future__ import annotations

import pytest

from services.catalog.identity.entry import Entry
from services.catalog.identity.match import decide
from services.catalog.identity.why import Rule
from tests.catalog.identity.made import entry


def said(one: Entry, other: Entry) -> tuple[bool, Rule]:
    """The same whichever is first."""
    why, back = decide(one, other), decide(other, one)
    assert (why.same, why.rule, why.score) == (back.same, back.rule, back.score)
    return why.same, why.rule


def test_a_film_and_a_series_are_never_the_same() -> None:
    film, series = entry("tt1", "Fargo", 1996), entry("tt1", "Fargo", 1996, "series")
    assert said(film, series) == (False, "kind")


def test_equal_ids_are_enough_whatever_the_names_say() -> None:
    one = entry("tt0000417", "A Trip to the Moon", 1902)
    other = entry("tmdb:775", "Le Voyage dans la lune", 1905, imdb_id="tt0000417")
    assert said(one, other) == (True, "ids")


def test_different_ids_of_one_system_are_enough_too() -> None:
    assert said(entry("tt0010930", "Dune", 1984), entry("tt0010931", "Dune", 1984)) == (False, "ids")


def test_equal_numbers_of_two_systems_mean_nothing() -> None:
    one, other = entry("tmdb:603", "The Matrix", 1999), entry("tvdb:603", "Hotel", 1983)
    assert said(one, other) == (False, "other_name")


def test_systems_that_disagree_leave_it_to_the_names() -> None:
    one = entry("tt0000001", "Carmencita", 1894, tmdb_id=5)
    assert said(one, entry("tmdb:5", "Carmencita", 1894, imdb_id="tt0000002")) == (True, "ids_disagree")
    assert said(one, entry("tmdb:5", "Blacksmith", 1894, imdb_id="tt0000002")) == (False, "ids_disagree")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Dune", 2021), ("DUNE (2021)", None)),
        (("Dune", 2021), ("Dune: Part One", 2021)),
        (("The Thing", 1982), ("Thing, The", 1981)),
        (("Rocky II", 1979), ("Rocky 2", 1979)),
        (("Amélie", 2001), ("Amelie [MULTI]", 2001)),
        (("Dr. Strangelove or: How I Learned to Stop Worrying", 1964), ("Dr. Strangelove", 1964)),
        (("Blade Runner", None), ("Blade Runner", 1982)),
        (("The Invaders 1912", None), ("The Invaders", 1912)),
    ],
)
def test_one_name_and_a_year_at_most_one_apart_is_one_title(
    one: tuple[str, int | None], other: tuple[str, int | None]
) -> None:
    assert said(entry("a:1", *one), entry("b:1", *other)) == (True, "name")


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        (("Dune", 1984), ("Dune", 2021), "other_year"),
        (("Dune", 1984), ("Dune (1986)", None), "other_year"),
        (("Rocky", 1976), ("Rocky II", 1977), "other_part"),
        (("Rocky II", 1979), ("Rocky III", 1980), "other_part"),
        (("Rocky 2", 1979), ("Rocky III", 1980), "other_part"),
        (("Kill Bill: Vol. 1", 2003), ("Kill Bill: Vol. 2", 2004), "other_part"),
        (("The Hunger Games", 2012), ("The Maze Runner", 2012), "other_name"),
        (("The Kid", 1921), ("The Cid", 1921), "other_name"),
        (("Blade Runner", None), ("Blade Runner 2049", None), "doubtful"),
        (("Ozzie and Harriet: The Pen", 1963), ("Ozzie and Harriet: The Box", 1963), "doubtful"),
    ],
)
def test_remakes_sequels_and_others_stay_apart(
    one: tuple[str, int | None], other: tuple[str, int | None], rule: Rule
) -> None:
    assert said(entry("a:1", *one), entry("b:1", *other)) == (False, rule)


def test_a_slip_of_the_fingers_is_forgiven_where_the_years_agree() -> None:
    one = entry("a:1", "Machete Kills", 2013)
    assert said(one, entry("b:1", "Mahcete Kills", 2013)) == (True, "near_name")
    assert said(one, entry("b:1", "Mahcete Kills", 2014)) == (False, "doubtful")
    assert said(one, entry("b:1", "Mahcete Kills")) == (False, "doubtful")


def test_genres_people_and_running_time_break_the_tie() -> None:
    one = entry("a:1", "Beyond", 1921, genres=["Drama"], cast=["Ethel Clayton"], runtime="50 min")
    like = entry("b:1", "Beyond", 1922, genres=["drama"], cast=["ethel clayton"], runtime="0h 52min")
    unlike = entry("c:1", "Beyond", 1922, genres=["Horror"], cast=["Jake West"], runtime=103)
    assert decide(one, like).score > decide(one, entry("d:1", "Beyond", 1922)).score
    assert said(one, like) == (True, "name")
    assert said(one, unlike) == (False, "doubtful")


def test_channels_are_never_the_same_by_name() -> None:
    one, other = entry("a:1", "News", type_="tv"), entry("b:1", "News", type_="tv")
    assert said(one, other) == (False, "other_name")


def test_the_reason_holds_what_was_compared() -> None:
    one = entry("a:1", "Rocky II", 1979, genres=["Sport"])
    why = decide(one, entry("b:1", "ROCKY: Part 2", 1980, genres=["Drama"]))
    assert [(fact.what, fact.one, fact.other, fact.says) for fact in why.facts] == [
        ("name", "rocky 2", "rocky 2", "same"),
        ("year", "1979", "1980", "near"),
        ("genres", "sport", "drama", "different"),
    ]
    assert why.same
    assert 0.86 <= why.score < 1


@pytest.mark.parametrize("odd", [None, 7, "", [], {}, True, "soon", -3, 1e300])
def test_members_of_any_type_are_read(odd: object) -> None:
    read = entry("a:1", releaseInfo=odd, genres=odd, runtime=odd, cast=odd, links=odd)
    assert (read.year, read.genres) == (None, frozenset())
