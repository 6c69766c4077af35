"""A gateway that is killed in the middle of a change holds nobody up for long."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import aiohttp
import pytest

from deploy.cluster.ports import free_port
from libs.common.clock import SystemClock
from libs.common.http import ClientSession, make_session
from services.gateway.idempotency.model import LEASE_S
from tests.gateway.inner import Canned, Inner
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[3]
PATH = "/api/v1/addons"


@pytest.fixture
async def inner() -> AsyncIterator[Inner]:
    async with Inner(SystemClock()) as services:
        yield services


@contextmanager
def gateway(environment: dict[str, str], directory: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port()
    own = {**environment, "HEADGATE_PORT": str(port), "HEADGATE_DATA_DIR": str(directory)}
    process = subprocess.Popen(
        [sys.executable, "-m", "services.gateway"], cwd=ROOT, env={**os.environ, **own}
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


async def is_up(session: ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/livez") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def test_the_change_is_carried_out_by_another_gateway_within_seconds(
    inner: Inner, redis_url: str, tmp_path: Path
) -> None:
    environment = {**inner.environment(), "HEADGATE_REDIS_URL": redis_url}
    headers = {"Authorization": f"Bearer {inner.access_token()}", "Idempotency-Key": "k1"}
    inner.canned[PATH] = Canned(b'{"id": 1}', status=201, gate=asyncio.Event())
    with ExitStack() as stack:
        (killed, first), (_, other) = [
            stack.enter_context(gateway(environment, tmp_path / name)) for name in ("a", "b")
        ]
        async with make_session() as session, asyncio.TaskGroup() as group:
            for url in (first, other):
                await until(lambda url=url: is_up(session, url))  # type: ignore[misc]  # bound on purpose

            async def lost() -> None:
                with pytest.raises(aiohttp.ClientError):
                    await session.post(first + PATH, headers=headers, json={"url": "https://a.example"})

            async def is_asked() -> bool:
                return bool(inner.calls_to(PATH))

            group.create_task(lost())
            await until(is_asked)
            killed.kill()
            inner.canned[PATH] = Canned(b'{"id": 2}', status=201)
            async with asyncio.timeout(LEASE_S + 5):
                url = other + PATH
                async with session.post(url, headers=headers, json={"url": "https://a.example"}) as answer:
                    assert (answer.status, await answer.json()) == (201, {"id": 2})
                    assert "Idempotency-Replayed" not in answer.headers
    assert len(inner.calls_to(PATH)) == 2
