"""Addresses of pages at embed sites, by the operator's patterns."""

from __future__ import annotations

import pytest

from libs.common.settings import SettingsError
from services.streaming.embed_pattern import Pattern, Wanted
from services.streaming.settings import Settings
from tests.fakes.settings import SECRET

PATTERN = Pattern(
    film="/embed/movie/{tmdb}",
    episode="/embed/tv/{tmdb}/{season}/{episode}",
    query="color=ff&progress={start_s}",
)


@pytest.mark.parametrize(
    ("wanted", "start_s", "address"),
    [
        (Wanted(603), None, "https://e.example/x/embed/movie/603?color=ff"),
        (Wanted(603), 90, "https://e.example/x/embed/movie/603?color=ff&progress=90"),
        (Wanted(1399, 0, 2), None, "https://e.example/x/embed/tv/1399/0/2?color=ff"),
    ],
)
def test_page_of_a_film_or_an_episode(wanted: Wanted, start_s: int | None, address: str) -> None:
    assert PATTERN.address("https://e.example/x/", wanted, start_s) == address


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HEADGATE_EMBED_URL", "e.example"),
        ("HEADGATE_EMBED_URL", "ftp://e.example"),
        ("HEADGATE_EMBED_URL", "https://user:pass@e.example"),
        ("HEADGATE_EMBED_URL", "https://e.example?x=1"),
        ("HEADGATE_EMBED_MOVIE_PATH", "/embed/movie"),
        ("HEADGATE_EMBED_MOVIE_PATH", "/embed/{tmdb}/{imdb}"),
        ("HEADGATE_EMBED_MOVIE_PATH", "embed/{tmdb}"),
        ("HEADGATE_EMBED_EPISODE_PATH", "/embed/{tmdb}"),
        ("HEADGATE_EMBED_QUERY", "color={colour}"),
        ("HEADGATE_EMBED_MESSAGE", "PLAYER_EVENT"),
        ("HEADGATE_PROVIDERS", "links,local"),
        ("HEADGATE_PROVIDERS", "addons,addons"),
        ("HEADGATE_PROVIDERS", "addons,torrents"),
    ],
)
def test_setting_that_can_not_work_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({"HEADGATE_SECRET_KEY": SECRET, name: value})
