"""Stremio's bitfields of watched episodes, against what its own code writes."""

from __future__ import annotations

import base64
import zlib

import pytest

from libs.protocols.stremio_api.watched import (
    MAX_VIDEOS,
    Place,
    WatchedUnreadable,
    in_orders,
    read_watched,
    write_watched,
)

NINE = [f"tt2934286:1:{number}" for number in range(1, 10)]
OF_FIVE = "tt2934286:1:5:5:eJyTZwAAAEAAIA=="
"""What Stremio's core wrote of the first five of nine; its own tests hold to it."""


def test_what_stremio_wrote_is_read_and_written_the_same() -> None:
    seen = read_watched(OF_FIVE).of(NINE)
    assert seen == NINE[:5]
    assert write_watched(seen, NINE) == OF_FIVE


def test_a_field_of_three_seasons_as_stremio_wrote_it() -> None:
    shows = [f"tt7767422:{season}:{number}" for season in (1, 2, 3) for number in range(1, 9)]
    text = "tt7767422:3:8:24:eJz7//8/AAX9Av4="
    assert read_watched(text).of(shows) == shows
    assert write_watched(shows, shows) == text


def test_a_film_has_a_field_of_nothing() -> None:
    empty = "undefined:1:eJwDAAAAAAE="
    assert read_watched(empty).of(["tt1"]) == []
    assert write_watched([], []) == empty


def test_nothing_watched_is_anchored_at_the_first() -> None:
    text = write_watched([], NINE)
    assert text.startswith("tt2934286:1:1:1:")
    assert read_watched(text).of(NINE) == []


def test_episodes_that_were_added_before_the_anchor_move_the_rest() -> None:
    later = ["tt2934286:1:0", *NINE, "tt2934286:1:10"]
    assert read_watched(OF_FIVE).of(later) == NINE[:5]
    assert read_watched(OF_FIVE).fitting([later]) is None
    assert read_watched(OF_FIVE).fitting([later, NINE]) == NINE


def test_episodes_that_were_taken_away_take_their_marks_along() -> None:
    assert read_watched(OF_FIVE).of(NINE[2:]) == NINE[2:5]


def test_another_list_of_episodes_has_no_marks() -> None:
    assert read_watched(OF_FIVE).of(["kitsu:1:1", "kitsu:1:2"]) == []


def test_more_bits_than_episodes_are_no_harm() -> None:
    many = base64.b64encode(zlib.compress(b"\xff" * 100)).decode()
    assert read_watched(f"tt2934286:1:5:5:{many}").of(NINE) == NINE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "::",
        "tt1:1:1",
        "tt1:1:1:x:eJyTZwAAAEAAIA==",
        "tt1:1:1:-1:eJyTZwAAAEAAIA==",
        "tt1:1:1:\u0665:eJyTZwAAAEAAIA==",
        "tt1:1:1:99999999999999999999:eJyTZwAAAEAAIA==",
        "tt1:1:1:1:not base64",
        "tt1:1:1:1:AAAA",
        "tt1:1:1:1:eJyTZwAA",
        "tt1:1:1:1:" + "A" * 1_000_000,
        "tt1:1:1:1:" + base64.b64encode(zlib.compress(bytes(50_000_000))).decode(),
        "tt1:1:1:1:" + base64.b64encode(zlib.compress(bytes(MAX_VIDEOS // 8 + 1))).decode(),
    ],
)
def test_what_is_damaged_or_blown_up_is_refused(text: str) -> None:
    with pytest.raises(WatchedUnreadable):
        read_watched(text)


def test_the_largest_show_is_read() -> None:
    ids = [f"tt1:1:{number}" for number in range(MAX_VIDEOS)]
    assert read_watched(write_watched(ids[-1:], ids)).of(ids) == ids[-1:]


def test_episodes_stand_in_stremios_order() -> None:
    places = [
        Place(video_id="special", season=0, episode=1),
        Place(video_id="s2e1", season=2, episode=1),
        Place(video_id="undated"),
        Place(video_id="late", released=2.0),
        Place(video_id="s1e10", season=1, episode=10),
        Place(video_id="early", released=1.0),
        Place(video_id="s1e2", season=1, episode=2),
        Place(video_id="s1e2", season=9, episode=9),
    ]
    present, former = in_orders(places)
    assert present == ["special", "s1e2", "s1e10", "s2e1", "early", "late", "undated"]
    assert former == ["s1e2", "s1e10", "s2e1", "special", "early", "late", "undated"]
    assert in_orders([]) == ()
