"""A warm row of 100 items with the marks of what a profile has watched, against the same without them.

Both are asked of catalog, which keeps the row that everybody shares: what is added is the question about what
was watched, and the texts. A gateway keeps rows without marks, and asks for those with marks each time; what
a player sees of that stands in the note.
"""

from __future__ import annotations

import http.client
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.load import call
from benchmarks.upstreams import serving
from libs.common.clock import SystemClock
from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity, IdentitySigner
from libs.common.secrets import load_or_create_key_file
from libs.common.serve import run_loop
from libs.common.settings import key_file
from tests.fakes.addon import FakeAddon, film
from tests.harness.hub import UNLIMITED, Hub, running

ITEMS = 100
WATCHED = 60
ROUNDS = 9
EACH = 100
MARK = "✓ Watched".encode()


def measure() -> list[Figure]:
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

        def choose(*, marks: bool) -> None:
            call("PUT", f"{hub.url}/api/v1/settings/viewing", {"description": marks}, token)

        me: Any = call("GET", f"{hub.url}/api/v1/me", token=token)
        identity = Identity(me["account"]["id"], me["profile"]["id"]).as_service()
        tail = "catalog" + urlsplit(row).path.partition("/catalog")[2]
        inside = run_loop(_inside(hub, identity, f"/internal/stremio/{tail}", choose))
        through = _through(row, choose)
    added_ms = 1000 * (inside[True] - inside[False])
    note = (
        f"{1000 * inside[False]:.2f} ms without, {1000 * inside[True]:.2f} ms with {WATCHED} of {ITEMS}"
        f" watched, asked of catalog, embedded; median of {ROUNDS} alternating p50s. A player at the gateway:"
        f" {1000 * through[False]:.2f} ms, kept, and {1000 * through[True]:.2f} ms"
    )
    return [Figure("marks of a 100-item row, added at p50", added_ms, "ms", "at most", 2, note)]


async def _inside(hub: Hub, identity: Identity, path: str, choose: Callable[..., None]) -> dict[bool, float]:
    clock = SystemClock()
    signer = IdentitySigner(load_or_create_key_file(key_file(hub.data_dir)), clock)
    found: dict[bool, list[float]] = {False: [], True: []}
    where = f"unix:{hub.data_dir}/run/catalog.sock"
    async with ServiceClient.connected("catalog", where, signer=signer) as catalog:
        for _ in range(ROUNDS):
            for marks, p50s in found.items():
                choose(marks=marks)
                times = []
                for _ in range(EACH):
                    began = time.perf_counter()
                    answer = await catalog.raw(
                        "GET", path, identity=identity, deadline=Deadline.after(clock, 10)
                    )
                    times.append(time.perf_counter() - began)
                _check(answer.body, marks=marks)
                p50s.append(median(times))
    return {marks: median(p50s) for marks, p50s in found.items()}


def _through(row: str, choose: Callable[..., None]) -> dict[bool, float]:
    """For a player that asks on one connection, one row after the other."""
    place = urlsplit(row)
    connection = http.client.HTTPConnection(place.hostname or "", place.port)
    found = dict[bool, float]()
    for marks in (False, True):
        choose(marks=marks)
        times = []
        for _ in range(EACH):
            began = time.perf_counter()
            connection.request("GET", place.path)
            body = connection.getresponse().read()
            times.append(time.perf_counter() - began)
        _check(body, marks=marks)
        found[marks] = median(times)
    connection.close()
    return found


def _check(body: bytes, *, marks: bool) -> None:
    if body.count(MARK) != (WATCHED if marks else 0):
        raise RuntimeError("the row is not marked as it should be")
