"""Twenty thousand idle connections, and a client that sends its request one byte at a time."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.chaos.deployed import deployed
from benchmarks.figures import Figure
from tests.harness.cluster import Running

HOLDERS = 2
EACH = 10_000
CLIENTS = 16
REQUESTS = 4_000


def measure() -> list[Figure]:
    return asyncio.run(_crowded())


async def _crowded() -> list[Figure]:
    # A process may have 20 000 files open on many machines: two hold the crowd, and two workers of nginx.
    async with deployed({"CLUSTER_CLIENT_TIMEOUT_S": "15", "CLUSTER_NGINX_WORKERS": "2"}) as running:
        before = _gateways_mb(running)
        with ExitStack() as stack:
            held = sum(await asyncio.gather(*(_hold(stack, running, n) for n in range(HOLDERS))))
            async with running.under_load(clients=CLIENTS) as load:
                await load.more(REQUESTS)
            grown = _gateways_mb(running) - before
    note = f"{load.asked:,} requests of others meanwhile, through nginx with two workers"
    return [
        Figure("idle connections held", held, "", "at least", HOLDERS * EACH, note),
        Figure("failed requests of others", len(load.failures), "", "at most", 0, note),
        Figure("memory the gateways took for it", grown, "MB", "at most", 50, "both gateways together"),
    ]


async def _hold(stack: ExitStack, running: Running, number: int) -> int:
    """A process that opens its share, has each answered once, and then sits there; how many it got."""
    parts = urlsplit(running.url)
    source = f"127.0.0.{2 + number}"
    command = [sys.executable, "-m", "benchmarks.chaos.holder", str(parts.hostname), str(parts.port), source]
    process = await asyncio.to_thread(_started, [*command, str(EACH)])
    stack.callback(process.wait)
    stack.callback(process.kill)
    assert process.stdout is not None
    return int(await asyncio.to_thread(process.stdout.readline))


def _started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _gateways_mb(running: Running) -> float:
    pids = [member.pid for member in running.client.status().members if member.name.startswith("gateway-")]
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1000
