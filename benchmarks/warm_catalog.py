"""A warm row of 100 items through the gateway, against a bare aiohttp handler that sends the same bytes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.load import CLIENTS, call, requests_per_s, wait_for
from benchmarks.upstreams import serving
from tests.fakes.addon import FakeAddon, film
from tests.harness.hub import UNLIMITED, running
from tests.servers import free_port

ROUNDS = 5
DESCRIPTION = (
    "A quiet film about a signalman, a lost parcel and the last train before the snow closes the line."
)


def measure() -> list[Figure]:
    """Rounds alternate between the two, so that a noisy neighbour meets both; the medians are compared."""
    items = [
        film(
            number, description=DESCRIPTION, genres=["Drama", "Mystery"], releaseInfo="1927", imdbRating="7.4"
        )
        for number in range(1, 101)
    ]
    addon = FakeAddon(catalogs={"top": items})
    with (
        tempfile.TemporaryDirectory() as folder,
        serving([addon]),
        running("embedded", UNLIMITED, Path(folder)) as hub,
    ):
        row = owner.first_row(owner.install(hub.url, owner.sign_in(hub.url), [addon.manifest_url]))
        with urllib.request.urlopen(row) as answer:
            body = answer.read()
        with bare(body, Path(folder)) as floor_url:
            rounds = [(requests_per_s(floor_url), requests_per_s(row)) for _ in range(ROUNDS)]
    floor, ours = (median(column) for column in zip(*rounds, strict=True))
    note = (
        f"{ours:,.0f} of {floor:,.0f} answers/s, {len(body):,} bytes, {CLIENTS} clients, "
        f"median of {ROUNDS} alternating rounds of wrk"
    )
    return [Figure("warm 100-item row, share of a bare handler", ours / floor, "×", "at least", 0.5, note)]


@contextmanager
def bare(body: bytes, folder: Path) -> Iterator[str]:
    """A bare handler in a process of its own, sending `body`."""
    file = folder / "body.json"
    file.write_bytes(body)
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.bare", str(port), str(file)])
    url = f"http://127.0.0.1:{port}/catalog"
    try:
        wait_for(lambda: _answers(url), "the bare handler")
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        call("GET", url)
    except OSError:
        return False
    return True
