"""Two replicas on one PostgreSQL and one Redis: one list, one call, nothing told late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.catalog.hub import Catalog, running_catalog
from tests.fakes.addon import FakeAddon, films

Pair = tuple[Catalog, Catalog]


@pytest.fixture
async def pair(tmp_path: Path, postgres_url: str, redis_url: str) -> AsyncIterator[Pair]:
    shared = {"HEADGATE_DATABASE_URL": postgres_url, "HEADGATE_REDIS_URL": redis_url}
    async with (
        running_catalog(tmp_path, clock=None, **shared) as one,
        running_catalog(tmp_path, clock=None, **shared) as two,
    ):
        yield one, two


async def test_a_change_on_one_replica_is_seen_by_the_other_at_once(pair: Pair) -> None:
    one, two = pair
    async with FakeAddon(catalogs={"top": films(3)}) as addon:
        added = await one.add(addon.manifest_url)
        row = await two.row("Top")
        await one.send("PATCH", f"/api/v1/addons/{added['id']}", {"enabled": False})
        assert (await two.ask(f"catalog/{row}.json")).status == 404
        await two.send("PATCH", f"/api/v1/addons/{added['id']}", {"enabled": True})
        assert len(await one.items(f"catalog/{row}.json")) == 3


async def test_a_cold_row_asked_of_both_replicas_is_one_call(pair: Pair) -> None:
    one, two = pair
    async with FakeAddon(catalogs={"top": films(100)}) as addon:
        await one.add(addon.manifest_url)
        row = await one.row("Top")
        addon.on("catalog", delay_s=0.2)
        asked = [replica.ask(f"catalog/{row}.json") for replica in (one, two) for _ in range(25)]
        assert [answer.status for answer in await asyncio.gather(*asked)] == [200] * 50
        assert addon.calls["catalog"] == 1
