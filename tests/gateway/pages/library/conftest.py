"""A hub with one account whose library is filled."""

from __future__ import annotations

import pytest

from tests.gateway.pages.inner import Inner
from tests.gateway.pages.library.shelves import Shelves, category, channel, item, provider


@pytest.fixture
def shelves(inner: Inner) -> Shelves:
    inner.library.providers = [provider()]
    inner.library.items = [
        channel(1, "First One", archive_days=7),
        channel(2, "Second Two", now=None, next=None),
        item(11, "movies", "Metropolis", listed_as="DE| Metropolis (1927) [4K]", year=1927, rating=8.3),
        item(12, "movies", "Nosferatu", year=1922, language="de", is_favourite=True),
        item(21, "series", "Salt", seasons=2, episodes=4, genres=("Drama",)),
    ]
    inner.library.categories = [
        category(31, "movies", "Silent films"),
        category(32, "movies", "For adults", is_hidden=True),
        category(33, "channels", "News"),
    ]
    return inner.library
