"""Each way a panel writes a row, by the condition's name. The shapes are those of real panels."""

from __future__ import annotations

import json
from typing import Any

import pytest

from libs.protocols.xtream.rows import (
    Category,
    Channel,
    Movie,
    Reader,
    Series,
    category_reader,
    channel_reader,
    movie_reader,
    series_reader,
)
from libs.protocols.xtream.tally import Tally

LIVE: dict[str, Any] = {
    "num": 1,
    "name": "UK: News One (HD)",
    "stream_type": "live",
    "stream_id": 36011,
    "stream_icon": "",
    "epg_channel_id": "NewsOne.uk",
    "added": "1498323601",
    "category_id": "36",
    "custom_sid": "",
    "tv_archive": 0,
    "direct_source": "",
    "tv_archive_duration": 0,
}
VOD: dict[str, Any] = {
    "num": 1,
    "name": "The Long Road (CAM)",
    "stream_type": "movie",
    "stream_id": 130529,
    "stream_icon": "http://img.example/images/a_small.jpg",
    "rating": "6.3",
    "rating_5based": 3.2,
    "added": "1535126376",
    "category_id": "324",
    "container_extension": "mp4",
    "custom_sid": "",
    "direct_source": "",
}
SERIES: dict[str, Any] = {
    "num": 1,
    "name": "The Line",
    "stream_type": None,
    "series_id": 3,
    "cover": "http://img.example/images/c_small.jpg",
    "plot": "A line is drawn.",
    "cast": "A. Actor, B. Actress",
    "director": "C. Director",
    "genre": "Crime / Drama",
    "releaseDate": "2005-09-22",
    "last_modified": "1530461599",
    "rating": "7",
    "rating_5based": 3.5,
    "backdrop_path": ["http://img.example/b0.jpg", "http://img.example/b1.jpg"],
    "youtube_trailer": "",
    "episode_run_time": "42",
    "category_id": "365",
}


def rows_of(reader: Reader[Any, Any], items: object) -> tuple[list[Any], Tally]:
    rows = [row for batch in reader.feed(json.dumps(items).encode()) for row in batch]
    rows += [row for batch in reader.finish() for row in batch]
    return rows, reader.tally


def channel(**changes: object) -> Channel:
    found: Channel = rows_of(channel_reader(), [{**LIVE, **changes}])[0][0]
    return found


def movie(**changes: object) -> Movie:
    found: Movie = rows_of(movie_reader(), [{**VOD, **changes}])[0][0]
    return found


def series(**changes: object) -> Series:
    found: Series = rows_of(series_reader(), [{**SERIES, **changes}])[0][0]
    return found


def test_a_channel_as_usual() -> None:
    assert channel() == Channel(
        id=36011,
        name="UK: News One (HD)",
        number=1,
        guide_id="NewsOne.uk",
        added=1498323601,
        category_ids=("36",),
    )


def test_a_film_as_usual() -> None:
    assert movie() == Movie(
        id=130529,
        name="The Long Road (CAM)",
        icon="http://img.example/images/a_small.jpg",
        added=1535126376,
        category_ids=("324",),
        extension="mp4",
        rating=6.3,
    )


def test_a_series_as_usual() -> None:
    assert series() == Series(
        id=3,
        name="The Line",
        cover="http://img.example/images/c_small.jpg",
        backdrops=("http://img.example/b0.jpg", "http://img.example/b1.jpg"),
        modified=1530461599,
        category_ids=("365",),
        rating=7.0,
        year=2005,
        plot="A line is drawn.",
        cast="A. Actor, B. Actress",
        director="C. Director",
        genre="Crime / Drama",
        duration_s=42 * 60,
    )


def test_categories_have_text_for_ids_and_digits_for_names() -> None:
    rows, tally = rows_of(
        category_reader(),
        [
            {"category_id": "324", "category_name": "2018", "parent_id": 0},
            {"category_id": 7, "category_name": 2019, "parent_id": "324"},
            {"category_id": "8", "category_name": None},
            {"category_id": None, "category_name": "Lost"},
        ],
    )
    assert rows == [
        Category(id="324", name="2018"),
        Category(id="7", name="2019", parent_id=324),
        Category(id="8", name=""),
    ]
    assert tally == Tally(seen=4, kept=3, skipped={"no_id": 1})


