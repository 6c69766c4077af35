"""Libraries made of a seed: what their rows look like, and what a day does to them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pytest

from tests.fakes.panel.details import has_episode, series_info, vod_info
from tests.fakes.panel.generator import Library
from tests.fakes.panel.rows import ID_KEYS, KINDS, NO_ID, Kind

TEXT, INTEGER, FRACTION, NULL, LIST = "str", "int", "float", "NoneType", "list"
CAPTURED: dict[Kind, dict[str, set[str]]] = {
    "live": {
        "num": {INTEGER},
        "name": {TEXT},
        "stream_type": {TEXT},
        "stream_id": {INTEGER},
        "stream_icon": {TEXT},
        "epg_channel_id": {TEXT, NULL},
        "added": {TEXT},
        "category_id": {TEXT, NULL},
        "custom_sid": {TEXT},
        "tv_archive": {INTEGER},
        "direct_source": {TEXT},
        "tv_archive_duration": {INTEGER, TEXT},
    },
    "vod": {
        "num": {INTEGER},
        "name": {TEXT},
        "stream_type": {TEXT},
        "stream_id": {INTEGER},
        "stream_icon": {TEXT},
        "rating": {TEXT},
        "rating_5based": {FRACTION, INTEGER},
        "added": {TEXT},
        "category_id": {TEXT},
        "container_extension": {TEXT},
        "custom_sid": {TEXT, NULL},
        "direct_source": {TEXT},
    },
    "series": {
        "num": {INTEGER},
        "name": {TEXT},
        "stream_type": {NULL},
        "series_id": {INTEGER},
        "cover": {TEXT},
        "plot": {TEXT},
        "cast": {TEXT},
        "director": {TEXT},
        "genre": {TEXT},
        "releaseDate": {TEXT},
        "last_modified": {TEXT},
        "rating": {TEXT},
        "rating_5based": {FRACTION, INTEGER},
        "backdrop_path": {LIST, NULL},
        "youtube_trailer": {TEXT},
        "episode_run_time": {TEXT},
        # The captures have text alone; null is known from another panel.
        "category_id": {TEXT, NULL},
    },
}
"""The fields of real panels' rows in their order, and every type each was seen with."""


def read(library: Library, kind: Kind) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = orjson.loads(b"".join(library.json(kind)))
    return rows


def by_id(library: Library, kind: Kind) -> dict[int, dict[str, Any]]:
    """Without the numbers, which a removed row changes for all that follow."""
    rows = read(library, kind)
    return {row[ID_KEYS[kind]]: {name: row[name] for name in row if name != "num"} for row in rows}


@pytest.mark.parametrize("kind", KINDS)
def test_rows_have_the_fields_and_types_of_real_panels(kind: Kind) -> None:
    library = Library(seed=3, films=1500, channels=1500, series=1500, tmdb_share=0)
    seen: dict[str, set[str]] = {}
    for row in read(library, kind):
        assert list(row) == list(CAPTURED[kind])
        for name, value in row.items():
            seen.setdefault(name, set()).add(type(value).__name__)
    assert seen == CAPTURED[kind]


def test_an_archive_is_kept_for_days_told_as_text_and_none_for_the_number_nought() -> None:
    told = {
        (row["tv_archive"], type(row["tv_archive_duration"])) for row in Library(channels=500).rows("live")
    }
    assert told == {(0, int), (1, str)}


def test_names_are_written_in_the_manners_of_panels() -> None:
    films = [row["name"] for row in Library(films=5000).rows("vod")]
    assert {"Up", "It"} & set(films)
    assert any(name.isdigit() for name in films)
    assert any(name.endswith(" Ii") for name in films)
    assert any("| " in name and name.endswith("]") for name in films)
    assert any(".1080p" in name and " " not in name for name in films)
    assert any(not name.isascii() for name in films)
    channels = [row["name"] for row in Library(channels=5000).rows("live")]
    assert "" in channels
    assert any(name.isdigit() for name in channels)


def test_several_rows_are_copies_of_one_title() -> None:
    library = Library(films=2000)
    works = Counter(library.work("vod", index) for index in range(2000))
    copies = 2000 - len(works)
    assert 200 < copies < 600
    of, _ = works.most_common(1)[0]
    names = [row["name"] for index, row in enumerate(library.rows("vod")) if library.work("vod", index) == of]
    assert len(set(names)) > 1


def test_a_share_of_the_rows_has_an_id_of_tmdb_and_copies_have_the_same() -> None:
    library = Library(films=3000, tmdb_share=0.6)
    told = [row.get("tmdb") or row.get("tmdb_id") for row in library.rows("vod")]
    with_id = [(index, int(id_)) for index, id_ in enumerate(told) if id_ not in NO_ID]
    assert 0.55 < len(with_id) / 3000 < 0.65
    assert all(library.work("vod", index).tmdb_id == id_ for index, id_ in with_id)


def test_rows_of_larger_panels_tell_more() -> None:
    library = Library(flavour="xui")
    film = read(library, "vod")[0]
    assert {"title", "year", "plot", "cast", "director", "genre", "release_date"} < set(film)
    assert film["category_ids"] == [int(film["category_id"])]
    assert {row["is_adult"] for row in read(library, "live")} == {0, "0", "None"}


