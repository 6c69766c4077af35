"""A film passed on by a hub of one process: how fast beside its provider itself, and in how much memory."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.footprint import resident_mb
from benchmarks.load import call, wait_for
from benchmarks.upstreams import serving
from libs.common.clock import SystemClock
from tests.fakes.panel.accounts import Account
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.harness.hub import UNLIMITED, running

FILM_MB = 200
ROUNDS = 3


def measure() -> list[Figure]:
    """The provider is asked directly and through the hub, in turn."""
    panel = FakePanel(Library(films=1, channels=1, series=1), Account(), clock=SystemClock())
    panel.media = dict.fromkeys(("mkv", "mp4", "avi"), bytes(FILM_MB * 1_000_000))
    (row,) = panel.library.rows("vod")
    with (
        tempfile.TemporaryDirectory() as folder,
        serving([panel]),
        running("embedded", UNLIMITED, Path(folder)) as hub,
    ):
        film = _film(hub.url, panel)
        direct = f"{panel.url}/movie/u1/p1/{row['stream_id']}.{row['container_extension']}"
        before_mb = resident_mb(hub)
        rounds = [(_mb_per_s(direct), _mb_per_s(film)) for _ in range(ROUNDS)]
        added_mb = resident_mb(hub) - before_mb
    floor, ours = (median(speeds) for speeds in zip(*rounds, strict=True))
    note = (
        f"{ours:.0f} of {floor:.0f} MB/s, {FILM_MB} MB, by redirects and gateway, median of {ROUNDS} in turn"
    )
    return [
        Figure("a film passed on, share of its provider's speed", ours / floor, "×", "at least", 0.3, note),
        Figure("memory that took", added_mb, "MB", "at most", 20, "resident, after all rounds, embedded"),
    ]


def _film(base: str, panel: FakePanel) -> str:
    """The address that a player is given for the panel's film."""
    token = owner.sign_in(base)
    account = {"url": panel.url, "username": "u1", "password": "p1", "sync": False}
    added: Any = call("POST", f"{base}/api/v1/xtream-accounts", account, token)
    job: Any = call("POST", f"{base}/api/v1/sync/jobs", {"kind": "xtream", "account_id": added["id"]}, token)

    def is_synced() -> bool:
        now: Any = call("GET", f"{base}/api/v1/sync/jobs/{job['id']}", token=token)
        return bool(now["state"] == "succeeded")

    wait_for(is_synced, "the sync", every_s=0.1)
    films: Any = call("GET", f"{base}/api/v1/library/movies", token=token)
    me: Any = call("GET", f"{base}/api/v1/me", token=token)
    stremio = str(me["stremio_url"]).replace("stremio://", "http://").removesuffix("/manifest.json")
    listed: Any = call("GET", f"{stremio}/stream/movie/{films['items'][0]['id']}.json")
    return str(listed["streams"][0]["url"])


def _mb_per_s(url: str) -> float:
    told = "%{http_code} %{size_download} %{time_total}"
    command = ["curl", "-sL", "-o", "/dev/null", "-w", told, url]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    status, size, seconds = printed.split()
    if (status, size) != ("200", str(FILM_MB * 1_000_000)):
        raise RuntimeError(printed)
    return FILM_MB / float(seconds)
