"""Fifty cold requests of one row at once: how many calls reach the addon, with one replica and with two."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.load import call
from benchmarks.upstreams import serving
from tests.fakes.addon import FakeAddon, films
from tests.harness.hub import UNLIMITED, Hub, running, stores

REQUESTS = 50
UPSTREAM_S = 0.3


def measure() -> list[Figure]:
    return [_one_replica(), _two_replicas()]


def _one_replica() -> Figure:
    addon = FakeAddon(catalogs={"top": films(100)})
    with (
        tempfile.TemporaryDirectory() as folder,
        serving([addon]),
        running("embedded", UNLIMITED, Path(folder)) as hub,
    ):
        calls = _calls(addon, hub, [hub.url])
    return _figure("one process", calls)


def _two_replicas() -> Figure:
    """Two gateways over two catalogs, on one Redis and one PostgreSQL."""
    addon = FakeAddon(catalogs={"top": films(100)})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(serving([addon]))
        hub = stack.enter_context(running("split", {**stack.enter_context(stores()), **UNLIMITED}, folder))
        calls = _calls(addon, hub, [hub.url, hub.second_pair()])
    return _figure("two replicas on Redis", calls)


def _calls(addon: FakeAddon, hub: Hub, gateways: Sequence[str]) -> int:
    stremio = owner.install(hub.url, owner.sign_in(hub.url), [addon.manifest_url])
    path = urlsplit(owner.first_row(stremio)).path
    addon.on("catalog", delay_s=UPSTREAM_S)
    with ThreadPoolExecutor(REQUESTS) as pool:
        urls = [gateways[number % len(gateways)] + path for number in range(REQUESTS)]
        list(pool.map(lambda url: call("GET", url), urls))
    return addon.calls["catalog"]


def _figure(how: str, calls: int) -> Figure:
    note = f"{REQUESTS} at once, {how}, addon answers after {UPSTREAM_S * 1000:.0f} ms"
    return Figure(f"upstream calls for {REQUESTS} cold requests, {how}", calls, "calls", "at most", 1, note)
