"""What TMDB told, by what was asked."""

from __future__ import annotations

import pytest

from libs.common.db import Database
from services.catalog.store.tmdb_titles import StoredTitle, TmdbTitleStore


@pytest.fixture
def titles(database: Database) -> TmdbTitleStore:
    return TmdbTitleStore(database)


async def test_what_was_told_reads_back(titles: TmdbTitleStore) -> None:
    await titles.put("movie:imdb:tt0017136:de-DE", b"\x00facts", at=5)
    assert await titles.get("movie:imdb:tt0017136:de-DE") == StoredTitle(b"\x00facts", 5)
    assert await titles.get("movie:imdb:tt0017136:") is None


async def test_of_two_answers_the_later_one_stays(titles: TmdbTitleStore) -> None:
    await titles.put("q", b"second", at=6)
    await titles.put("q", b"first", at=5)
    assert await titles.get("q") == StoredTitle(b"second", 6)
    await titles.put("q", b"third", at=7)
    assert await titles.get("q") == StoredTitle(b"third", 7)


async def test_what_is_too_old_is_dropped(titles: TmdbTitleStore) -> None:
    for at in (5, 6, 7):
        await titles.put(f"q{at}", b"facts", at=at)
    assert await titles.drop_older(6) == 1
    assert [await titles.get(f"q{at}") is not None for at in (5, 6, 7)] == [False, True, True]
