"""One meta, preview or video with a rating in it: what players read, and nothing else changed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from libs.common.contracts.imdb import Rating
from libs.common.contracts.ratings import RatingSettings
from services.catalog.rated.metas import (
    episode_id,
    rated_meta,
    rated_video,
    read_members,
    series_of,
    title_id,
    videos_of,
)

RATING = Rating(id="tt0000007", imdb_id="tt0000007", rating=7.0, votes=12_345)
LINK = {"name": "7.0", "category": "imdb", "url": "https://imdb.com/title/tt0000007"}
GENRE = {"name": "Drama", "category": "Genres", "url": "stremio:///discover"}


def rated(meta: dict[str, Any], texts: RatingSettings | None = None) -> Any:
    return decoded(rated_meta(read_members(msgspec.json.encode(meta)), RATING, texts))


def decoded(members: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(members))


def asked(meta: object) -> str:
    return title_id(read_members(msgspec.json.encode(meta)))


def asked_of(video: object, series: str = "tt0000007") -> str:
    return episode_id(read_members(msgspec.json.encode(video)), series)


def test_without_links_the_member_alone_is_read() -> None:
    assert rated({"id": "tt7", "genres": ["Drama"]}) == {
        "id": "tt7",
        "genres": ["Drama"],
        "imdbRating": "7.0",
    }


def test_where_there_are_links_the_rating_is_a_link_too() -> None:
    assert rated({"imdbRating": "6.1", "links": [GENRE]}) == {"imdbRating": "7.0", "links": [LINK, GENRE]}


def test_an_empty_list_of_links_hides_the_member_as_well() -> None:
    assert rated({"links": []})["links"] == [LINK]


@pytest.mark.parametrize("links", [None, "none", {}])
def test_links_that_are_no_list_stay_as_they_are(links: object) -> None:
    assert rated({"links": links}) == {"links": links, "imdbRating": "7.0"}


def test_a_link_that_is_there_is_replaced_in_its_place_and_others_like_it_go() -> None:
    older = {"name": "6.1", "category": "IMDb ", "url": "https://imdb.com/title/tt0000007"}
    odd = ["text", 7, {"name": "no category"}, {"category": None}]
    assert rated({"links": [GENRE, older, *odd, older]})["links"] == [GENRE, LINK, *odd]


def test_everything_else_is_kept_byte_for_byte() -> None:
    raw = b'{ "id":"tt7", "x" : 1.50, "y":[ 1,\t2], "n":null, "t":"\\u00fc \\/" ,"imdbRating": 6 }'
    written = msgspec.json.encode(rated_meta(read_members(raw), RATING, None))
    assert written == (b'{"id":"tt7","x":1.50,"y":[ 1,\t2],"n":null,"t":"\\u00fc \\/","imdbRating":"7.0"}')


@pytest.mark.parametrize(
    ("place", "name", "description"),
    [("after", "Film | 7.0 by 12,345", "Text | 7.0 by 12,345"), ("before", "7.0 by 12,345 | Film", None)],
)
def test_texts_take_the_template_where_that_is_wanted(place: Any, name: str, description: str | None) -> None:
    how = RatingSettings(
        name=True,
        description=description is not None,
        template="{rating} by {votes}",
        separator=" | ",
        place=place,
    )
    found = rated({"name": "Film", "description": "Text"}, how)
    assert (found["name"], found["description"]) == (name, description or "Text")


def test_a_description_that_is_missing_is_the_rating_alone() -> None:
    how = RatingSettings(description=True)
    assert rated({}, how)["description"] == "★ 7.0"
    assert rated({"description": ""}, how)["description"] == "★ 7.0"
    assert "name" not in rated({}, RatingSettings(name=True))


def test_a_text_that_looks_like_a_template_stays_a_text() -> None:
    found = rated({"name": "{rating} {votes} {0}"}, RatingSettings(name=True))
    assert found["name"] == "{rating} {votes} {0} · ★ 7.0"


def test_a_video_says_it_in_the_members_that_players_know() -> None:
    video = read_members(b'{"id":"tt7:1:1","name":"Pilot","overview":"Text"}')
    how = RatingSettings(name=True, description=True)
    assert decoded(rated_video(video, RATING, how)) == {
        "id": "tt7:1:1",
        "name": "Pilot · ★ 7.0",
        "overview": "Text · ★ 7.0",
        "imdbRating": "7.0",
        "rating": "7.0",
    }


@pytest.mark.parametrize(
    ("meta", "id_"),
    [
        ({"id": "tt0000007", "type": "movie"}, "tt0000007"),
        ({"id": "tt0000007:1:2", "type": "series"}, "tt0000007:1:2"),
        ({"id": "x:1", "type": "movie", "imdb_id": "tt0000007"}, "tt0000007"),
        ({"id": "tmdb:5", "type": "movie", "imdbId": "tt7"}, "tt0000007"),
        ({"id": "x:1", "type": "movie", "behaviorHints": {"defaultVideoId": "tt0000007"}}, "tt0000007"),
        ({"id": "x:1", "type": "movie", "links": [{**LINK, "name": "6"}]}, "tt0000007"),
        ({"id": "x:1", "type": "movie", "links": [{**LINK, "category": "similar"}]}, ""),
        ({"id": "ttv:7", "type": "tv"}, ""),
        ({"id": "tt99999999999", "type": "movie"}, ""),
        ({"id": "x:1", "type": "movie", "imdb_id": "NaN"}, ""),
        ({"id": "x:1", "type": "movie", "imdb_id": 0, "behaviorHints": 5, "links": {}}, ""),
        ({"id": "kitsu:5", "type": "series"}, "kitsu:5"),
        ({"id": "kitsu:5", "type": "series", "imdb_id": "tt0000007"}, "tt0000007"),
        ({"id": "kitsu:5:3", "type": "series"}, "kitsu:5"),
        ({"id": "x:1", "type": "anime", "mal_id": 7, "anilist_id": 8}, "mal:7"),
        ({"id": "kitsu:x", "type": "series"}, ""),
        ({"id": 7}, ""),
        ([], ""),
        ("text", ""),
    ],
)
def test_what_a_meta_is_asked_by(meta: object, id_: str) -> None:
    assert asked(meta) == id_


@pytest.mark.parametrize(
    ("video", "id_"),
    [
        ({"id": "tt0000008:1:2"}, "tt0000008:1:2"),
        ({"id": "x", "season": 1, "episode": 2}, "tt0000007:1:2"),
        ({"id": "x", "season": "1", "episode": 2.0}, "tt0000007:1:2"),
        ({"id": "x", "season": 0, "episode": 2}, "tt0000007:0:2"),
        ({"id": "kitsu:5:3", "season": 1, "episode": 3}, "kitsu:5:3"),
        ({"id": "kitsu:5:0", "season": 1, "episode": 3}, "tt0000007:1:3"),
        ({"id": "kitsu:5", "season": 1, "episode": 3}, ""),
        (
            {"id": "kitsu:5:3", "imdb_id": "tt0000009", "imdbSeason": 2, "imdbEpisode": 15},
            "tt0000009:2:15",
        ),
        ({"id": "kitsu:5:3", "imdb_id": "tt0000009", "imdbSeason": None}, "kitsu:5:3"),
        ({"id": "x", "season": 1}, ""),
        ({"id": "x", "season": -1, "episode": None}, ""),
        ({"id": None, "season": "one", "episode": []}, ""),
        (7, ""),
    ],
)
def test_what_an_episode_is_asked_by(video: object, id_: str) -> None:
    assert asked_of(video) == id_


@pytest.mark.parametrize(
    ("meta", "series"),
    [
        ({"id": "tt0000007", "kitsu_id": 5}, "tt0000007"),
        ({"id": "x:1", "imdb_id": "tt0000007"}, "tt0000007"),
        ({"id": "kitsu:5", "imdb_id": "tt0000007"}, ""),
        ({"id": "x:1", "mal_id": 5}, ""),
    ],
)
def test_seasons_of_anime_sites_are_no_places_at_imdb(meta: dict[str, Any], series: str) -> None:
    assert series_of(read_members(msgspec.json.encode(meta | {"type": "series"}))) == series


def test_without_a_series_only_its_own_id_names_an_episode() -> None:
    assert asked_of({"id": "x", "season": 1, "episode": 2}, "") == ""


@pytest.mark.parametrize("videos", [None, {}, "text"])
def test_videos_that_are_no_list_are_none(videos: object) -> None:
    assert videos_of(read_members(msgspec.json.encode({"videos": videos}))) == []
