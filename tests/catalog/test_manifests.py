"""Manifests kept current: when they are fetched again, and what happens when that goes wrong."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.contracts.catalog import RefreshCounts
from services.catalog.manifests import retry_s
from tests.catalog.hub import OTHER_ACCOUNT, Catalog
from tests.fakes.addon import FakeAddon, films
from tests.fakes.clock import ManualClock

WEEK_S = 7 * 24 * 3600


async def refreshed(catalog: Catalog) -> RefreshCounts:
    return await catalog.client.refresh_due(deadline=catalog.deadline)


async def only(catalog: Catalog) -> Any:
    return (await catalog.get("/api/v1/addons"))["items"][0]


async def row_names(catalog: Catalog) -> dict[str, str]:
    return {row["name"]: row["id"] for row in (await catalog.manifest())["catalogs"]}


async def test_a_manifest_is_fetched_again_after_a_week(timed: Catalog, clock: ManualClock) -> None:
    async with FakeAddon() as addon:
        await timed.add(addon.manifest_url)
        clock.advance(WEEK_S - 60)
        assert await refreshed(timed) == RefreshCounts()
        clock.advance(120)
        assert await refreshed(timed) == RefreshCounts(seen=1, unchanged=1)
        assert await refreshed(timed) == RefreshCounts()


@pytest.mark.parametrize(("max_age", "due_s"), [("7200", 7200), ("60", 3600), ("99999999", WEEK_S)])
async def test_an_addon_may_ask_for_it_sooner_but_not_more_than_hourly(
    timed: Catalog, clock: ManualClock, max_age: str, due_s: int
) -> None:
    async with FakeAddon() as addon:
        addon.on("manifest", headers={"Cache-Control": f"max-age={max_age}"})
        await timed.add(addon.manifest_url)
        clock.advance(due_s - 60)
        assert (await refreshed(timed)).seen == 0
        clock.advance(120)
        assert (await refreshed(timed)).seen == 1


async def test_a_change_is_picked_up_and_rows_keep_their_ids(timed: Catalog, clock: ManualClock) -> None:
    async with FakeAddon(catalogs={"top": films(1), "new": films(1)}) as addon:
        whole = addon.manifest
        addon.manifest = {**whole, "catalogs": whole["catalogs"][:1]}
        await timed.add(addon.manifest_url)
        before = await row_names(timed)
        addon.manifest = {**whole, "version": "1.1.0"}
        clock.advance(WEEK_S + 1)
        assert await refreshed(timed) == RefreshCounts(seen=1, changed=1)
        assert (await only(timed))["version"] == "1.1.0"
        after = await row_names(timed)
    assert list(after) == ["Top", "New"]
    assert after["Top"] == before["Top"]


@pytest.mark.parametrize("behaviour", [{"body": b"<html>"}, {"status": 500}, {"body": b'{"id": 1}'}])
async def test_a_broken_manifest_keeps_the_old_one_and_says_so(
    timed: Catalog, clock: ManualClock, behaviour: dict[str, Any]
) -> None:
    async with FakeAddon(catalogs={"top": films(1)}) as addon:
        await timed.add(addon.manifest_url)
        addon.on("manifest", **behaviour)
        clock.advance(WEEK_S + 1)
        assert await refreshed(timed) == RefreshCounts(seen=1, failed=1)
        kept = await only(timed)
        assert kept["manifest_error"]
        assert await row_names(timed)

        addon.heal()
        clock.advance(601)
        assert await refreshed(timed) == RefreshCounts(seen=1, unchanged=1)
        assert (await only(timed))["manifest_error"] is None


async def test_fetching_the_same_manifest_again_is_no_change_of_the_merged_one(
    timed: Catalog, clock: ManualClock
) -> None:
    """Players and caches took every fetch for a new manifest."""
    async with FakeAddon(catalogs={"top": films(1)}) as addon:
        added = await timed.add(addon.manifest_url)
        refresh = f"/api/v1/addons/{added['id']}/refresh"
        before = await timed.manifest()
        clock.advance(60)
        await timed.send("POST", refresh)
        assert await timed.manifest() == before
        assert (await only(timed))["manifest_fetched_at"] > added["manifest_fetched_at"]

        addon.on("manifest", status=500)
        for _ in range(2):
            await timed.send("POST", refresh)
        assert await timed.manifest() == before
        assert "500" in (await only(timed))["manifest_error"]

        addon.heal()
        addon.manifest = {**addon.manifest, "version": "1.1.0"}
        await timed.send("POST", refresh)
        assert (await timed.manifest())["version"] != before["version"]
        assert (await only(timed))["manifest_error"] is None


async def test_a_refresh_by_hand_tells_what_went_wrong(timed: Catalog) -> None:
    async with FakeAddon() as addon:
        added = await timed.add(addon.manifest_url)
        addon.on("manifest", body=b"<html>")
        answer = await timed.send("POST", f"/api/v1/addons/{added['id']}/refresh")
        assert answer.status == 200
        assert "web page" in (await only(timed))["manifest_error"]


async def test_an_address_that_many_have_is_asked_once(timed: Catalog, clock: ManualClock) -> None:
    async with FakeAddon() as addon:
        await timed.add(addon.manifest_url)
        await timed.add(addon.manifest_url, identity=OTHER_ACCOUNT)
        addon.calls.clear()
        clock.advance(WEEK_S + 1)
        assert await refreshed(timed) == RefreshCounts(seen=2, unchanged=2)
    assert addon.calls["manifest"] == 1


@pytest.mark.parametrize(
    ("failures", "wait_s"), [(0, 600), (1, 1200), (2, 2400), (5, 19_200), (6, 21_600), (500, 21_600)]
)
def test_waiting_after_failures_grows_from_ten_minutes_to_six_hours(failures: int, wait_s: int) -> None:
    assert retry_s(failures) == wait_s
