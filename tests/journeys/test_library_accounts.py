"""An account at a panel from its address to a series and its end, in both forms of a hub."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.common.clock import SystemClock
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.harness.clients import Api
from tests.waiting import until

ACCOUNTS = "/api/v1/xtream-accounts"
LIBRARY = Library(seed=7, films=30, channels=10, series=8)


@pytest.fixture
async def panel() -> AsyncIterator[FakePanel]:
    async with FakePanel(LIBRARY, clock=SystemClock()) as panel:
        yield panel


async def test_an_account_is_added_read_browsed_and_removed(api: Api, panel: FakePanel) -> None:
    refused = await api.send("POST", ACCOUNTS, {"url": panel.url, "username": "u1", "password": "wrong"})
    assert (refused.status, refused.json["code"]) == (422, "provider_refused")

    pasted = f"{panel.url}/get.php?username=u1&password=p1&type=m3u_plus"
    added = await api.post(ACCOUNTS, {"url": pasted, "name": "Home", "sync": False})
    assert (added["status"], added["totals"]["movies"]) == ("active", 0)
    one = f"{ACCOUNTS}/{added['id']}"

    async def shown() -> Any:
        return await api.get(one)

    async def is_whole() -> bool:
        return (await shown())["synced_at"] is not None

    await api.post("/api/v1/sync/jobs", {"kind": "xtream", "account_id": added["id"]})
    await until(is_whole)
    totals = (await shown())["totals"]
    assert (totals["channels"], totals["movies"], totals["series"]) == (10, 30, 8)

    series = (await api.get(f"/api/v1/library/series?account={added['id']}"))["items"]
    opened = await api.get(f"/api/v1/library/series/{series[0]['id']}")
    assert opened["seasons"][0]["episodes"]
    assert opened.get("problem", "") == ""

    await panel.stop()
    kept = await api.get(f"/api/v1/library/series/{series[0]['id']}")
    assert kept["seasons"] == opened["seasons"]
    await api.post(f"{one}/check")
    assert ((await shown())["status"], (await shown())["is_outdated"]) == ("unreachable", True)

    await api.delete(one)
    assert (await api.get("/api/v1/library/series"))["items"] == []
    assert (await api.get(ACCOUNTS))["items"] == []
