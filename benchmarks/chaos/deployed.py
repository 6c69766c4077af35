"""The cluster that is measured: nginx, two of each service, Redis and PostgreSQL on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from benchmarks import owner
from tests.harness.cluster import NOTHING, Running, cluster, signed_in
from tests.harness.load import Load


@asynccontextmanager
async def deployed(environment: Mapping[str, str] = NOTHING) -> AsyncIterator[Running]:
    """A fresh cluster with its owner. Limits are counted, but set where the load doesn't reach them."""
    with cluster(environment) as client:
        yield await signed_in(client, owner.USERNAME, owner.PASSWORD)


async def passed(load: Load, until_s: float) -> None:
    """Returns when the load has run for that long."""
    await asyncio.sleep(max(0.0, until_s - load.seconds))


async def is_running(running: Running, name: str, restarts: int) -> None:
    """Returns when the supervisor has started it that often and calls it running."""
    while True:
        member = await asyncio.to_thread(running.client.member, name)
        if member.state == "running" and member.restarts >= restarts:
            return
        await asyncio.sleep(0.1)
