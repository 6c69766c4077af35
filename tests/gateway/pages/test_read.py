"""Metadata of every shape an addon may send."""

import msgspec
import pytest

from services.gateway.pages.read import (
    MAX_DESCRIPTION_CHARS,
    MAX_NAME_CHARS,
    read_card,
    read_facts,
)
from tests.gateway.pages.inner import raw


def test_a_preview_without_an_id_is_left_out() -> None:
    assert read_card(raw({"name": "Nameless"})) is None


@pytest.mark.parametrize("broken", ["null", "[]", '"text"', "1", "{"])
def test_what_is_no_object_is_left_out(broken: str) -> None:
    assert read_card(msgspec.Raw(broken.encode())) is None


def test_numbers_where_texts_belong_are_read() -> None:
    card = read_card(
        raw({"id": "tt1", "type": "movie", "name": 1984, "releaseInfo": 1956, "imdbRating": 7.5})
    )
    assert card is not None
    assert (card.name, card.facts) == ("1984", "1956 · ★ 7.5")


def test_a_card_without_type_takes_its_rows() -> None:
    card = read_card(raw({"id": "x/1"}), "series")
    assert card is not None
    assert (card.href, card.name) == ("/title/series/x%2F1", "x/1")


def test_a_rating_in_the_links_comes_before_the_member() -> None:
    links = [{"name": "8.1", "category": "imdb", "url": "https://imdb.example.org"}]
    assert read_facts(raw({"imdbRating": "2.0", "links": links}), "movie", "tt1").rating == "8.1"


def test_a_poster_by_another_scheme_is_no_poster() -> None:
    card = read_card(raw({"id": "tt1", "name": "x", "poster": "javascript:alert(1)"}))
    assert card is not None
    assert card.poster is None


def test_episodes_are_in_watching_order_once_each() -> None:
    videos = [
        {"id": "a:0:1", "season": 0, "episode": 1},
        {"id": "a:1:2", "season": "1", "episode": "2", "released": "not a date", "imdbRating": "8.4"},
        {"id": "a:1:1", "season": 1, "number": 1, "name": "First", "released": "1936-01-12T00:00:00.000Z"},
        {"id": "a:1:1", "season": 1, "number": 1, "name": "First again"},
        {"season": 9},
        None,
    ]
    facts = read_facts(raw({"videos": videos}), "series", "a")
    assert [episode.id for episode in facts.episodes] == ["a:1:1", "a:1:2", "a:0:1"]
    assert [episode.rating for episode in facts.episodes] == ["", "8.4", ""]
    assert facts.seasons == (1, 0)
    assert facts.default_video == ""


def test_null_members_are_empty() -> None:
    facts = read_facts(raw({"genres": None, "cast": None, "videos": None, "links": None}), "movie", "tt1")
    assert (facts.genres, facts.cast, facts.episodes, facts.default_video) == ((), (), (), "tt1")


def test_texts_without_end_are_clipped() -> None:
    """A name of a megabyte made the home page two."""
    long = "x" * 1_000_000
    video = {"id": "v1", "title": long, "overview": long}
    members = {"id": "tt1", "name": long, "description": long, "releaseInfo": long, "videos": [video]}
    card = read_card(raw({**members, "poster": f"https://x.test/{long}"}))
    assert card is not None
    assert (len(card.name), card.name[-1]) == (MAX_NAME_CHARS, "…")
    assert len(card.description) == MAX_DESCRIPTION_CHARS
    assert card.poster is None
    facts = read_facts(raw({**members, "genres": [long] * 1000, "cast": "a," * 1000}), "movie", "tt1")
    assert len(repr(facts)) < 40_000


def test_a_title_whose_id_no_address_can_hold_is_left_out() -> None:
    assert read_card(raw({"id": "x" * 10_000, "type": "movie", "name": "Long"})) is None
