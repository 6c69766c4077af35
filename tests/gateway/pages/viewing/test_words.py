"""Places in videos, in words."""

from __future__ import annotations

import pytest

from services.gateway.pages.viewing.words import left, part, place


@pytest.mark.parametrize(
    ("position_s", "words"), [(0, "0:00"), (43 * 60 + 10.9, "43:10"), (3725, "1:02:05"), (-1, "0:00")]
)
def test_a_place_is_said_as_players_show_it(position_s: float, words: str) -> None:
    assert place(position_s) == words


@pytest.mark.parametrize(
    ("position_s", "duration_s", "words"),
    [(0, 0, ""), (0, 5400, "1 h 30 min left"), (5000, 5400, "7 min left"), (5399, 5400, "1 min left")],
)
def test_what_is_left_is_rounded_to_minutes(position_s: float, duration_s: float, words: str) -> None:
    assert left(position_s, duration_s) == words


@pytest.mark.parametrize(
    ("season", "episode", "words"), [(None, None, ""), (2, 3, "S2 E3"), (0, 4, "Special 4"), (None, 7, "E7")]
)
def test_a_part_of_a_show_is_said_short(season: int | None, episode: int | None, words: str) -> None:
    assert part(season, episode) == words
