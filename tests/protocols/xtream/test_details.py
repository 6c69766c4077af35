"""Films and series in full, in every shape panels give them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from libs.protocols.xtream.answers import MAX_VALUES
from libs.protocols.xtream.details import (
    Audio,
    MovieDetails,
    Season,
    SeriesDetails,
    Video,
    parse_movie,
    parse_series,
)
from libs.protocols.xtream.errors import (
    AnswerUnreadable,
    Blocked,
    CredentialsRefused,
    CutShort,
    EmptyAnswer,
    NotAPanel,
    NothingThere,
    XtreamError,
)

MOVIE_INFO: dict[str, Any] = {
    "movie_image": "http://img.example/p.jpg",
    "cover_big": "http://img.example/big.jpg",
    "tmdb_id": 603,
    "name": "The Long Road",
    "o_name": "Der lange Weg",
    "backdrop_path": ["http://img.example/b.jpg"],
    "youtube_trailer": "abc",
    "genre": "Action",
    "plot": "They walk.",
    "cast": "A, B",
    "director": "C",
    "rating": 8.1,
    "releasedate": "1999-03-31",
    "duration_secs": 8160,
    "duration": "02:16:00",
    "bitrate": 5000,
    "video": {"codec_name": "h264", "width": 1920, "height": 1080, "disposition": {"default": 1}},
    "audio": {"codec_name": "aac", "channels": 6},
    "country": "DE",
    "age": "12",
}
MOVIE_DATA: dict[str, Any] = {
    "stream_id": 456,
    "name": "The Long Road (1999)",
    "added": "1609459200",
    "category_id": "10",
    "category_ids": [10, 12],
    "container_extension": "mkv",
}
EPISODE: dict[str, Any] = {
    "id": "1001",
    "episode_num": 1,
    "title": "Pilot",
    "container_extension": "mkv",
    "info": {
        "movie_image": "http://img.example/e.jpg",
        "plot": "It begins.",
        "releasedate": "2008-01-20",
        "rating": 9,
        "duration_secs": 3480,
        "duration": "00:58:00",
        "bitrate": 0,
        "video": {"codec_name": "hevc"},
        "audio": [],
    },
    "custom_sid": "",
    "added": "1609459200",
    "season": 1,
    "direct_source": "",
}
SERIES_INFO: dict[str, Any] = {
    "name": "The Line",
    "cover": "http://img.example/c.jpg",
    "plot": "A line is drawn.",
    "releaseDate": "2008-01-20",
    "last_modified": "1609459200",
    "rating": "9",
    "backdrop_path": [],
    "episode_run_time": "47",
    "category_id": "20",
}


def movie(info: object = MOVIE_INFO, data: object = MOVIE_DATA) -> MovieDetails:
    return parse_movie(json.dumps({"info": info, "movie_data": data}).encode(), 456)


def series(episodes: object, **others: object) -> SeriesDetails:
    answer = {"seasons": [], "info": SERIES_INFO, "episodes": episodes, **others}
    return parse_series(json.dumps(answer).encode())


def episode(**changes: object) -> dict[str, Any]:
    return {**EPISODE, **changes}


def places(details: SeriesDetails) -> list[tuple[int, int]]:
    return [(found.season, found.id) for found in details.episodes]


def test_a_film_as_usual() -> None:
    read = movie()
    assert (read.id, read.name, read.extension, read.added) == (
        456,
        "The Long Road (1999)",
        "mkv",
        1609459200,
    )
    assert (read.category_ids, read.bitrate) == (("10", "12"), 5000)
    assert (read.video, read.audio) == (
        Video(codec="h264", width=1920, height=1080),
        Audio(codec="aac", channels=6),
    )
    title = read.title
    assert (title.name, title.original_name, title.year, title.rating) == (
        "The Long Road",
        "Der lange Weg",
        1999,
        8.1,
    )
    assert (title.picture, title.tmdb_id, title.duration_s) == ("http://img.example/big.jpg", 603, 8160)
    assert (title.country, title.age, title.trailer) == ("DE", "12", "abc")


@pytest.mark.parametrize("answer", [{"info": []}, {"info": {}}, {"info": None, "movie_data": []}, []])
def test_a_film_that_is_not_there(answer: object) -> None:
    with pytest.raises(NothingThere):
        parse_movie(json.dumps(answer).encode(), 5)


def test_info_empty_but_the_film_is_there() -> None:
    read = movie(info=[])
    assert (read.id, read.extension, read.title.name, read.video) == (456, "mkv", "", None)


def test_no_movie_data_but_info() -> None:
    read = parse_movie(json.dumps({"info": MOVIE_INFO}).encode(), 77)
    assert (read.id, read.title.name, read.extension) == (77, "The Long Road", "")


@pytest.mark.parametrize("nothing", [[], {}, None, ""])
def test_video_and_audio_empty(nothing: object) -> None:
    read = movie({**MOVIE_INFO, "video": nothing, "audio": nothing})
    assert (read.video, read.audio) == (None, None)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ({"duration": "02:16:00"}, 8160),
        ({"duration": "16:05"}, 965),
        ({"duration": "136"}, 8160),
        ({"duration": 136}, 8160),
        ({"duration": "136 min"}, 8160),
        ({"duration": "00:00:00"}, None),
        ({"duration": ""}, None),
        ({"duration": None}, None),
        ({"duration": "soon"}, None),
        ({"duration": []}, None),
        ({"duration_secs": "8160", "duration": ""}, 8160),
        ({"duration_secs": 0, "duration": "16:05"}, 965),
        ({"duration_secs": "N/A", "duration": 2}, 120),
        ({"episode_run_time": "47"}, 2820),
        ({}, None),
    ],
)
def test_duration_in_every_form(told: dict[str, object], read: int | None) -> None:
    assert movie({"name": "A", **told}).title.duration_s == read


def test_other_names_of_members() -> None:
    title = movie(
        {"title": "T", "description": "D", "actors": "A", "release_date": "2001-02-03", "tmdb": "7"}
    ).title
    assert (title.name, title.plot, title.cast, title.release_date) == ("T", "D", "A", "2001-02-03")
    assert title.tmdb_id == 7


def test_a_series_as_usual() -> None:
    seasons = [
        {
            "season_number": 1,
            "name": "Season 1",
            "overview": "First.",
            "air_date": "2008-01-20",
            "cover": "c.jpg",
        }
    ]
    read = series({"1": [EPISODE]}, seasons=seasons)
    assert (read.title.name, read.title.duration_s, read.modified) == ("The Line", 2820, 1609459200)
    assert read.category_ids == ("20",)
    assert read.seasons == (
        Season(number=1, name="Season 1", plot="First.", air_date="2008-01-20", picture="c.jpg"),
    )
    (found,) = read.episodes
    assert (found.id, found.season, found.number, found.title, found.extension) == (
        1001,
        1,
        1,
        "Pilot",
        "mkv",
    )
    assert (found.plot, found.air_date, found.rating, found.duration_s) == (
        "It begins.",
        "2008-01-20",
        9.0,
        3480,
    )
    assert (found.video, found.audio, found.bitrate) == (Video(codec="hevc"), None, None)


def test_episodes_array_where_the_place_is_the_season() -> None:
    read = series([[episode(id="1", season=0)], [episode(id="2")], [], [episode(id="4", season="9")]])
    assert places(read) == [(0, 1), (1, 2), (3, 4)]


def test_episodes_array_without_groups_tell_their_season_themselves() -> None:
    read = series([episode(id="1", season="2"), episode(id="2", season=0), episode(id="3", season=None)])
    assert places(read) == [(2, 1), (0, 2)]
    assert read.skipped == {"no_season": 1}


def test_a_group_of_episodes_may_be_an_object() -> None:
    assert places(series({"1": {"0": episode(id="1"), "5": episode(id="2")}})) == [(1, 1), (1, 2)]


@pytest.mark.parametrize("episodes", [[], {}, None, "", {"1": []}, {"1": None}])
def test_episodes_missing(episodes: object) -> None:
    read = series(episodes)
    assert (read.title.name, read.episodes, read.skipped) == ("The Line", (), {})


def test_episodes_absent() -> None:
    assert parse_series(json.dumps({"info": SERIES_INFO}).encode()).episodes == ()


@pytest.mark.parametrize(
    "answer", [[], {"info": []}, {"info": [], "episodes": [], "seasons": []}, {"info": {}, "episodes": None}]
)
def test_whole_answer_empty(answer: object) -> None:
    with pytest.raises(NothingThere):
        parse_series(json.dumps(answer).encode())


def test_info_empty_but_episodes() -> None:
    assert places(series({"1": [EPISODE]}, info=[])) == [(1, 1001)]


def test_seasons_empty_although_episodes_exist() -> None:
    read = series({"2": [EPISODE], "0": [episode(id="7")]}, seasons=[])
    assert read.seasons == (Season(number=0), Season(number=2))


def test_seasons_told_beside_those_of_episodes() -> None:
    read = series({"2": [EPISODE]}, seasons=[{"season_number": "1", "name": "One"}, {"name": "Lost"}, None])
    assert read.seasons == (Season(number=1, name="One"), Season(number=2))


def test_season_0_stays_0() -> None:
    read = series({"0": [episode(season=0)]}, seasons=[{"season_number": 0, "name": "Specials"}])
    assert places(read) == [(0, 1001)]
    assert read.seasons == (Season(number=0, name="Specials"),)


@pytest.mark.parametrize("season", ["1", 7, None, "", "x"])
def test_the_season_is_that_of_the_key(season: object) -> None:
    assert places(series({"3": [episode(season=season)]})) == [(3, 1001)]


def test_a_key_that_is_no_number_leaves_the_season_to_the_episode() -> None:
    assert places(series({"Specials": [episode(season="0")]})) == [(0, 1001)]


def test_several_streams_of_one_episode_are_kept() -> None:
    assert places(series({"1": [episode(id="1"), episode(id="2")]})) == [(1, 1), (1, 2)]


@pytest.mark.parametrize("info", [[], "", None, {}])
def test_episode_info_empty(info: object) -> None:
    (found,) = series({"1": [episode(info=info)]}).episodes
    assert (found.title, found.plot, found.duration_s, found.video) == ("Pilot", "", None, None)


def test_episode_video_empty() -> None:
    (found,) = series({"1": [episode(info={"video": [], "plot": "P"})]}).episodes
    assert (found.video, found.plot) == (None, "P")


def test_release_date_a_number() -> None:
    (found,) = series({"1": [episode(info={"releasedate": 2008})]}).episodes
    assert found.air_date == "2008"


def test_added_empty() -> None:
    (found,) = series({"1": [episode(added="")]}).episodes
    assert found.added is None


@pytest.mark.parametrize(("told", "read"), [(1, 1), ("2", 2), (0, 0), (None, None), ("", None), ("E1", None)])
def test_the_number_of_an_episode(told: object, read: int | None) -> None:
    (found,) = series({"1": [episode(episode_num=told)]}).episodes
    assert found.number == read


def test_entries_that_are_no_episodes_are_counted() -> None:
    read = series({"1": [None, "x", episode(id=None), episode(id=""), EPISODE]})
    assert places(read) == [(1, 1001)]
    assert read.skipped == {"not_an_object": 2, "no_id": 2}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", EmptyAnswer),
        (b"<html></html>", NotAPanel),
        (b"Blocked", Blocked),
        (b'{"user_info":{"auth":0}}', CredentialsRefused),
        (b'{"info":{"name":"A"},"episo', CutShort),
        (b"[1,2]", AnswerUnreadable),
        (b'"text"', NotAPanel),
    ],
)
def test_what_comes_instead_of_details_is_told_apart(body: bytes, error: type[XtreamError]) -> None:
    with pytest.raises(XtreamError) as series_failed:
        parse_series(body)
    with pytest.raises(XtreamError) as movie_failed:
        parse_movie(body, 1)
    assert type(series_failed.value) is type(movie_failed.value) is error


def test_what_is_made_of_nothing_but_brackets_is_not_read() -> None:
    nested = b",".join([b"[]"] * MAX_VALUES)
    with pytest.raises(AnswerUnreadable, match="more than can be read"):
        parse_series(b'{"info":{"name":"n","cast":[%b]},"episodes":{}}' % nested)
