"""A warm row of 100 items with the marks of what a profile has watched, against the same without them."""

from __future__ import annotations

import http.client
import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.load import call
from benchmarks.upstreams import serving
from tests.fakes.addon import FakeAddon, film
from tests.harness.hub import UNLIMITED, running

ITEMS = 100
WATCHED = 60
ROUNDS = 9
EACH = 100


def measure() -> list[Figure]:
    """Rounds alternate between the two, so that a noisy neighbour meets both."""
    items = [film(number, description="A film.", releaseInfo="1927") for number in range(1, ITEMS + 1)]
    addon = FakeAddon(catalogs={"top": items})
    with (
        tempfile.TemporaryDirectory() as folder,
        serving([addon]),
        running("embedded", dict(UNLIMITED), Path(folder)) as hub,
    ):
        token = owner.sign_in(hub.url)
        row = owner.first_row(owner.install(hub.url, token, [addon.manifest_url]))
        for item in items[:WATCHED]:
            body = {"type": "movie", "name": item["name"]}
            call("PUT", f"{hub.url}/api/v1/viewing/watched/{item['id']}", body, token)
        plain, marked = list[float](), list[float]()
        for _ in range(ROUNDS):
            for times, is_on in ((plain, False), (marked, True)):
                call("PUT", f"{hub.url}/api/v1/settings/viewing", {"description": is_on}, token)
                times.append(_p50_s(row, expected=WATCHED if is_on else 0))
    added_ms = 1000 * (median(marked) - median(plain))
    note = (
        f"{1000 * median(plain):.2f} ms without, {1000 * median(marked):.2f} ms with {WATCHED} of {ITEMS}"
        f" watched, one player through the gateway, embedded; median of {ROUNDS} alternating p50s"
    )
    return [Figure("marks of a 100-item row, added at p50", added_ms, "ms", "at most", 2, note)]


def _p50_s(row: str, *, expected: int) -> float:
    """Of a player that asks on one connection, one row after the other."""
    place = urlsplit(row)
    connection = http.client.HTTPConnection(place.hostname or "", place.port)
    times = []
    for _ in range(EACH):
        began = time.perf_counter()
        connection.request("GET", place.path)
        body = connection.getresponse().read()
        times.append(time.perf_counter() - began)
    connection.close()
    if body.count("✓ Watched".encode()) != expected:
        raise RuntimeError("the row is not marked as it should be")
    return median(times)