@pytest.mark.parametrize(
    ("name", "read"),
    [(None, ""), ("", ""), ("300", "300"), (24, "24"), (" Up ", "Up"), ("a\0b", "ab"), ([], ""), (True, "")],
)
def test_null_name_digits_and_others(name: object, read: str) -> None:
    assert channel(name=name).name == movie(name=name).name == series(name=name).name == read


@pytest.mark.parametrize("stream_id", [36011, "36011", 36011.0, " 36011 "])
def test_numbers_as_strings(stream_id: object) -> None:
    assert channel(stream_id=stream_id, num="5", tv_archive="1").id == 36011
    assert channel(num="5").number == 5


def test_strings_as_numbers() -> None:
    row = movie(name=300, added=1535126376, category_id=324, rating=7, release_date=1999)
    assert (row.name, row.added, row.category_ids, row.rating) == ("300", 1535126376, ("324",), 7.0)
    assert row.year == 1999


@pytest.mark.parametrize("stream_id", [None, "", 0, "0", "abc", -5, 2**63, "9" * 5000, [], {}, True, 1.5])
def test_a_row_without_a_number_is_left_out_and_counted(stream_id: object) -> None:
    rows, tally = rows_of(channel_reader(), [{**LIVE, "stream_id": stream_id}, LIVE, {"name": "No keys"}])
    assert [row.id for row in rows] == [36011]
    assert tally == Tally(seen=3, kept=1, skipped={"no_id": 2})


def test_entries_that_are_no_objects_are_counted() -> None:
    rows, tally = rows_of(movie_reader(), [None, VOD, [], "text"])
    assert len(rows) == 1
    assert tally == Tally(seen=4, kept=1, skipped={"not_an_object": 3})


@pytest.mark.parametrize("reader", [category_reader, channel_reader, movie_reader, series_reader])
def test_absent_keys_are_normal(reader: Any) -> None:
    rows, _ = rows_of(reader(), [{"stream_id": 5, "series_id": 5, "category_id": "5"}])
    assert [int(row.id) for row in rows] == [5]
    assert rows[0].name == ""


def test_members_nobody_knows_are_no_matter() -> None:
    assert movie(some_new_thing={"a": [1, {"b": None}]}).id == 130529


@pytest.mark.parametrize("category_id", [None, ""])
def test_null_category(category_id: object) -> None:
    assert channel(category_id=category_id).category_ids == ()
    assert series(category_id=category_id).category_ids == ()


@pytest.mark.parametrize(
    ("changes", "read"),
    [
        ({"category_id": None, "category_ids": [10, 12]}, ("10", "12")),
        ({"category_id": "12", "category_ids": [10, 12]}, ("12", "10")),
        ({"category_id": "12", "category_ids": "[10,12]"}, ("12", "10")),
        ({"category_id": "12", "category_ids": None}, ("12",)),
        ({"category_id": "12", "category_ids": [None, "", "12"]}, ("12",)),
    ],
)
def test_category_ids_only_and_beside(changes: dict[str, object], read: tuple[str, ...]) -> None:
    assert channel(**changes).category_ids == movie(**changes).category_ids == read
    assert series(**changes).category_ids == read


@pytest.mark.parametrize(
    ("rating", "read"),
    [
        ("7,5", 7.5),
        ("6.8", 6.8),
        ("7", 7.0),
        (8.1, 8.1),
        (10, 10.0),
        ("", None),
        (None, None),
        (0, None),
        ("0", None),
        ("N/A", None),
        ("NaN", None),
        ("inf", None),
        (-1, None),
        (11, None),
        ([], None),
        (10**400, None),
    ],
)
def test_rating_comma_and_others(rating: object, read: float | None) -> None:
    assert (
        movie(rating=rating, rating_5based=0).rating == series(rating=rating, rating_5based="").rating == read
    )


