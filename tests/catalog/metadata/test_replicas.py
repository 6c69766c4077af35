"""Two replicas on one PostgreSQL and one Redis: one key, one question, one rate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.catalog.hub import Catalog, running_catalog
from tests.catalog.metadata.conftest import save_key
from tests.fakes.addon import FakeAddon, manifest
from tests.fakes.tmdb import FakeTmdb

Pair = tuple[Catalog, Catalog]
LITTLE = {"id": "tt0017136", "type": "movie", "name": "Metropolis"}
TITLE = "/api/v1/titles/movie/tt0017136"


@pytest.fixture
async def pair(tmp_path: Path, tmdb: FakeTmdb, postgres_url: str, redis_url: str) -> AsyncIterator[Pair]:
    shared = {
        "HEADGATE_DATABASE_URL": postgres_url,
        "HEADGATE_REDIS_URL": redis_url,
        "HEADGATE_TMDB_URL": tmdb.url,
    }
    async with (
        running_catalog(tmp_path, clock=None, **shared) as one,
        running_catalog(tmp_path, clock=None, **shared) as two,
        FakeAddon(manifest=manifest(resources=["meta"]), metas={"tt0017136": LITTLE}) as addon,
    ):
        await one.add(addon.manifest_url)
        yield one, two


async def test_a_key_saved_or_removed_at_one_counts_at_the_other_at_once(pair: Pair) -> None:
    one, two = pair
    assert (await two.get(TITLE))["meta"] == LITTLE
    await save_key(one)
    assert (await two.get(TITLE))["meta"]["runtime"] == "153 min"
    await one.send("DELETE", "/api/v1/settings/tmdb/key")
    assert (await two.get(TITLE))["meta"] == LITTLE


async def test_a_title_asked_of_both_is_asked_of_tmdb_once(pair: Pair, tmdb: FakeTmdb) -> None:
    await save_key(pair[0])
    tmdb.asked.clear()
    asked = (replica.get(TITLE) for replica in pair for _ in range(10))
    found = await asyncio.gather(*asked)
    assert {title["meta"].get("runtime") for title in found} == {"153 min"}
    assert sorted(tmdb.paths) == ["/find/tt0017136", "/movie/19"]


async def test_a_key_refused_at_one_is_not_used_by_the_other(pair: Pair, tmdb: FakeTmdb) -> None:
    one, two = pair
    await save_key(one)
    tmdb.keys.clear()
    assert (await one.get(TITLE))["problems"][0]["reason"] == "tmdb_key_refused"
    tmdb.asked.clear()
    assert (await two.get(TITLE))["meta"] == LITTLE
    assert (await two.get("/api/v1/settings/tmdb"))["state"] == "refused"
    assert tmdb.asked == []
