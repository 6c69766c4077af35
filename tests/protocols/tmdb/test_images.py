"""Addresses of pictures."""

from __future__ import annotations

import pytest

from libs.protocols.tmdb.images import image_url


def test_an_address_is_base_size_and_path() -> None:
    assert image_url("/a-B_9.jpg", "w342") == "https://image.tmdb.org/t/p/w342/a-B_9.jpg"


@pytest.mark.parametrize(
    "path", [None, "", "a.jpg", "/../x.jpg", "//evil.example/a.jpg", "/a.jpg?x=y", "/a.exe"]
)
def test_what_is_no_picture_has_no_address(path: str | None) -> None:
    assert image_url(path, "original") is None
