"""A list of anime read: both shapes of it, what an entry may lack, and what is no list at all."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from libs.protocols.anime.errors import ListBroken, NoEntries, NotJson, ShapeChanged
from libs.protocols.anime.reading import AnimeId, read_list

ENTRY = {"type": "TV", "imdb_id": ["tt0000020"], "kitsu_id": 5}


def read(*entries: object) -> tuple[AnimeId, ...]:
    return read_list(msgspec.json.encode(entries)).ids


def one(**members: Any) -> tuple[int | None, int]:
    """Season and offset of an entry among others of its show."""
    ids = read({**ENTRY, **members}, {**ENTRY, "kitsu_id": 6})
    return ids[0].season, ids[0].episodes_before


def test_an_entry_links_every_id_it_has() -> None:
    entry = {
        **ENTRY,
        "mal_id": 7,
        "anilist_id": 8,
        "anidb_id": "9",
        "livechart_id": 10,
        "anime-planet_id": "x",
    }
    assert read({**entry, "season": {"tvdb": 2}, "episode_offset": {"tvdb": 12}}) == (
        AnimeId(5, "kitsu", 20, 2, 12),
        AnimeId(7, "mal", 20, 2, 12),
        AnimeId(8, "anilist", 20, 2, 12),
        AnimeId(9, "anidb", 20, 2, 12),
    )


def test_the_older_shape_is_read_too() -> None:
    entry = {"type": "TV", "imdb_id": "tt0000020", "kitsu_id": 5, "themoviedb_id": "77", "thetvdb_id": 3}
    assert read(entry) == (AnimeId(5, "kitsu", 20, 1, 0),)


@pytest.mark.parametrize(
    "imdb_id",
    [None, "", "[]", [], ["[]"], [None], {}, 0, "tt", "tt0000000", "NaN", ["tt1", "tt2"], "tt1,tt2"],
)
def test_without_one_title_at_imdb_nothing_is_linked(imdb_id: object) -> None:
    assert read({**ENTRY, "imdb_id": imdb_id}, {**ENTRY, "kitsu_id": 6}) == (AnimeId(6, "kitsu", 20, 1, 0),)


@pytest.mark.parametrize("imdb_id", [["tt0000020", "tt0000020"], ["tt20", None], " tt0000020 ", "tt0000020,"])
def test_one_title_written_oddly_is_one_title(imdb_id: object) -> None:
    assert read({**ENTRY, "imdb_id": imdb_id})[0].imdb == 20


@pytest.mark.parametrize("kitsu_id", [None, 0, "0", "", -5, "abc", 1_000_000_000, True, [5], 5.5e300])
def test_what_is_no_id_is_left_out(kitsu_id: object) -> None:
    assert [id_.system for id_ in read({**ENTRY, "kitsu_id": kitsu_id, "mal_id": 7})] == ["mal"]


def test_tvdb_counts_before_tmdb() -> None:
    both = {"tvdb": 1, "tmdb": 2}
    assert one(season=both, episode_offset={"tvdb": 3, "tmdb": 4}) == (1, 3)
    assert one(season={"tmdb": 2}, episode_offset={"tvdb": 3, "tmdb": 4}) == (2, 4)
    assert one(season={"tvdb": 0}) == (0, 0)


@pytest.mark.parametrize("offset", [-1, "many", 1e300, [1]])
def test_an_offset_that_makes_no_sense_places_no_episode(offset: object) -> None:
    assert one(season={"tvdb": 1}, episode_offset={"tvdb": offset}) == (None, 0)


@pytest.mark.parametrize("season", [None, {}, {"tvdb": None}, {"tvdb": -1}, {"tvdb": "a"}, 3, "x"])
def test_without_a_season_no_episode_of_a_show_of_several_is_placed(season: object) -> None:
    assert one(season=season) == (None, 0)


def test_the_only_anime_of_a_show_is_its_first_season() -> None:
    assert read(ENTRY)[0].season == 1
    assert read({**ENTRY, "season": {"tvdb": "a"}})[0].season is None


def test_a_film_has_no_episodes() -> None:
    assert read({**ENTRY, "type": "MOVIE", "season": {"tvdb": 1}})[0].season is None


def test_an_id_that_comes_twice_counts_as_it_came_first() -> None:
    assert read(ENTRY, {**ENTRY, "imdb_id": ["tt0000030"]}) == (AnimeId(5, "kitsu", 20, 1, 0),)


def test_what_is_no_entry_is_left_out() -> None:
    found = read_list(msgspec.json.encode([7, None, "x", [], ENTRY, {"type": "TV"}]))
    assert (found.entries, found.linked, len(found.ids)) == (6, 1, 1)


WHOLE = msgspec.json.encode([ENTRY] * 50)


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"\n <!DOCTYPE html><html></html>", NotJson, "a web page instead of JSON"),
        (WHOLE[:-40], NotJson, "cut short"),
        (b"", NotJson, "no whole JSON"),
        (b"\x1f\x8b\x08", NotJson, "damaged"),
        (WHOLE.replace(b"[", b"[" * 5000, 1), NotJson, "no whole JSON"),
        (b'{"anime": []}', ShapeChanged, "no list"),
        (b"null", ShapeChanged, "no list"),
        (b"[]", NoEntries, "empty"),
        (WHOLE.replace(b"imdb_id", b"imdb"), ShapeChanged, "not one of 50 entries"),
        (WHOLE.replace(b"kitsu_id", b"kitsu"), ShapeChanged, "not one of 50 entries"),
    ],
)
def test_what_is_no_such_list_is_refused_in_words(body: bytes, kind: type[ListBroken], words: str) -> None:
    with pytest.raises(kind, match=words):
        read_list(body)
