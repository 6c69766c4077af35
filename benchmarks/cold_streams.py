"""Streams from ten addons, cold: what the hub adds to the slowest of them."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.load import call
from benchmarks.upstreams import serving
from tests.fakes.addon import FakeAddon, manifest, stream
from tests.harness.hub import UNLIMITED, running

ADDONS = 10
ROUNDS = 60
SLOWEST_S = 0.1


def measure() -> list[Figure]:
    """Each round asks for another title through the hub, then the slowest addon for it directly."""
    titles = [f"tt{number:07d}" for number in range(1, ROUNDS + 11)]
    addons = [_addon(number, titles) for number in range(ADDONS)]
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(addons),
        running("embedded", UNLIMITED, Path(folder)) as hub,
    ):
        for number, addon in enumerate(addons):
            addon.on("stream", delay_s=SLOWEST_S * (number + 1) / ADDONS)
        urls = [addon.manifest_url for addon in addons]
        stremio = owner.install(hub.url, owner.sign_in(hub.url), urls)
        for title in titles[ROUNDS:]:
            _seconds(f"{stremio}/stream/movie/{title}.json", ADDONS)
        rounds = [
            (
                _seconds(f"{stremio}/stream/movie/{title}.json", ADDONS),
                _seconds(f"{addons[-1].url}/stream/movie/{title}.json", 1),
            )
            for title in titles[:ROUNDS]
        ]
    added_ms = 1000 * median(ours - floor for ours, floor in rounds)
    slowest_ms = 1000 * median(floor for _, floor in rounds)
    note = (
        f"over the slowest addon's own {slowest_ms:.0f} ms, p50 of {ROUNDS} titles, {ADDONS} addons, embedded"
    )
    return [Figure("streams from 10 addons, cold, added", added_ms, "ms", "at most", 10, note)]


def _addon(number: int, titles: list[str]) -> FakeAddon:
    streams = {title: [stream(f"https://cdn{number}.example/{title}.mp4")] for title in titles}
    return FakeAddon(manifest=manifest(f"org.fake{number}"), streams=streams)


def _seconds(url: str, expected: int) -> float:
    began = time.perf_counter()
    answer = call("GET", url)
    took = time.perf_counter() - began
    assert isinstance(answer, dict)
    if len(answer["streams"]) != expected:
        raise RuntimeError(f"{len(answer['streams'])} streams instead of {expected}")
    return took