@pytest.mark.parametrize("of_five", [4, 4.0, "4", "4,0"])
def test_a_rating_of_five_alone_is_doubled(of_five: object) -> None:
    assert series(rating="", rating_5based=of_five).rating == 8.0


@pytest.mark.parametrize(
    ("backdrop", "read"),
    [
        ("http://img.example/b.jpg", ("http://img.example/b.jpg",)),
        ('["http://img.example/b.jpg"]', ("http://img.example/b.jpg",)),
        ("[broken", ()),
        (None, ()),
        ("", ()),
        ([], ()),
        ([None, "", "http://img.example/b.jpg", "http://img.example/b.jpg"], ("http://img.example/b.jpg",)),
        ({}, ()),
    ],
)
def test_backdrop_as_string_null_or_empty(backdrop: object, read: tuple[str, ...]) -> None:
    assert series(backdrop_path=backdrop).backdrops == read


@pytest.mark.parametrize("nothing", [None, "", 0, "0"])
def test_no_id_of_tmdb_or_imdb(nothing: object) -> None:
    row = movie(tmdb_id=nothing, tmdb=nothing, imdb_id=nothing)
    assert (row.tmdb_id, row.imdb_id) == (None, None)
    assert movie(tmdb_id=nothing, tmdb="603").tmdb_id == 603


def test_ids_of_tmdb_and_imdb() -> None:
    assert movie(tmdb_id=603, imdb_id="tt0133093").tmdb_id == movie(tmdb_id="603").tmdb_id == 603
    assert series(tmdb="1396", imdb_id=" tt0903747 ").imdb_id == "tt0903747"
    assert movie(tmdb_id="movie", imdb_id="0133093").imdb_id is None


@pytest.mark.parametrize("added", ["", None, "0", 0, "yesterday", {}])
def test_added_empty(added: object) -> None:
    assert movie(added=added).added is None
    assert series(last_modified=added).modified is None


@pytest.mark.parametrize(
    ("is_adult", "read"),
    [
        (0, False),
        (1, True),
        ("0", False),
        ("1", True),
        ("None", False),
        (None, False),
        (True, True),
        ([], False),
    ],
)
def test_is_adult_in_every_form(is_adult: object, read: bool) -> None:
    assert channel(is_adult=is_adult).is_adult is movie(is_adult=is_adult).is_adult is read


@pytest.mark.parametrize(
    ("kind", "radio"), [("live", False), ("created_live", False), ("radio_streams", True)]
)
def test_radio_is_told_from_television(kind: str, radio: bool) -> None:
    assert channel(stream_type=kind).is_radio is radio


@pytest.mark.parametrize(("days", "read"), [(7, 7), ("7", 7), (None, 0), ("", 0)])
def test_an_archive_has_days(days: object, read: int) -> None:
    row = channel(tv_archive=1, tv_archive_duration=days)
    assert (row.has_archive, row.archive_days) == (True, read)


def test_no_guide_id() -> None:
    assert channel(epg_channel_id=None).guide_id == channel(epg_channel_id="").guide_id == ""


def test_a_film_with_everything_inline() -> None:
    row = movie(
        title="The Long Road",
        year="1999",
        plot="They walk.",
        cast="A",
        director="B",
        genre="Drama",
        release_date="1998-03-31",
        youtube_trailer="abc",
        episode_run_time="136",
    )
    assert (row.title, row.year) == ("The Long Road", 1999)
    assert (row.plot, row.cast, row.director, row.genre) == ("They walk.", "A", "B", "Drama")
    assert (row.trailer, row.duration_s) == ("abc", 136 * 60)
    assert movie(trailer="xyz").trailer == "xyz"


def test_the_year_is_of_the_date_where_none_is_told() -> None:
    assert movie(year="", release_date="1998-03-31").year == 1998
    assert movie(year=0, release_date="").year is None
    assert series(releaseDate="", release_date="2008-01-20").year == 2008


def test_every_copy_of_a_title_is_kept() -> None:
    """A language or a quality each: a name is no key."""
    rows, _ = rows_of(movie_reader(), [{**VOD, "stream_id": number} for number in (1, 2, 3)])
    assert [row.id for row in rows] == [1, 2, 3]
