"""Files that are broken, huge or made to do harm: a sentence each, and nothing of them."""

from __future__ import annotations

import io
import json
import random
import tracemalloc
import zipfile

import msgspec
import pytest

from services.sync.imports.reading.__main__ import read
from services.sync.imports.reading.said import Line, Report, Rows
from tests.sync.imports.files import film, packed, play, stremio_film, trakt


def said(file: bytes) -> tuple[Report, list[Rows]]:
    sink = io.BytesIO()
    read(io.BytesIO(file), sink)
    lines = [msgspec.json.decode(line, type=Line) for line in sink.getvalue().splitlines()]
    report = lines.pop()
    assert isinstance(report, Report)
    return report, [line for line in lines if isinstance(line, Rows)]


def bomb() -> bytes:
    return packed({"watched-movies.json": b"[" + b" " * 20_000_000 + b"]"})


def lying() -> bytes:
    """A member that says it is small."""
    file = bytearray(packed({"watched-movies.json": [film(number) for number in range(500)]}))
    place = file.index(b"PK\x01\x02")
    file[place + 24 : place + 28] = (100).to_bytes(4, "little")
    return bytes(file)


def crowded() -> bytes:
    return packed({f"{number}.json": [] for number in range(1001)})


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        (b"", "It is empty"),
        (bomb(), "far too large"),
        (lying(), "damaged"),
        (crowded(), "more than 1,000 files"),
        (trakt()[:-30], "damaged"),
        (b"PK\x03\x04" + b"\xff" * 5000, "damaged"),
        (b"[" * 1_000_000, "nested too deep"),
        (b'[{"movie":' + b"[" * 500_000 + b"]" * 500_000 + b"}]", "nested too deep"),
        (json.dumps([film(1)]).encode()[:-20], "ends too early"),
        (b"[not json]", "can't be read as such"),
        (b'{"a": 1}', "Nothing in it"),
        (b"\x89PNG\r\n\x00\x00", "neither a zip file nor a text"),
        (b"," * 100_000 + b"imdb_id\n", "more than 200 columns"),
        (b"," * 1_000_000 + b"imdb_id\n", "too long for a table"),
        (b'title,imdb_id\n"' + b"x\n" * 100_000, "quotation mark"),
        (b"title,year\nMetropolis,1927\n", "neither an export"),
        (packed({"secret.txt": b"x", "deeper.zip": trakt()}), "Nothing in it"),
    ],
)
def test_one_that_is_no_use_says_why(file: bytes, problem: str) -> None:
    report, rows = said(file)

    assert problem in report.problem
    assert rows == []


def test_a_locked_one_says_so() -> None:
    file = bytearray(packed({"watched-movies.json": [film(1)]}))
    file[file.index(b"PK\x03\x04") + 6] |= 1
    file[file.index(b"PK\x01\x02") + 8] |= 1

    assert "password" in said(bytes(file))[0].problem


def test_names_of_files_lead_nowhere() -> None:
    report, rows = said(packed({"../../../etc/watched-movies.json": [film(1)], "/a\x1b[2J.json": [{"x": 1}]}))

    assert (report.problem, report.counts.films) == ("", 1)
    assert len(rows) == 1
    assert report.unread_first[0].where == "a[2J.json, entry 1"


def test_odd_entries_cost_only_themselves() -> None:
    entries = [
        film(1),
        5,
        None,
        {"movie": {"ids": {"imdb": "tt0000002"}}, "plays": "many"},
        {"movie": {"ids": {"tmdb": 10**600}}, "plays": 1},
        {"movie": {"ids": {"imdb": "../../x"}}, "plays": 1},
        {"show": {"ids": {"imdb": "tt0000003"}}, "plays": 10},
        {"watched_at": "soon", "movie": film(4)["movie"]},
        {"watched_at": "9999-12-31T23:59:59Z", "movie": film(5)["movie"]},
        play(10**12),
        play(1),
    ]

    report, rows = said(json.dumps(entries).encode())

    assert (report.counts.films, report.counts.episodes) == (2, 1)
    assert sum(report.unread.values()) == 8
    assert "It says that a series was watched, but not which episodes." in report.unread
    assert b"tt0000005" in bytes(rows[0].rows)


def test_a_play_that_is_told_twice_counts_once_and_two_plays_are_two() -> None:
    plays = [play(1), play(1), play(1, at="2024-03-01T20:00:00.000Z")]

    _, rows = said(packed({"watched-history-1.json": plays, "watched-history-2.json": plays}))

    (told,) = msgspec.json.decode(rows[0].rows)
    assert told["plays"] == 2
    assert told["at"] == 1_709_323_200_000


def test_a_member_of_no_use_leaves_the_others() -> None:
    report, _ = said(packed({"a.json": b"[{", "watched-movies.json": [film(1)], "b.csv": b"x\x00"}))

    assert report.counts.films == 1
    assert {one.where for one in report.unread_first} == {"a.json", "b.csv"}


def test_a_member_packed_in_another_way_is_not_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("watched-movies.json", "[]")

    assert "packed in a way" in said(out.getvalue())[0].problem


def test_fifty_thousand_items_take_bounded_memory() -> None:
    file = json.dumps([film(number) for number in range(1, 50_001)]).encode()

    tracemalloc.start()
    report, rows = said(file)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (report.counts.films, report.titles) == (50_000, 50_000)
    assert sum(len(msgspec.json.decode(line.rows)) for line in rows) == 50_000
    assert peak_bytes < 150 * 1024 * 1024


def test_whatever_is_damaged_ends_in_a_report() -> None:
    seeds = [
        trakt(),
        json.dumps([film(1), play(2), stremio_film()]).encode(),
        b'title;type;imdb_id;season;episode;watched_at\n"B";episode;tt5753856;1;2;2024-01-02 10:00\n',
    ]
    chance = random.Random(5)
    for _ in range(400):
        file = bytearray(chance.choice(seeds))
        for _ in range(chance.choice([1, 2, 5, 30])):
            place = chance.randrange(len(file))
            file[place : place + chance.randrange(9)] = chance.randbytes(chance.randrange(9))
        said(bytes(file))


def test_more_than_a_profile_can_hold_is_refused() -> None:
    lines = "".join(f"tt{number:07},movie\n" for number in range(1, 100_002))

    report, rows = said(f"imdb_id,type\n{lines}".encode())

    assert "more than 100,000" in report.problem
    assert rows == []
