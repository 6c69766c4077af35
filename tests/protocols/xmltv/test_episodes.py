"""Numbers of episodes as guides write them."""

from __future__ import annotations

import pytest

from libs.protocols.xmltv.episodes import in_xmltv_ns, of_onscreen, of_xmltv_ns
from libs.protocols.xmltv.rows import EpisodeNumber


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1.4.0/1", EpisodeNumber(1, 4, 0, parts=1)),
        ("0 . 12/13 . 0/3", EpisodeNumber(0, 12, 0, episodes=13, parts=3)),
        ("1.4.", EpisodeNumber(1, 4)),
        ("1.4", EpisodeNumber(1, 4)),
        ("0..", EpisodeNumber(0)),
        (".7.", EpisodeNumber(episode=7)),
        ("2/6 . 4/10 . ", EpisodeNumber(2, 4, seasons=6, episodes=10)),
        ("/6.4.", EpisodeNumber(None, 4, seasons=6)),
        (" 1 .\n 4 . ", EpisodeNumber(1, 4)),
    ],
)
def test_xmltv_ns_counts_from_zero_and_leaves_out_what_it_does_not_know(
    text: str, meant: EpisodeNumber
) -> None:
    assert of_xmltv_ns(text) == meant
    assert of_xmltv_ns(in_xmltv_ns(meant)) == meant


@pytest.mark.parametrize(
    "text", ["", "..", " . . ", "S01E02", "1.2.3.4", "-1.2.", "1,2", "123456.1.", "١.٢."]
)
def test_what_is_no_xmltv_ns_is_none(text: str) -> None:
    assert of_xmltv_ns(text) is None


@pytest.mark.parametrize(
    ("text", "season", "episode"),
    [
        ("S02E05", 1, 4),
        ("s2 e5", 1, 4),
        ("S02 Ep05", 1, 4),
        ("Season 2 Episode 5", 1, 4),
        ("Season 2, Episode 5", 1, 4),
        ("Staffel 2 Folge 5", 1, 4),
        ("2x05", 1, 4),
        ("Ep. 5", None, 4),
        ("Episode 5", None, 4),
        ("E1234", None, 1233),
    ],
)
def test_what_is_shown_on_screen_is_understood_where_it_is_plain(
    text: str, season: int | None, episode: int
) -> None:
    assert of_onscreen(text) == EpisodeNumber(season, episode)


@pytest.mark.parametrize(
    "text", ["", "#FFEE", "S00E05", "S02E00", "EP01006886.0028", "1920x1080", "Part 2", "5", "12/24"]
)
def test_what_is_shown_otherwise_is_left_alone(text: str) -> None:
    assert of_onscreen(text) is None
