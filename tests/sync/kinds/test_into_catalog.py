"""Panels and lists synced into catalog itself, on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from libs.common.clock import SystemClock
from services.sync.errors import ImportFailed
from services.sync.model import Counts
from tests.catalog.hub import Catalog, running_catalog
from tests.fakes.panel.accounts import YEAR_S, Account
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.sync.syncing import syncing_with


@asynccontextmanager
async def a_panel() -> AsyncIterator[FakePanel]:
    clock = SystemClock()
    account = Account(expires_at=int(clock.time()) + YEAR_S)
    async with FakePanel(Library(films=300, channels=100, series=50), account, clock=clock) as panel:
        yield panel


async def totals(catalog: Catalog, which: str) -> Any:
    return (await catalog.get(f"/api/v1/{which}"))["items"][0]["totals"]


async def added(catalog: Catalog, which: str, body: object) -> str:
    answer = await catalog.send("POST", f"/api/v1/{which}", body)
    assert answer.status == 201, answer.body
    return str((await catalog.get(f"/api/v1/{which}"))["items"][0]["id"])


async def test_a_panel_is_whole_then_follows_its_changes(tmp_path: Path, database_url: str) -> None:
    url = "" if database_url.startswith("sqlite") else database_url
    async with a_panel() as panel, running_catalog(tmp_path, HEADGATE_DATABASE_URL=url) as catalog:
        asked = {"url": panel.url, "username": "u1", "password": "p1"}
        provider = await added(catalog, "xtream-accounts", asked)
        async with syncing_with(catalog.service, provider, tmp_path) as syncing:
            counts = await syncing.run()
            assert counts["movies"] == Counts(seen=300, added=300)
            held = await totals(catalog, "xtream-accounts")
            assert (held["channels"], held["movies"], held["series"]) == (100, 300, 50)
            assert held["programmes"] > 0
            assert (await syncing.run())["movies"] == Counts(seen=300, unchanged=300)
            panel.library = panel.library.evolved(seed=1, share=0.02)
            changes = panel.library.last_changes("vod")
            movies = (await syncing.run())["movies"]
            assert (movies.added, movies.removed) == (len(changes.added), len(changes.removed))
            assert movies.changed == len(changes.changed)
            assert (await totals(catalog, "xtream-accounts"))["movies"] == movies.seen


async def test_a_panel_that_lost_most_takes_nothing_away(tmp_path: Path) -> None:
    async with a_panel() as panel, running_catalog(tmp_path) as catalog:
        asked = {"url": panel.url, "username": "u1", "password": "p1"}
        provider = await added(catalog, "xtream-accounts", asked)
        async with syncing_with(catalog.service, provider, tmp_path) as syncing:
            await syncing.run()
            panel.fail("mass_disappearance", "get_vod_streams")
            with pytest.raises(ImportFailed, match=r"Films: It would remove .* Up to date: .*Series"):
                await syncing.run()
            assert (await totals(catalog, "xtream-accounts"))["movies"] == 300


async def test_a_list_of_the_same_panel_has_the_same(tmp_path: Path) -> None:
    async with a_panel() as panel, running_catalog(tmp_path) as catalog:
        address = f"{panel.url}/get.php?username=u1&password=p1&type=m3u_plus&output=ts"
        provider = await added(catalog, "m3u-accounts", {"url": address, "name": "List"})
        async with syncing_with(catalog.service, provider, tmp_path, kind="m3u") as syncing:
            counts = await syncing.run()
            assert (counts["channels"].added, counts["movies"].added) == (100, 300)
            assert counts["episodes"].added > 50
            held = await totals(catalog, "m3u-accounts")
            assert (held["channels"], held["movies"]) == (100, 300)
            assert held["episodes"] == counts["episodes"].added
            again = await syncing.run()
            assert again["episodes"].unchanged == counts["episodes"].added
