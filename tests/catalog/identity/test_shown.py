"""A list read page by page: what was shown stays, and nothing is shown twice."""

from __future__ import annotations

from services.catalog.identity.choices import Choices
from services.catalog.identity.entry import Entry
from services.catalog.identity.shown import Shown
from tests.catalog.identity.made import entry, key


def kept(*entries: Entry, choices: Choices | None = None) -> list[str]:
    """The ids shown; the first so many entries always show the same."""
    found: list[list[str]] = []
    for count in range(len(entries) + 1):
        shown = Shown(choices or Choices())
        found.append([each.key[1] for each in entries[:count] if shown.take(each) is None])
    assert all(found[-1][: len(each)] == each for each in found)
    return found[-1]


def test_the_first_entry_of_a_title_is_shown() -> None:
    assert kept(
        entry("own:7", "EN - THE MATRIX (1999) [4K]"),
        entry("tt0133093", "The Matrix", 1999, moviedb_id=603),
        entry("tmdb:603", "Matrice"),
        entry("own:8", "Matirx", 1999),
        entry("own:7", "EN - THE MATRIX (1999) [4K]"),
        entry("tt0234215", "The Matrix Reloaded", 2003),
    ) == ["own:7", "tt0234215"]


def test_remakes_sequels_and_series_are_shown() -> None:
    ids = ["a:1", "a:2", "a:3", "a:4"]
    assert (
        kept(
            entry("a:1", "Dune", 1984),
            entry("a:2", "Dune", 2021),
            entry("a:3", "Dune: Part Two", 2024),
            entry("a:4", "Dune", 1984, "series"),
        )
        == ids
    )


def test_what_one_entry_adds_the_next_is_known_by() -> None:
    assert kept(
        entry("tmdb:775", "Le Voyage dans la lune", 1902),
        entry("own:1", "A Trip to the Moon", 1902, tmdb_id=775, imdb_id="tt0000417"),
        entry("tt0000417", "Something else"),
        entry("own:2", "A Trip to the Moon", 1902),
    ) == ["tmdb:775"]


def test_an_entry_that_could_be_either_of_two_titles_is_shown() -> None:
    films = entry("tt0000001", "Samson", 1914), entry("tt0000002", "Samson", 1915)
    assert kept(*films, entry("a:1", "Samson")) == ["tt0000001", "tt0000002", "a:1"]
    assert kept(*films, entry("a:1", "Samson", 1915)) == ["tt0000001", "tt0000002"]


def test_what_comes_later_does_not_take_back_what_was_said() -> None:
    """At its place there was one Samson only."""
    assert kept(
        entry("tt0000001", "Samson", 1914), entry("a:1", "Samson"), entry("tt0000002", "Samson", 1915)
    ) == ["tt0000001", "tt0000002"]


def test_ids_that_disagree_with_the_title_tie_nothing() -> None:
    assert kept(
        entry("tt0000001", "Carmencita", 1894, tmdb_id=1),
        entry("tt0000002", "Blacksmith", 1893, tmdb_id=1),
    ) == ["tt0000001", "tt0000002"]


def test_the_owners_word_counts_first() -> None:
    one, other = entry("tt0000001", "Carmencita", 1894), entry("a:1", "Carmencita", 1894)
    stranger = entry("a:2", "Blacksmith", 1893)
    choices = Choices.of([(stranger.key, one.key)], [(one.key, other.key)])
    assert kept(one, other, stranger, choices=choices) == ["tt0000001", "a:1"]


def test_a_hidden_entry_says_what_it_is_the_same_as_and_why() -> None:
    shown = Shown()
    shown.take(entry("tt0000001", "Carmencita", 1894))
    link = shown.take(entry("a:1", "CARMENCITA (1894)"))
    assert link is not None
    assert (link.one, link.other, link.why.rule) == (key("a:1"), key("tt0000001"), "name")
