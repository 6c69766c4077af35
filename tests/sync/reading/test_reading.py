"""What the reading process makes of a list: lines of rows, what is known, what is gone, and how it went."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field
from typing import Any

import msgspec
import orjson
import pytest

from libs.common.contracts.handover import ItemRow, packed, unpacked
from services.sync.reading.__main__ import read
from services.sync.reading.order import LONGEST_LINE, Held, Order, Subject, Tally

FILM = {"num": 1, "name": "EN - The Matrix (1999)", "stream_id": 7, "added": "1700000000", "category_id": "3"}


@dataclass
class Read:
    rows: list[ItemRow] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    wanted: Any = None
    tally: Tally = field(default_factory=Tally)
    longest: int = 0


def films(content: object, known: set[int] | None = None, *, again: bool = False) -> Read:
    return reading("movies", content, known, again=again)


def reading(subject: Subject, content: object, known: set[int] | None = None, *, again: bool = False) -> Read:
    held = packed(known or set())
    kind: Any = subject
    order = Order(subject=subject, held=(Held(kind, len(held)),), again=again)
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    out, found = io.BytesIO(), Read()
    read(io.BytesIO(msgspec.json.encode(order) + b"\n" + held + body), out)
    for line in out.getvalue().splitlines():
        word, _, text = line.partition(b" ")
        found.longest = max(found.longest, len(line))
        if word == b"tally":
            found.tally = msgspec.json.decode(text, type=Tally)
        elif word == b"gone":
            found.gone |= set(unpacked(base64.b64decode(text.partition(b" ")[2])))
        elif word == b"wanted":
            found.wanted = msgspec.json.decode(text)
        else:
            found.rows += msgspec.json.decode(text, type=list[ItemRow])
    assert found.tally.done
    return found


def test_an_entry_becomes_a_row() -> None:
    more = {"rating": "8,7", "genre": "Action / Sci-Fi", "cast": "Keanu Reeves", "tmdb": "603"}
    (row,) = films([{**FILM, **more, "imdb_id": "tt0133093", "plot": "A hacker.", "stream_icon": "x"}]).rows
    assert (row.panel_id, row.name, row.title, row.sort) == (7, FILM["name"], "The Matrix", "the matrix")
    assert (row.year, row.rating, row.added, row.categories) == (1999, 87, 1700000000, ("3",))
    assert (row.genres, row.tmdb, row.imdb, row.language) == (("Action", "Sci-Fi"), 603, 133093, "en")
    assert row.words == "the matrix keanu reeves"
    assert orjson.loads(row.more) == {"plot": "A hacker.", "cast": "Keanu Reeves"}


def test_a_place_on_the_panel_changes_nothing_and_everything_else_does() -> None:
    known = {row.hash for row in films([FILM]).rows}
    assert films([{**FILM, "num": 99}], known).rows == []
    assert films([{**FILM, "num": "2"}], known).rows == []
    changed = films([{**FILM, "category_id": "4"}], known)
    assert len(changed.rows) == 1
    assert changed.gone == known


def test_what_is_not_met_again_is_gone_only_of_a_list_that_is_whole() -> None:
    body = orjson.dumps([FILM, {**FILM, "stream_id": 8}])
    known = {row.hash for row in films(body).rows}
    assert films([FILM], known).gone < known
    cut = films(body[:-5], known)
    assert cut.gone == set()
    assert (cut.tally.broken, cut.tally.may_pass) == ("cut_short", True)


def test_everything_is_sent_again_if_that_is_wanted() -> None:
    known = {row.hash for row in films([FILM]).rows}
    again = films([FILM], known, again=True)
    assert [row.hash for row in again.rows] == list(known)
    assert again.gone == set()


@pytest.mark.parametrize(
    ("body", "reason", "is_refusal"),
    [
        (b"<html><body>Maintenance</body></html>", "not_a_panel", False),
        (b'{"user_info":{"auth":0}}', "credentials_refused", True),
        (b'{"user_info":{"auth":1,"status":"Expired"}}', "expired", True),
        (b"Blocked", "blocked", False),
        (b"", "empty", False),
    ],
)
def test_what_is_no_list_is_told_apart(body: bytes, reason: str, is_refusal: bool) -> None:
    tally = films(body).tally
    assert (tally.broken, tally.is_refusal) == (reason, is_refusal)
    assert tally.sentence


def test_odd_entries_are_left_out_or_mended_and_counted() -> None:
    entries = [
        orjson.dumps(FILM),
        b'"text"',
        b'{"name":"No number"}',
        b'{"stream_id":9,"name":"\\ud800 half"}',
        b'{"stream_id":10,"name":"Caf\xe9"}',
    ]
    found = films(b"[" + b",".join(entries) + b"]")
    assert [row.panel_id for row in found.rows] == [7, 9, 10]
    assert found.tally.skipped == {"not_an_object": 1, "no_id": 1}


def test_lines_are_never_longer_than_catalog_takes() -> None:
    plot = 'Said "so" ' * 5000
    rows = [{**FILM, "stream_id": number, "plot": plot, "cast": plot} for number in range(1, 400)]
    found = films(rows)
    assert len(found.rows) == 399
    assert found.longest < LONGEST_LINE
    assert all(len(row.words) <= 2000 and "  " not in row.words for row in found.rows)


@pytest.mark.parametrize("name", ["", "★★★", "24", "ß" * 299 + " x", None])
def test_words_have_no_empty_one_among_them(name: str | None) -> None:
    (row,) = films([{**FILM, "name": name, "director": "A  B"}]).rows
    assert row.words == row.words.strip()
    assert "  " not in row.words


def test_channels_say_what_the_guide_is_wanted_for_even_where_they_are_known() -> None:
    channel = {"num": 1, "name": "One", "stream_id": 1, "epg_channel_id": "caf\u00e9.de"}
    other = {"num": 2, "name": "Two", "stream_id": 2, "epg_channel_id": None}
    first = reading("channels", [channel, other])
    known = {row.hash for row in first.rows}
    again = reading("channels", [channel, other], known)
    assert again.rows == []
    assert again.wanted == first.wanted == [["caf\u00e9.de", []]]
    assert again.tally.kinds["channels"].known == 2


def test_of_a_number_that_comes_twice_the_first_counts_every_time() -> None:
    twice = [FILM, {**FILM, "category_id": "4"}]
    first = films(twice)
    assert [row.categories for row in first.rows] == [("3",)]
    assert first.tally.skipped == {"twice": 1}
    again = films(twice, {row.hash for row in first.rows})
    assert (again.rows, again.gone) == ([], set())


def test_a_number_that_comes_in_each_of_its_categories_is_in_all_that_its_first_entry_names() -> None:
    both = [{**FILM, "category_id": category, "category_ids": [3, 4]} for category in ("3", "4")]
    assert [row.categories for row in films(both).rows] == [("3", "4")]