def test_a_seed_makes_the_same_library_and_another_seed_another() -> None:
    once, again, other = (b"".join(Library(seed=seed).json("vod")) for seed in (4, 4, 5))
    assert once == again
    assert once != other


@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_unique_and_lead_back_to_their_row(kind: Kind) -> None:
    library = Library(films=700, channels=700, series=700)
    rows = by_id(library, kind)
    assert len(rows) == 700
    for id_, row in list(rows.items())[:50]:
        found = library.row(kind, id_)
        assert found is not None
        assert {name: found[name] for name in row} == row
    assert library.row(kind, 999_999) is None


def test_categories_split_a_list_and_number_it_anew() -> None:
    library = Library(films=600)
    parts = [
        orjson.loads(b"".join(library.json("vod", category["category_id"])))
        for category in library.category_rows("vod")
    ]
    assert sum(map(len, parts)) == 600
    assert [row["num"] for row in parts[0]] == list(range(1, len(parts[0]) + 1))
    assert orjson.loads(b"".join(library.json("vod", "1"))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_day_adds_changes_and_removes_what_it_says(kind: Kind) -> None:
    library = Library(films=2000, channels=2000, series=2000, flavour="xui").evolved(seed=8, share=0.05)
    tomorrow = library.evolved(seed=9, share=0.05)
    before, after, told = by_id(library, kind), by_id(tomorrow, kind), tomorrow.last_changes(kind)
    assert told.added == after.keys() - before.keys()
    assert told.removed == before.keys() - after.keys()
    assert told.changed == {id_ for id_ in before.keys() & after.keys() if before[id_] != after[id_]}
    assert all(60 < len(ids) < 140 for ids in (told.added, told.changed, told.removed))


@pytest.mark.parametrize(("kind", "key"), [("vod", "added"), ("series", "last_modified")])
def test_only_some_changes_are_told_by_their_time(kind: Kind, key: str) -> None:
    library = Library(films=2000, series=2000)
    tomorrow = library.evolved(seed=9, share=0.05)
    before, after = by_id(library, kind), by_id(tomorrow, kind)
    newest = max(int(row[key]) for row in before.values())
    told = [int(after[id_][key]) > newest for id_ in tomorrow.last_changes(kind).changed]
    assert 0 < sum(told) < len(told)
    assert all(int(after[id_][key]) > newest for id_ in tomorrow.last_changes(kind).added)


def test_some_series_get_an_episode() -> None:
    library = Library(series=2000)
    tomorrow = library.evolved(seed=9, share=0.05)

    def count(of: Library, id_: int) -> int:
        info = series_info(of, id_)
        assert isinstance(info, dict)
        return sum(map(len, info["episodes"].values()))

    grown = {count(tomorrow, id_) - count(library, id_) for id_ in tomorrow.last_changes("series").changed}
    assert grown == {0, 1}


def test_details_have_the_shapes_of_real_panels() -> None:
    library = Library()
    film = next(library.rows("vod"))
    info = vod_info(library, film["stream_id"])
    assert info["movie_data"]["name"] == film["name"]
    assert isinstance(info["info"]["duration_secs"], int)
    assert vod_info(library, 1) == {"info": []}
    row = next(library.rows("series"))
    series = series_info(library, row["series_id"])
    assert isinstance(series, dict)
    assert {season["season_number"] for season in series["seasons"]} == {
        int(key) for key in series["episodes"]
    }
    episode = series["episodes"]["1"][0]
    assert (type(episode["id"]), type(episode["episode_num"]), episode["season"]) == (str, int, 1)
    assert series_info(library, 1) == []


def test_some_series_have_episodes_without_seasons_and_some_have_each_episode_twice() -> None:
    library = Library(series=200)
    empty, doubled = 0, 0
    for row in library.rows("series"):
        told = series_info(library, row["series_id"])
        assert isinstance(told, dict)
        assert told["episodes"]
        empty += not told["seasons"]
        first = [each["id"] for each in told["episodes"]["1"] if each["episode_num"] == 1]
        doubled += len(first) == 2
        assert all(has_episode(library, int(id_)) for id_ in first)
        assert len(set(first)) == len(first)
    assert 2 < empty < 30
    assert 2 < doubled < 30


def test_a_list_is_made_as_it_is_read() -> None:
    chunks = Library(films=10**12).json("vod")
    assert next(chunks).startswith(b'[{"num":1,')
    assert next(chunks).startswith(b',{"num":201,')


@pytest.mark.parametrize(
    ("kind", "least", "most"), [("live", 235, 285), ("vod", 320, 370), ("series", 980, 1200)]
)
def test_rows_are_of_the_size_of_real_ones(kind: Kind, least: int, most: int) -> None:
    library = Library(films=1000, channels=1000, series=1000)
    assert least < sum(map(len, library.json(kind))) / 1000 < most


def test_slashes_and_accents_are_escaped_as_php_does_it() -> None:
    data = b"".join(Library(films=500).json("vod"))
    assert data.isascii()
    assert b"http:\\/\\/img.example\\/images" in data
    assert any("é" in row["name"] for row in orjson.loads(data))
