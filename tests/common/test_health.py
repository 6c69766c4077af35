"""Readiness asks what we depend on; nothing a check says leaks."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient

from libs.common.errors import Unavailable
from libs.common.health import MIB, Health, InstanceHealth, memory_below
from tests.fakes.clock import ManualClock


async def good() -> None:
    return


async def out() -> None:
    raise Unavailable("Redis does not answer.")


async def leaky() -> None:
    raise ValueError("postgresql://user:hunter2@db/headgate")


def app_of(health: Health) -> web.Application:
    app = web.Application()
    app.router.add_get("/livez", health.livez)
    app.router.add_get("/readyz", health.readyz)
    return app


async def test_without_checks_we_are_ready(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(app_of(Health()))
    answer = await client.get("/readyz")
    assert answer.content_type == "application/health+json"
    assert (answer.status, await answer.json()) == (200, {"status": "pass"})


async def test_a_required_part_that_is_out_makes_us_not_ready_and_still_alive(
    aiohttp_client: AiohttpClient,
) -> None:
    health = Health()
    health.add("redis", out)
    client = await aiohttp_client(app_of(health))
    assert (await client.get("/readyz")).status == 503
    assert (await client.get("/livez")).status == 200


async def test_an_optional_part_that_is_out_is_a_warning() -> None:
    health = Health()
    health.add("redis", out, required=False)
    health.add("database", good)
    report = await health.report()
    assert report.status == "warn"
    assert msgspec.to_builtins(report.checks) == {
        "redis": {"status": "fail", "output": "Redis does not answer."},
        "database": {"status": "pass"},
    }


async def test_details_are_shown_only_when_asked_for(aiohttp_client: AiohttpClient) -> None:
    health = Health()
    health.add("database", good)
    client = await aiohttp_client(app_of(health))
    assert "checks" not in await (await client.get("/readyz")).json()
    assert "database" in (await (await client.get("/readyz?verbose")).json())["checks"]


async def test_an_unknown_failure_tells_its_kind_and_nothing_else() -> None:
    health = Health()
    health.add("database", leaky)
    assert (await health.report()).checks["database"].output == "ValueError"


async def test_a_check_that_hangs_counts_as_failed() -> None:
    health = Health(check_within_s=0.01)

    async def hang() -> None:
        await asyncio.Event().wait()

    health.add("database", hang)
    assert (await health.report()).status == "fail"


async def test_many_probes_cost_one_round_of_checks_a_second(clock: ManualClock) -> None:
    health, runs = Health(clock=clock), list[int]()

    async def count() -> None:
        runs.append(1)

    health.add("database", count)
    await asyncio.gather(*(health.report() for _ in range(20)))
    assert len(runs) == 1
    clock.advance(1.1)
    await health.report()
    assert len(runs) == 2


async def test_draining_fails_without_asking_anybody() -> None:
    health = Health()
    health.set_draining()
    assert health.draining
    assert (await health.report()).output == "shutting down"


async def test_one_that_drains_says_so_and_tells_whoever_listens(aiohttp_client: AiohttpClient) -> None:
    health = Health()
    told: list[str] = []
    health.when_draining(lambda: told.append("draining"))
    client = await aiohttp_client(app_of(health))
    health.set_draining()
    health.set_draining()
    answer = await client.get("/readyz")
    assert (answer.status, (await answer.json())["state"]) == (503, "draining")
    assert told == ["draining"]


def test_whoever_registers_learns_the_port() -> None:
    health = Health()
    ports: list[int] = []
    health.when_listening(ports.append)
    health.set_listening(8082)
    assert ports == [8082]


async def test_only_the_verbose_report_tells_memory_and_instances(aiohttp_client: AiohttpClient) -> None:
    health = Health()
    health.add_instances("catalog", lambda: [InstanceHealth("a1", "up")])
    client = await aiohttp_client(app_of(health))
    brief = await (await client.get("/readyz")).json()
    report = await (await client.get("/readyz?verbose")).json()
    assert set(brief) == {"status"}
    assert report["instances"] == {"catalog": [{"id": "a1", "state": "up"}]}
    assert 10 * MIB < report["rss_bytes"] < 10_000 * MIB


@pytest.mark.parametrize(("warn_bytes", "status"), [(1, "warn"), (1 << 50, "pass")])
async def test_much_memory_is_a_warning(warn_bytes: int, status: str) -> None:
    health = Health()
    health.add("memory", memory_below(warn_bytes), required=False)
    assert (await health.report()).status == status
