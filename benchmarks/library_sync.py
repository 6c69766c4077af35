"""A panel's 210,000 entries synced by a whole hub: the first time, and on the day after."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.imdb import watch
from benchmarks.imdb_import import Cost, Engine, Store, processors
from benchmarks.library import panel
from benchmarks.load import call, wait_for
from deploy.cluster.ports import free_port
from tests.fakes.panel.generator import Library
from tests.harness.hub import SECRET, UNLIMITED, Hub, running

FILMS: Final = int(os.environ.get("BENCH_FILMS", "150000"))
LIBRARY: Final = Library(seed=7, films=FILMS, channels=FILMS * 2 // 15, series=FILMS * 4 // 15)
CHANGED: Final = 0.01
LONGEST_S: Final = 900.0
AFTERWARDS: Final = ("matching", "finish")


def measure() -> list[Figure]:
    figures = list[Figure]()
    engines: tuple[Engine, ...] = ("SQLite", "PostgreSQL")
    for engine in engines:
        with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
            figures += _figures(engine, Path(name), stack)
    return figures


def _figures(engine: Engine, folder: Path, stack: ExitStack) -> list[Figure]:
    store = Store(engine, stack)
    panel.write(LIBRARY, folder)
    floor = _floor(folder, store)
    environment = {**UNLIMITED, "HEADGATE_SECRET_KEY": SECRET}
    if engine == "PostgreSQL":
        environment["HEADGATE_DATABASE_URL"] = store.new()
    place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    hub = stack.enter_context(running("embedded", environment, place))
    token = owner.sign_in(hub.url)
    account = _add(hub, token, stack.enter_context(_served(folder)))
    peak = stack.enter_context(watch.memory(hub.processes["hub"].pid))
    full = _synced(hub, store, token, account)
    panel.write(LIBRARY.evolved(seed=1, share=CHANGED), folder)
    next_day = _synced(hub, store, token, account)
    rows = LIBRARY.films + LIBRARY.channels + LIBRARY.series
    return [
        Figure(
            f"library sync, share of the floor, {engine}",
            full.took_s / floor.took_s,
            "×",
            "at most",
            3,
            f"{_told(full, floor)}; {rows:,} entries",
        ),
        Figure(
            f"the next day's, share of the first, {engine}",
            next_day.took_s / full.took_s,
            "×",
            "at most",
            0.25,
            f"{_told(next_day, full)}; one of a hundred is new, one changed, one gone",
        ),
        Figure(
            f"peak memory of a library sync, {engine}",
            peak[0],
            "MB",
            "at most",
            400,
            "resident, the hub and what it starts together",
        ),
    ]


def _told(cost: Cost, base: Cost) -> str:
    share = cost.processor_s / base.processor_s
    return f"{cost.took_s:.1f} s of {base.took_s:.1f} s, {share:.2f} × by the processors"


def _floor(folder: Path, store: Store) -> Cost:
    url, before = store.new(), store.processor_s()
    command = [sys.executable, "-m", "benchmarks.library.floor", str(folder), url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    took_s, processor_s = map(float, done.stdout.split())
    return Cost(took_s, processor_s + store.processor_s() - before)


def _add(hub: Hub, token: str, url: str) -> str:
    new = {"url": url, "username": "u1", "password": "p1", "name": "Panel", "sync": False}
    added: Any = call("POST", f"{hub.url}/api/v1/xtream-accounts", new, token)
    return str(added["id"])


def _synced(hub: Hub, store: Store, token: str, account: str) -> Cost:
    """Until everything that the panel has is there; which titles those are is looked for after that."""
    jobs = f"{hub.url}/api/v1/sync/jobs"
    begun: Any = call("POST", jobs, {"kind": "xtream", "account_id": account}, token)

    def job() -> Any:
        return call("GET", f"{jobs}/{begun['id']}", token=token)

    def is_there() -> bool:
        now = job()
        return now["phase"] in AFTERWARDS or now["finished_at"] is not None

    # It first lets a step end that asks the panel for details, at the panel's pace.
    wait_for(lambda: job()["phase"] != "", "the sync's turn", limit_s=LONGEST_S)
    began, pid = time.perf_counter(), hub.processes["hub"].pid
    spent = processors(pid, store, lambda: wait_for(is_there, "the rows", limit_s=LONGEST_S, every_s=0.25))
    there_s = time.perf_counter() - began
    wait_for(lambda: job()["finished_at"] is not None, "the sync", limit_s=LONGEST_S, every_s=0.5)
    ended = job()
    print(ended["counts"], f"{time.perf_counter() - began:.1f} s with matching", file=sys.stderr)
    if ended["state"] != "succeeded":
        raise RuntimeError(ended["error"])
    return Cost(there_s, spent.processor_s)


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.library.panel", str(folder), str(port)])
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: _answers(f"{url}/player_api.php"), "the panel")
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
