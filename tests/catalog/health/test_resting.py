"""Addons that die and come back: catalog and streaming together, on a clock that moves when told."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest

from libs.common.contracts.addon_health import HealthReport
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.streaming import StreamingClient, StreamsPage
from libs.common.identity import Identity, IdentitySigner
from libs.common.secrets import SecretKey
from libs.common.serve import start_site
from services.streaming.app import create_app
from services.streaming.settings import Settings
from tests.catalog.health.seen import seen
from tests.catalog.hub import OTHER_PROFILE, OWNER, Catalog, running_catalog
from tests.fakes.addon import FakeAddon, catalog, films, manifest, stream
from tests.fakes.clock import ManualClock
from tests.fakes.settings import SECRET
from tests.tables import put_tables
from tests.waiting import until

AT_ONCE_S = 0.25
"""Less than the half second that even an addon that keeps being late gets."""


Answer = TypeVar("Answer")


@dataclass
class Hub:
    """One catalog, one streaming, and the time."""

    catalog: Catalog
    streams: StreamingClient
    clock: ManualClock

    async def page(self, number: int, *, identity: Identity = OWNER) -> StreamsPage:
        return await self.streams.streams(identity, "movie", f"tt{number}", deadline=self.catalog.deadline)

    async def at_once(self, number: int) -> StreamsPage:
        return await at_once(lambda: self.page(number))

    async def health(self, addon_id: str, *, identity: Identity = OWNER) -> Any:
        return (await self.catalog.get(f"/api/v1/addons/{addon_id}/health", identity=identity))["health"]

    async def until_calls(self, addon_id: str, calls: int) -> None:
        """Until catalog knows of so many."""

        async def there() -> bool:
            self.clock.advance(0.5)
            told = await self.catalog.get(f"/api/v1/addons/{addon_id}/health")
            return [one["calls"] for one in told["operations"]] == [calls]

        await until(there)

    async def until_asked(self, addon: FakeAddon, times: int) -> None:
        async def there() -> bool:
            self.clock.advance(0.5)
            return addon.calls["stream"] == times

        await until(there)

    async def until_out(self, addon_id: str, *, is_out: bool = True) -> None:
        async def there() -> bool:
            self.clock.advance(0.5)
            return bool(((await self.health(addon_id))["state"] == "out") is is_out)

        await until(there)


async def at_once(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """The answer, which came without a wait; tried three times, since a busy machine has waits of its own."""
    for _ in range(3):
        began = time.perf_counter()
        answer = await ask()
        if time.perf_counter() - began < AT_ONCE_S:
            return answer
    raise AssertionError("It was waited for.")


@asynccontextmanager
async def running_hub(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Hub]:
    async with running_catalog(tmp_path, clock=clock) as catalog:
        put_tables("streaming", tmp_path / "streaming.db")
        environment = {
            "HEADGATE_SECRET_KEY": SECRET,
            "HEADGATE_DATA_DIR": str(tmp_path),
            "HEADGATE_CATALOG_URL": catalog.address,
            "HEADGATE_ALLOW_PRIVATE_UPSTREAMS": "true",
            "HEADGATE_STREAMS_DEADLINE_S": "0.6",
        }
        running = await start_site(
            create_app(Settings.from_env(environment), clock=clock), "127.0.0.1:0", shutdown_s=1
        )
        signer = IdentitySigner(SecretKey.from_text(SECRET), clock)
        try:
            address = f"http://127.0.0.1:{running.port}"
            async with ServiceClient.connected("streaming", address, signer=signer) as client:
                yield Hub(catalog, StreamingClient(client), clock)
        finally:
            await running.aclose()


@pytest.fixture
async def hub(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Hub]:
    async with running_hub(tmp_path, clock) as hub:
        yield hub


def offering() -> FakeAddon:
    """One that tells no titles: streaming asks for these besides, where IMDb's data are not there."""
    offered = manifest(resources=["catalog", "stream"], catalogs=[catalog("top"), catalog("new")])
    return FakeAddon(manifest=offered, catalogs={"top": films(3), "new": films(3)}, streams=numbered("a"))


def numbered(host: str) -> dict[str, list[dict[str, Any]]]:
    return {f"tt{number}": [stream(f"https://{host}.example/{number}")] for number in range(60)}


