"""What an addon said stays; what it lacks is filled in."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from libs.common.contracts.tmdb import TmdbChoice
from services.catalog.metadata.complete import completed, described, is_whole, lacks_episodes
from services.catalog.metadata.model import EpisodeFacts, Facts

FACTS = Facts(
    kind="movie",
    tmdb_id=19,
    imdb_id="tt0017136",
    name="Metropolis",
    local_name="Die Stadt",
    description="A city.",
    local_description="Eine Stadt.",
    poster="/p.jpg",
    background="/b.jpg",
    logo="/l.png",
    genres=("Drama", "Science Fiction"),
    cast=("Brigitte Helm",),
    directors=("Fritz Lang",),
    writers=("Thea von Harbou",),
    runtime_min=153,
    released="1927-02-06",
    years="1927",
)
LITTLE = {"id": "tt0017136", "type": "movie", "name": "METROPOLIS (1927)"}
WHOLE = {
    **LITTLE,
    "poster": "https://a.example/p.jpg",
    "background": "https://a.example/b.jpg",
    "description": "Theirs.",
    "genres": ["Silent"],
    "cast": ["Somebody"],
    "runtime": "2h",
    "releaseInfo": "1926",
}


CHOICE = TmdbChoice(poster_size="w342", background_size="w780")
IN_GERMAN = TmdbChoice(language="de-DE", poster_size="w342")


def complete(meta: dict[str, Any], facts: Facts = FACTS, *, choice: TmdbChoice = CHOICE) -> dict[str, Any]:
    raw = completed(msgspec.json.encode(meta), facts, choice)
    made: dict[str, Any] = msgspec.json.decode(raw)
    return made


def test_an_addon_that_knows_little_gets_all_the_rest() -> None:
    assert complete(LITTLE) == {
        **LITTLE,
        "description": "Eine Stadt.",
        "poster": "https://image.tmdb.org/t/p/w342/p.jpg",
        "background": "https://image.tmdb.org/t/p/w780/b.jpg",
        "logo": "https://image.tmdb.org/t/p/w500/l.png",
        "genres": ["Drama", "Science Fiction"],
        "cast": ["Brigitte Helm"],
        "director": ["Fritz Lang"],
        "writer": ["Thea von Harbou"],
        "runtime": "153 min",
        "released": "1927-02-06T00:00:00.000Z",
        "releaseInfo": "1927",
        "imdb_id": "tt0017136",
    }


def test_what_an_addon_said_stays() -> None:
    made = complete(WHOLE)
    assert {name: made[name] for name in WHOLE} == WHOLE


@pytest.mark.parametrize("nothing", [None, "", "  ", "N/A", "0", 0, []])
def test_what_addons_write_for_nothing_is_filled(nothing: object) -> None:
    assert complete({**WHOLE, "runtime": nothing})["runtime"] == "153 min"


@pytest.mark.parametrize(("written", "filled"), [("genre", "genres"), ("year", "releaseInfo")])
def test_a_member_in_its_older_form_is_not_written_twice(written: str, filled: str) -> None:
    meta: dict[str, Any] = {**WHOLE, written: ["Silent"]}
    del meta[filled]
    assert filled not in complete(meta)


def test_a_meta_that_lacks_nothing_is_the_very_same_bytes() -> None:
    raw = msgspec.json.encode(WHOLE)
    assert completed(raw, Facts(kind="movie", tmdb_id=19), IN_GERMAN) is raw


def test_texts_are_replaced_only_where_a_language_was_chosen() -> None:
    kept, translated = complete(WHOLE), complete(WHOLE, choice=IN_GERMAN)
    assert (kept["name"], kept["description"]) == ("METROPOLIS (1927)", "Theirs.")
    assert (translated["name"], translated["description"]) == ("Die Stadt", "Eine Stadt.")


def test_a_text_that_tmdb_has_not_in_the_language_stays() -> None:
    english = Facts(kind="movie", tmdb_id=19, name="Metropolis", description="A city.")
    made = complete(WHOLE, english, choice=IN_GERMAN)
    assert (made["name"], made["description"]) == ("METROPOLIS (1927)", "Theirs.")


def test_where_there_are_links_what_is_filled_stands_there_too() -> None:
    """Stremio reads genres and people from the links alone as soon as there is one."""
    rating = {"name": "8.3", "category": "imdb", "url": "https://imdb.com/title/tt0017136"}
    made = complete({**LITTLE, "links": [rating]})
    assert made["links"][0] == rating
    assert [(link["category"], link["name"]) for link in made["links"][1:]] == [
        ("Genres", "Drama"),
        ("Genres", "Science Fiction"),
        ("Cast", "Brigitte Helm"),
        ("Directors", "Fritz Lang"),
        ("Writers", "Thea von Harbou"),
    ]
    assert made["links"][2]["url"] == "stremio:///search?search=Science%20Fiction"


def test_links_of_a_category_are_not_added_to() -> None:
    genre = {"name": "Silent", "category": "genres", "url": "stremio:///discover"}
    made = complete({**LITTLE, "links": [genre]})
    assert [link["name"] for link in made["links"] if link["category"].lower() == "genres"] == ["Silent"]
    assert "genres" not in made


def test_without_links_none_are_made() -> None:
    """They would hide the rating and the genres that stand in plain members."""
    assert "links" not in complete(LITTLE)
    assert complete({**LITTLE, "links": []})["links"] == []


@pytest.mark.parametrize("released", ["", "1927", "tomorrow"])
def test_a_date_that_is_none_is_not_passed_on(released: str) -> None:
    facts = Facts(kind="movie", tmdb_id=19, released=released)
    assert "released" not in complete(LITTLE, facts)


def test_a_title_is_whole_with_everything_that_its_page_shows() -> None:
    links = [{"name": "Silent", "category": "Genres"}, {"name": "Somebody", "category": "Cast"}]
    linked = {name: value for name, value in WHOLE.items() if name not in ("genres", "cast")}
    assert is_whole(msgspec.json.encode(WHOLE))
    assert is_whole(msgspec.json.encode({**linked, "links": links}))
    assert not is_whole(msgspec.json.encode(linked))
    assert not is_whole(msgspec.json.encode(LITTLE))


def test_what_tmdb_alone_knows_is_a_meta_of_the_id_that_was_asked_for() -> None:
    meta = msgspec.json.decode(described(FACTS, "movie", "tt0017136", CHOICE))
    assert (meta["id"], meta["type"], meta["name"]) == ("tt0017136", "movie", "Die Stadt")
    assert meta["runtime"] == "153 min"


def test_episodes_are_passed_on_as_they_were_written() -> None:
    raw = b'{"id":"tt1","type":"series","name":"A","videos":[ {"id" : "tt1:1:1", "n": 1.50} ]}'
    assert b'[ {"id" : "tt1:1:1", "n": 1.50} ]' in completed(raw, FACTS, CHOICE)


EPISODES = (
    EpisodeFacts(1, 1, "Pilot", "It begins.", "2008-01-20", "/s.jpg"),
    EpisodeFacts(1, 2, "", "", "soon", ""),
)
SERIES = Facts(kind="tv", tmdb_id=1396, imdb_id="tt0903747", name="The Line", episodes=EPISODES)
PILOT = {
    "id": "tt0903747:1:1",
    "title": "Pilot",
    "season": 1,
    "episode": 1,
    "released": "2008-01-20T00:00:00.000Z",
    "overview": "It begins.",
    "thumbnail": "https://image.tmdb.org/t/p/w300/s.jpg",
}


@pytest.mark.parametrize("videos", [{}, {"videos": []}, {"videos": None}])
@pytest.mark.parametrize("id_", ["tt0903747", "own:1"])
def test_a_series_without_episodes_gets_them(id_: str, videos: dict[str, Any]) -> None:
    meta = {"id": id_, "type": "series", "name": "The Line", **videos}
    assert lacks_episodes(msgspec.json.encode(meta))
    made = complete(meta, SERIES)["videos"]
    assert made == [PILOT, {"id": "tt0903747:1:2", "title": "Episode 2", "season": 1, "episode": 2}]


def test_episodes_that_an_addon_has_stay_as_they_are() -> None:
    own = [{"id": "own:1:1", "title": "Theirs"}]
    meta = {"id": "tt0903747", "type": "series", "name": "The Line", "videos": own}
    assert complete(meta, SERIES)["videos"] == own
    assert not lacks_episodes(msgspec.json.encode(meta))


def test_a_film_gets_no_episodes() -> None:
    assert "videos" not in complete(LITTLE, SERIES)
    assert not lacks_episodes(msgspec.json.encode(LITTLE))


def test_a_series_that_tmdb_alone_knows_has_its_episodes() -> None:
    meta = msgspec.json.decode(described(SERIES, "series", "tmdb:1396", CHOICE))
    assert meta["videos"][0] == PILOT
