"""A warm row of 100 items that the hub rates, against a bare aiohttp handler that sends the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.load import CLIENTS, call, requests_per_s, wait_for
from benchmarks.upstreams import serving
from deploy.cluster.ports import free_port
from tests.fakes.addon import FakeAddon, film
from tests.fakes.imdb import FakeImdb, packed
from tests.harness.hub import UNLIMITED, Hub, running

ROUNDS = 5
ITEMS = 100
DESCRIPTION = (
    "A quiet film about a signalman, a lost parcel and the last train before the snow closes the line."
)


def measure() -> list[Figure]:
    """Rounds alternate between the two, so that a noisy neighbour meets both; the medians are compared."""
    items = [
        film(number, description=DESCRIPTION, genres=["Drama", "Mystery"], releaseInfo="1927")
        for number in range(1, ITEMS + 1)
    ]
    addon = FakeAddon(catalogs={"top": items})
    imdb = FakeImdb()
    imdb.files["ratings"] = packed("ratings", [(item["id"], "7.4", 1000) for item in items])
    with tempfile.TemporaryDirectory() as folder, serving([addon, imdb]), _rated_by(imdb, folder) as hub:
        token = owner.sign_in(hub.url)
        owner.import_ratings(hub.url, token)
        row = owner.first_row(owner.install(hub.url, token, [addon.manifest_url]))
        with urllib.request.urlopen(row) as answer:
            body = answer.read()
        if [meta.get("imdbRating") for meta in json.loads(body)["metas"]] != ["7.4"] * ITEMS:
            raise RuntimeError("the row is not rated")
        with bare(body, Path(folder)) as floor_url:
            rounds = [(requests_per_s(floor_url), requests_per_s(row)) for _ in range(ROUNDS)]
    floor, ours = (median(column) for column in zip(*rounds, strict=True))
    note = (
        f"{ours:,.0f} of {floor:,.0f} answers/s, {len(body):,} bytes, {CLIENTS} clients, "
        f"median of {ROUNDS} alternating rounds of wrk"
    )
    return [
        Figure("warm rated 100-item row, share of a bare handler", ours / floor, "×", "at least", 0.5, note)
    ]


def _rated_by(imdb: FakeImdb, folder: str) -> AbstractContextManager[Hub]:
    nobody = f"http://127.0.0.1:{free_port()}"
    environment = {**UNLIMITED, "HEADGATE_IMDB_URL": imdb.url, "HEADGATE_ANIME_IDS_URL": nobody}
    return running("embedded", environment, Path(folder))


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
