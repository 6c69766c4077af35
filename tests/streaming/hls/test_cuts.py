"""Where films are cut, and those that can't be."""

from __future__ import annotations

from collections import deque

import pytest

from services.streaming.hls.boxes import Sample
from services.streaming.hls.cuts import Cuts, cuts_at, may_be_sent
from services.streaming.hls.cutter import Cutter
from services.streaming.hls.errors import FilmUnreadable
from services.streaming.hls.tickets import Link
from services.streaming.keys import HLS
from tests.streaming.hls.conftest import Playing

MBIT = 1_000_000


def test_pictures_stay_as_they_are_where_their_segments_are_short_and_small() -> None:
    often = cuts_at([2.0 * number for number in range(60)], 120.0)
    assert often.begins[:3] == (0.0, 6.0, 12.0)
    assert may_be_sent(often, 100 * MBIT)
    assert not may_be_sent(often, 200 * MBIT)
    assert may_be_sent(cuts_at([0.0, 20.0, 40.0], 60.0), 30 * MBIT)
    assert not may_be_sent(cuts_at([0.0, 20.0, 40.0], 60.0), 60 * MBIT)
    assert not may_be_sent(cuts_at([0.0, 6.0, 12.0], 60.0), MBIT)


@pytest.mark.parametrize("picture", [bytes(MBIT), b""])
def test_key_pictures_that_are_not_there_do_not_gather_a_film_in_memory(picture: bytes) -> None:
    cutter = Cutter(Cuts((0.0, 6.0, 12.0), 1e6), 0, timescale=1)
    endless = (Sample(time_s, time_s, time_s == 0, picture) for time_s in range(1_000_000))
    with pytest.raises(FilmUnreadable):
        deque((segment for each in endless for segment in cutter.add(each)), maxlen=0)


def test_what_was_sent_is_held_no_more() -> None:
    cutter = Cutter(cuts_at([6.0 * number for number in range(30)], 180.0), 0, timescale=1)
    pictures = (Sample(time_s, time_s, time_s % 6 == 0, bytes(MBIT)) for time_s in range(180))
    assert [segment.number for each in pictures for segment in cutter.add(each)] == list(range(29))


async def test_a_film_of_one_key_picture_is_made_anew(playing: Playing) -> None:
    plan = await playing.plan("still.mkv")
    assert plan.method == "hls"
    assert not any(quality.is_original for quality in plan.qualities)
    assert plan.reason == "Converted while it plays, since it can't be cut into short parts as it is."


async def test_of_key_pictures_only_those_are_kept_where_a_film_is_cut(playing: Playing) -> None:
    """They are read anew for each segment that a player asks for."""
    await playing.plan("two.mkv")
    probe = playing.service.running.app[HLS].probe
    looked = await probe.look(Link(f"{playing.films_url}/two.mkv"), "a1")
    assert looked.begins_s == pytest.approx((0.0, 6.006), abs=0.05)
