"""Rows made before anybody asks for them: which, when, and when not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from libs.common.db import open_database
from libs.common.metrics import Metrics
from libs.common.sojourn import Sojourns
from libs.common.tasks import Tasks
from services.catalog import keys
from services.catalog.store.addons import AddonStore
from services.catalog.warming import LOOK_S, WarmUp
from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, OWNER, Catalog, running_catalog
from tests.fakes.addon import FakeAddon, films, manifest
from tests.fakes.addon import catalog as row_of
from tests.fakes.clock import ManualClock
from tests.waiting import until

HOURS = 3600


@dataclass
class Load:
    is_pressed: bool = False


@asynccontextmanager
async def warming(catalog: Catalog, clock: ManualClock, load: Load | None = None) -> AsyncIterator[WarmUp]:
    """One more beside the service's own, which is off."""
    settings = catalog.app[keys.SETTINGS].common
    url = settings.database_url_for("catalog")
    metrics = Metrics("test", clock=clock)
    database = await open_database(
        url, schema="catalog", clock=clock, metrics=metrics, sojourns=Sojourns(clock, metrics)
    )
    yield WarmUp(
        AddonStore(database),
        catalog.app[keys.REGISTRY],
        catalog.app[keys.ENRICHED],
        load or Load(),
        clock=clock,
        every_s=6 * HOURS,
        uniform=lambda low, high: (low + high) / 2,
    )
    await database.aclose()


async def whole_round(warm: WarmUp, clock: ManualClock) -> None:
    """Pauses pass as soon as they are made."""
    sleepers = clock.sleepers
    looking = Tasks().spawn("look", warm.look())
    while not looking.done():
        if clock.sleepers > sleepers:
            clock.advance(1)
        await asyncio.sleep(0.001)
    await looking


def rows(*ids: str) -> FakeAddon:
    shown = manifest(catalogs=[row_of(id_) for id_ in ids])
    return FakeAddon(manifest=shown, catalogs={id_: films(3) for id_ in ids})


async def state(catalog: Catalog, name: str) -> str:
    return (await catalog.ask(f"catalog/{await catalog.row(name)}.json")).headers["X-Headgate-Cache"]


async def test_every_row_of_a_home_screen_is_there_before_it_is_asked_for(
    timed: Catalog, clock: ManualClock
) -> None:
    async with rows("top", "new") as addon, warming(timed, clock) as warm:
        await timed.add(addon.manifest_url)
        await whole_round(warm, clock)
        assert addon.calls["catalog"] == 2
        assert [await state(timed, name) for name in ("Top", "New")] == ["hit", "hit"]
        assert addon.calls["catalog"] == 2


async def test_the_same_addon_in_many_lists_is_asked_once(timed: Catalog, clock: ManualClock) -> None:
    async with rows("top") as addon, warming(timed, clock) as warm:
        for identity in (OWNER, OTHER_PROFILE, OTHER_ACCOUNT):
            await timed.add(addon.manifest_url, identity=identity)
        await whole_round(warm, clock)
        assert addon.calls["catalog"] == 1


async def test_a_round_comes_every_six_hours_and_asks_for_what_is_old(
    timed: Catalog, clock: ManualClock
) -> None:
    async with rows("top") as addon, warming(timed, clock) as warm:
        await timed.add(addon.manifest_url)
        await whole_round(warm, clock)
        clock.advance(5 * HOURS)
        await whole_round(warm, clock)
        assert addon.calls["catalog"] == 1
        clock.advance(1 * HOURS)
        await whole_round(warm, clock)
        assert addon.calls["catalog"] == 2
        assert await state(timed, "Top") == "hit"


async def test_a_round_that_begins_again_asks_for_nothing_twice(timed: Catalog, clock: ManualClock) -> None:
    async with rows("top", "new") as addon, warming(timed, clock) as one, warming(timed, clock) as other:
        await timed.add(addon.manifest_url)
        await whole_round(one, clock)
        await whole_round(other, clock)
        assert addon.calls["catalog"] == 2


async def test_it_is_stopped_while_there_is_too_much_to_do(timed: Catalog, clock: ManualClock) -> None:
    load = Load()
    async with rows("top", "new", "last") as addon, warming(timed, clock, load) as warm:
        await timed.add(addon.manifest_url)
        sleepers = clock.sleepers
        looking = Tasks().spawn("look", warm.look())

        async def pausing() -> bool:
            return addon.calls["catalog"] == 1 and clock.sleepers > sleepers

        await until(pausing)
        load.is_pressed = True
        clock.advance(1)
        await looking
        await warm.look()
        assert addon.calls["catalog"] == 1
        load.is_pressed = False
        await whole_round(warm, clock)
        assert addon.calls["catalog"] == 3


async def test_what_somebody_configured_and_what_needs_an_answer_is_left_alone(
    timed: Catalog, clock: ManualClock
) -> None:
    own = manifest(catalogs=[row_of("next")], behaviorHints={"configurable": True})
    searched = manifest(catalogs=[row_of("find", extra=[{"name": "search", "isRequired": True}])])
    async with (
        FakeAddon(manifest=own, catalogs={"next": films(3)}, prefix="/of-somebody") as personal,
        FakeAddon(manifest=searched, catalogs={"find": films(3)}) as search,
        warming(timed, clock) as warm,
    ):
        for addon in (personal, search):
            await timed.add(addon.manifest_url)
        await whole_round(warm, clock)
        assert (personal.calls["catalog"], search.calls["catalog"]) == (0, 0)


async def test_a_row_that_fails_does_not_keep_the_others_from_it(timed: Catalog, clock: ManualClock) -> None:
    async with rows("bad") as bad, rows("good") as good, warming(timed, clock) as warm:
        for addon in (bad, good):
            await timed.add(addon.manifest_url)
        bad.on("catalog", body=b"<html>")
        await whole_round(warm, clock)
        assert good.calls["catalog"] == 1


@pytest.mark.parametrize("every_s", ["21600", "0"])
async def test_the_service_begins_a_minute_after_its_start(
    tmp_path: Path, clock: ManualClock, every_s: str
) -> None:
    async with (
        running_catalog(tmp_path, clock=clock, HEADGATE_WARM_UP_S=every_s) as catalog,
        rows("top") as top,
    ):
        await catalog.add(top.manifest_url)
        clock.advance(LOOK_S * 0.8)
        assert top.calls["catalog"] == 0
        clock.advance(LOOK_S * 0.4)
        if every_s == "0":
            assert await state(catalog, "Top") == "miss"
            return

        async def asked() -> bool:
            return top.calls["catalog"] == 1

        await until(asked)


async def test_two_replicas_ask_for_each_row_once(
    tmp_path: Path, clock: ManualClock, postgres_url: str, redis_url: str
) -> None:
    shared = {"HEADGATE_DATABASE_URL": postgres_url, "HEADGATE_REDIS_URL": redis_url}
    async with (
        running_catalog(tmp_path, clock=None, **shared) as one,
        running_catalog(tmp_path, clock=None, **shared) as two,
        rows("top", "new") as addon,
        warming(one, clock) as first,
        warming(two, clock) as second,
    ):
        await one.add(addon.manifest_url)
        await asyncio.gather(whole_round(first, clock), whole_round(second, clock))
        assert addon.calls["catalog"] == 2
        assert await state(two, "New") == "hit"
