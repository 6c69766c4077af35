"""The service as a whole: what it says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from libs.common.identity import ANONYMOUS
from tests.servers import free_port
from tests.streaming.hub import Streaming, streaming


async def report(service: Streaming) -> tuple[int, dict[str, Any]]:
    answer = await service.raw("/readyz?verbose", identity=ANONYMOUS)
    return answer.status, Streaming.body(answer)


async def test_it_is_ready_with_its_catalog_and_its_cache(tmp_path: Path, redis_url: str) -> None:
    async with streaming(tmp_path, HEADGATE_REDIS_URL=redis_url) as service:
        status, said = await report(service)
    assert (status, said["status"]) == (200, "pass")
    assert set(said["checks"]) == {"catalog", "redis"}


async def test_catalog_and_redis_away_are_warnings_and_it_goes_on(tmp_path: Path) -> None:
    gone = f"redis://127.0.0.1:{free_port()}/0"
    async with streaming(tmp_path, HEADGATE_REDIS_URL=gone) as service:
        service.catalog.status = 503
        status, said = await report(service)
    assert (status, said["status"]) == (200, "warn")
    assert {name: check["status"] for name, check in said["checks"].items()} == {
        "catalog": "fail",
        "redis": "fail",
    }