async def test_one_that_dies_is_out_within_5_calls_and_back_within_one_interval(hub: Hub) -> None:
    async with offering() as addon:
        id_ = (await hub.catalog.add(addon.manifest_url))["id"]
        assert len((await hub.page(0)).items) == 1
        addon.on("stream", status=500)
        for number in range(1, 6):
            await hub.page(number)
        assert addon.calls["stream"] == 6
        # Before anybody has been told: the breaker beside the caller is quick.
        page = await hub.at_once(6)
        assert [problem.reason for problem in page.problems] == ["addon_resting"]
        await hub.until_out(id_)
        page = await hub.at_once(7)
        assert [problem.reason for problem in page.problems] == ["addon_resting"]
        assert addon.calls["stream"] == 6

        addon.heal()
        again = datetime.fromisoformat((await hub.health(id_))["asked_again_at"])
        assert (again - hub.clock.now()).total_seconds() < 30 - 1
        await hub.until_out(id_, is_out=False)
        assert len((await hub.at_once(8)).items) == 1
        # One question by catalog alone brought it back: the last that had been answered.
        assert addon.calls["stream"] == 8
        assert [path.id for path in addon.requests][-2:] == ["tt0", "tt8"]
        for number in range(9, 19):
            await hub.page(number)
        await hub.until_calls(id_, 18)
        assert (await hub.health(id_))["state"] == "active"


async def test_one_that_says_nothing_is_out_within_5_calls_and_nobody_waits_for_it_then(hub: Hub) -> None:
    async with offering() as addon:
        id_ = (await hub.catalog.add(addon.manifest_url))["id"]
        await hub.page(0)
        addon.hold("stream")
        for number in range(1, 6):
            await hub.page(number)
        await hub.until_out(id_)
        for number in range(6, 10):
            await hub.at_once(number)
        assert addon.calls["stream"] == 6

        # The probe waits in the background, and still nobody else.
        await hub.until_asked(addon, 7)
        await hub.at_once(10)
        addon.behaviours["stream"].hold.set()  # type: ignore[union-attr]  # held above
        addon.heal()
        await hub.until_out(id_, is_out=False)
        assert len((await hub.at_once(11)).items) == 1


async def test_one_that_fails_every_other_call_sinks_within_20_and_is_still_asked(hub: Hub) -> None:
    async with offering() as addon:
        id_ = (await hub.catalog.add(addon.manifest_url))["id"]
        for number in range(20):
            if number % 2:
                addon.on("stream", status=500)
            await hub.page(number)
            addon.heal()
        await hub.until_calls(id_, 20)
        sources = await hub.catalog.client.addon_sources(OWNER.as_service(), deadline=hub.catalog.deadline)
        health = sources.items[0].health
    assert addon.calls["stream"] == 20
    assert health.score is not None
    assert health.score < 60
    assert (health.state, health.resting) == ("poor", ())
    assert "% failed" in health.reason
    assert (await hub.health(id_))["score"] == health.score


async def test_sources_of_one_that_fails_every_other_call_come_after_those_of_one_that_does_not(
    hub: Hub,
) -> None:
    first, second = (
        FakeAddon(manifest=manifest(f"org.{name}", resources=["stream"]), streams=numbered(name))
        for name in ("first", "second")
    )
    async with first, second:
        ids = [(await hub.catalog.add(addon.manifest_url))["id"] for addon in (first, second)]
        best: list[str] = []
        for number in range(21):
            if number % 2:
                first.on("stream", status=500)
            page = await hub.page(number)
            if len(page.items) == 2:
                best.append(page.items[0].addon_name)
            first.heal()
            for id_ in ids:
                await hub.until_calls(id_, number + 1)
        assert first.calls["stream"] == 21
    assert best[0] == "First"
    sunk = best.index("Second")
    assert 2 * sunk <= 20
    assert set(best[sunk:]) == {"Second"}


async def test_rows_of_one_that_is_out_are_not_waited_for(hub: Hub) -> None:
    async with offering() as addon:
        id_ = (await hub.catalog.add(addon.manifest_url))["id"]
        await report(hub.catalog, id_, "catalog", times=5)
        addon.hold("catalog")
        row = await hub.catalog.row("Top")
        answer = await at_once(lambda: hub.catalog.ask(f"catalog/{row}.json"))
        assert answer.status == 503
        assert addon.calls["catalog"] == 0
        # Sources are another matter: nothing was heard against these.
        assert len((await hub.page(1)).items) == 1


