"""How addons answered reaches catalog, in batches and without being in the way."""

from __future__ import annotations

from tests.fakes.addon import FakeAddon, manifest, stream
from tests.streaming.hub import Streaming
from tests.waiting import until


async def test_calls_are_reported_and_cache_hits_are_not(service: Streaming) -> None:
    good = FakeAddon(manifest=manifest("org.good"), streams={"tt1": [stream()]})
    bad = FakeAddon(manifest=manifest("org.bad"))
    async with good, bad:
        bad.on("stream", status=500)
        for addon in (good, bad):
            service.catalog.add(addon)
        for _ in range(3):
            await service.ask("stream/movie/tt1.json")

        async def reported() -> bool:
            return len(service.catalog.observations) >= 2

        await until(reported)
    seen = {each.addon_id: each for each in service.catalog.observations}
    assert len(service.catalog.observations) == 2
    assert (seen["org.good"].ok, seen["org.good"].items, seen["org.good"].operation) == (True, 1, "stream")
    assert not seen["org.bad"].ok
    assert "500" in (seen["org.bad"].error or "")


async def test_what_is_left_is_reported_at_the_end(service: Streaming) -> None:
    async with FakeAddon(streams={"tt1": [stream()]}) as addon:
        service.catalog.add(addon)
        await service.ask("stream/movie/tt1.json")
        await service.running.aclose()
    assert len(service.catalog.observations) == 1
