"""Keys as administrators see them."""

from __future__ import annotations

import pytest

from libs.common.cache.shown import MOST_CHARS, handle_of, shown_key

TOKEN = "hg1_9fJ2kLmN0pQrStUvWxYz"


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("catalog/movie/top.json", "catalog/movie/top.json"),
        ("meta/series/tt0903747.json", "meta/series/tt0903747.json"),
        ("catalog/movie/top/search=the%20lord%20of%20the%20rings.json",) * 2,
        (f"stremio:{TOKEN}:p1:manifest.json", "stremio:hg1_9f…:p1:manifest.json"),
        ("3fa9c1d2e4b5a6978877665544332211:stream/movie/tt1", "3fa9c1…:stream/movie/tt1"),
        ("meta/movie/https://me:pass@host/x", "meta/movie/https://…@host/x"),
        ("meta/movie/https%3A%2F%2Fme%3Apass%40host%2Fx", "meta/movie/https%3A%2F%2F…@host%2Fx"),
        ("catalog/tv/x/api_key=short&skip=20", "catalog/tv/x/api_key=…&skip=20"),
        ("catalog/tv/x/password%3Dhunter2", "catalog/tv/x/password%3D…"),
    ],
)
def test_a_key_shows_what_was_asked_and_no_secret(key: str, shown: str) -> None:
    assert shown_key(key) == shown


def test_a_long_key_is_cut() -> None:
    assert len(shown_key("a " * 500)) == MOST_CHARS + 1


def test_a_handle_names_a_key_and_does_not_tell_it() -> None:
    assert handle_of("a") == handle_of("a") != handle_of("b")
    assert TOKEN not in handle_of(TOKEN)