async def test_a_pinned_one_is_never_out_and_pinning_brings_one_back(timed: Catalog) -> None:
    async with offering() as addon:
        id_ = (await timed.add(addon.manifest_url))["id"]
        await report(timed, id_, "stream", times=5)
        assert await state(timed, id_) == ("out", ["stream"])
        await timed.send("PATCH", f"/api/v1/addons/{id_}", {"pinned": True})
        assert await state(timed, id_) == ("poor", [])
        await report(timed, id_, "stream", times=20)
        assert await state(timed, id_) == ("poor", [])
        assert (await timed.get(f"/api/v1/addons/{id_}"))["health"]["pinned"]
        await timed.send("PATCH", f"/api/v1/addons/{id_}", {"pinned": False})
        await report(timed, id_, "stream", times=1)
        assert await state(timed, id_) == ("out", ["stream"])


async def test_an_addon_of_another_profile_is_not_touched(timed: Catalog) -> None:
    async with offering() as addon:
        mine = (await timed.add(addon.manifest_url))["id"]
        other = (await timed.add(addon.manifest_url, identity=OTHER_PROFILE))["id"]
        await report(timed, mine, "stream", times=5)
        told = await timed.get(f"/api/v1/addons/{other}/health", identity=OTHER_PROFILE)
        assert (told["health"]["state"], told["days"]) == ("unknown", [])
        answer = await timed.send("GET", f"/api/v1/addons/{mine}/health", identity=OTHER_PROFILE)
        assert answer.status == 404


async def test_figures_and_rest_survive_a_restart(tmp_path: Path, database_url: str) -> None:
    variables = {} if database_url.startswith("sqlite") else {"HEADGATE_DATABASE_URL": database_url}
    async with offering() as addon:
        async with running_catalog(tmp_path, clock=None, **variables) as catalog:
            id_ = (await catalog.add(addon.manifest_url))["id"]
            await report(catalog, id_, "stream", times=5)
            before = await catalog.get(f"/api/v1/addons/{id_}/health")
        addon.on("*", status=500)
        async with running_catalog(tmp_path, clock=None, **variables) as catalog:
            after = await catalog.get(f"/api/v1/addons/{id_}/health")
    assert before["health"]["state"] == "out"
    assert (after["health"]["state"], after["operations"][0]["calls"]) == ("out", 5)
    assert after["days"] == before["days"]
    assert (after["days"][0]["calls"], after["days"][0]["failures"]) == (5, 5)


async def test_replicas_share_it_and_one_of_them_asks(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    shared = {
        "HEADGATE_DATABASE_URL": postgres_url,
        "HEADGATE_REDIS_URL": redis_url,
        "HEADGATE_ADDON_PROBE_S": "2",
    }
    async with (
        running_catalog(tmp_path, clock=None, **shared) as one,
        running_catalog(tmp_path, clock=None, **shared) as two,
        offering() as addon,
    ):
        id_ = (await one.add(addon.manifest_url))["id"]
        await report(one, id_, "stream", times=5, path="stream/movie/tt1.json")
        sources = await two.client.addon_sources(OWNER.as_service(), deadline=two.deadline)
        assert sources.items[0].health.resting == ("stream",)

        async def back() -> bool:
            return await state(two, id_) == ("poor", [])

        await until(back)
        assert addon.calls["stream"] == 1


async def test_asking_by_hand_does_not_wait_for_the_interval(timed: Catalog, clock: ManualClock) -> None:
    async with offering() as addon:
        id_ = (await timed.add(addon.manifest_url))["id"]
        await report(timed, id_, "stream", times=5)
        assert (await timed.send("POST", f"/api/v1/addons/{id_}/refresh")).status == 200

        async def back() -> bool:
            clock.advance(0.5)
            return await state(timed, id_) == ("poor", [])

        began = clock.time()
        await until(back)
        assert clock.time() - began < 20


async def report(catalog: Catalog, addon_id: str, operation: str, *, times: int, path: str = "") -> None:
    """Failures, as another service tells of them."""
    failed = seen(ok=False, addon_id=addon_id, operation=operation, at=catalog.clock.time(), path=path)
    await catalog.client.report_health(HealthReport((failed,) * times), deadline=catalog.deadline)


async def state(catalog: Catalog, addon_id: str) -> tuple[str, list[str]]:
    answer = await catalog.send("GET", f"/api/v1/addons/{addon_id}/health")
    health = msgspec.json.decode(answer.body)["health"]
    return health["state"], health["resting"]
