"""The service as a whole: what it says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from deploy.cluster.ports import free_port
from libs.common.contracts.client import SERVICE
from libs.common.identity import ANONYMOUS
from libs.common.states import ProcessState
from tests.fakes.addon import FakeAddon, manifest, stream
from tests.streaming.hub import Streaming, streaming


async def report(service: Streaming) -> tuple[int, dict[str, Any]]:
    answer = await service.raw("/readyz?verbose", identity=ANONYMOUS)
    return answer.status, Streaming.body(answer)


async def test_it_is_ready_with_its_catalog_and_its_cache(tmp_path: Path, redis_url: str) -> None:
    async with streaming(tmp_path, HEADGATE_REDIS_URL=redis_url) as service:
        status, said = await report(service)
    assert (status, said["status"]) == (200, "pass")
    assert set(said["checks"]) == {"catalog", "database", "ffmpeg", "redis"}


async def test_catalog_and_redis_away_are_warnings_and_it_goes_on(tmp_path: Path) -> None:
    gone = f"redis://127.0.0.1:{free_port()}/0"
    async with streaming(tmp_path, HEADGATE_REDIS_URL=gone) as service:
        service.catalog.status = 503
        status, said = await report(service)
    assert (status, said["status"]) == (200, "warn")
    assert {name: check["status"] for name, check in said["checks"].items()} == {
        "ffmpeg": "pass",
        "database": "pass",
        "catalog": "fail",
        "redis": "fail",
    }


async def test_the_breakers_of_services_and_of_every_provider_are_in_its_state(service: Streaming) -> None:
    async with FakeAddon(
        manifest=manifest("org.one"), streams={"tt1": [stream("https://a.example/1")]}
    ) as addon:
        service.catalog.add(addon)
        await service.urls()
        answer = await service.raw("/internal/state", identity=SERVICE)
    state = msgspec.json.decode(answer.body, type=ProcessState)
    *ours, asked = sorted(state.breakers, key=lambda one: (len(one.name), one.name))
    assert [one.name for one in ours] == ["auth", "sync", "links", "catalog"]
    assert {one.state for one in ours} == {"closed"}
    assert len(asked.name) == 64
    assert [(one.service, one.state) for one in state.instances] == [
        ("catalog", "up"),
        ("sync", "up"),
        ("auth", "up"),
    ]
