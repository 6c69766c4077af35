"""IMDb's data sets in their real size imported by a whole hub, beside people who ask it for ratings."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.imdb import files, watch
from benchmarks.load import call, wait_for
from benchmarks.open_loop import Latency, latency
from deploy.cluster.ports import free_port
from tests.harness.hub import SECRET, UNLIMITED, Hub, running
from tests.servers import PostgresServer, postgres_server

RATE = 40.0
WINDOW_S = 5.0
LONGEST_S = 1800.0
Engine = Literal["SQLite", "PostgreSQL"]


@dataclass(frozen=True)
class Cost:
    """By the clock, and by the processors: what else a machine does is in the one and not in the other."""

    took_s: float
    processor_s: float


@dataclass(frozen=True)
class Seen:
    """One import, and what was watched while it ran. `before` is what readers met without it."""

    cost: Cost
    peak_mb: float
    before: Latency
    windows: list[Latency]


def measure() -> list[Figure]:
    figures = list[Figure]()
    engines: tuple[Engine, ...] = ("SQLite", "PostgreSQL")
    for engine in engines:
        with tempfile.TemporaryDirectory() as name:
            files.generate(Path(name))
            figures += _figures(engine, Path(name))
    return figures


def _figures(engine: Engine, folder: Path) -> list[Figure]:
    with ExitStack() as stack:
        store = Store(engine, stack)
        floor = _floor(folder, store)
        first, next_day = _watched(folder, store, stack)
    rows = f"{files.EPISODES:,} episodes, {files.RATINGS:,} ratings, {files.TITLES:,} titles"
    windows = [*first.windows, *next_day.windows]
    before_ms = max(first.before.p99_s, next_day.before.p99_s) * 1000
    worst = (
        f"worst of {len(windows)} times {WINDOW_S:.0f} s, {RATE:.0f} a second, timed from when due;"
        f" {before_ms:.0f} ms just before"
    )
    failed = sum(window.failed for window in windows)
    return [
        _share(f"IMDb import, share of the floor, {engine}", first.cost, floor, rows),
        _share(f"the next day's, {engine}", next_day.cost, floor, "one rating of five has changed"),
        Figure(
            f"peak memory of both, {engine}",
            max(first.peak_mb, next_day.peak_mb),
            "MB",
            "at most",
            300,
            "resident, the hub and what it starts together",
        ),
        Figure(
            f"reads meanwhile, p99, {engine}",
            max(window.p99_s for window in windows) * 1000,
            "ms",
            "at most",
            100,
            worst,
        ),
        Figure(f"failed reads meanwhile, {engine}", failed, "", "at most", 0, "as above"),
    ]


def _share(name: str, cost: Cost, floor: Cost, what: str) -> Figure:
    processors = cost.processor_s / floor.processor_s
    note = f"{cost.took_s:.1f} s of {floor.took_s:.1f} s, {processors:.2f} × by the processors; {what}"
    return Figure(name, cost.took_s / floor.took_s, "×", "at most", 2, note)


class Store:
    """Empty databases, and what their server has taken of the processors."""

    def __init__(self, engine: Engine, stack: ExitStack) -> None:
        self.engine = engine
        self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self._server: PostgresServer | None = None
        if engine == "PostgreSQL":
            self._server = stack.enter_context(postgres_server())

    def new(self) -> str:
        """A URL, or the path of a file."""
        if self._server is not None:
            return self._server.new_database()
        return str(self._folder / f"{time.perf_counter_ns()}.db")

    def processor_s(self) -> float:
        if self._server is None:
            return 0.0
        first = (self._server.directory / "data" / "postmaster.pid").read_text().split()[0]
        return watch.processor_s(int(first))


def _floor(folder: Path, store: Store) -> Cost:
    url, before = store.new(), store.processor_s()
    command = [sys.executable, "-m", "benchmarks.imdb.floor", str(folder), url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    took_s, processor_s = map(float, done.stdout.split())
    return Cost(took_s, processor_s + store.processor_s() - before)


def _watched(folder: Path, store: Store, stack: ExitStack) -> tuple[Seen, Seen]:
    environment = {
        **UNLIMITED,
        "HEADGATE_IMDB_URL": stack.enter_context(_served(folder)),
        "HEADGATE_ANIME_IDS_URL": "http://127.0.0.1:9",
        "HEADGATE_SECRET_KEY": SECRET,
    }
    if store.engine == "PostgreSQL":
        environment["HEADGATE_DATABASE_URL"] = store.new()
    place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    hub = stack.enter_context(running("embedded", environment, place))
    token = owner.sign_in(hub.url)
    licence, jobs = f"{hub.url}/api/v1/sync/imdb/licence", f"{hub.url}/api/v1/sync/jobs"
    # There is no rating yet, and the addons are in the same database.
    first = _seen(hub, store, token, "addons", lambda: call("PUT", licence, {"accepted": True}, token))
    files.next_day(folder)
    rated = f"ratings/{files.title_id(0)}"
    again = _seen(hub, store, token, rated, lambda: call("POST", jobs, {"kind": "imdb"}, token))
    return first, again


def _seen(hub: Hub, store: Store, token: str, asked: str, begin: Callable[[], object]) -> Seen:
    pid = hub.processes["hub"].pid
    with _reading(f"{hub.url}/api/v1/{asked}", token) as windows, watch.memory(pid) as peak:
        latest = _latest(hub, token)
        readers = processors(pid, store, lambda: wait_for(lambda: bool(windows), "the readers"))
        begin()
        spent = processors(pid, store, lambda: _ended(hub, token, after=latest))
    job = _latest(hub, token)
    if job["state"] != "succeeded":
        raise RuntimeError(job["error"])
    for name, counts in job["counts"].items():
        print(name, counts, file=sys.stderr)
    began, ended = (datetime.fromisoformat(job[name]) for name in ("started_at", "finished_at"))
    # Readers are answered all the time, and that isn't the import's doing.
    own_s = spent.processor_s - spent.took_s * readers.processor_s / readers.took_s
    return Seen(Cost((ended - began).total_seconds(), own_s), peak[0], windows[0], windows[1:])


def processors(pid: int, store: Store, wait: Callable[[], None]) -> Cost:
    """What the hub and its database take until `wait` returns."""
    began, before = time.perf_counter(), watch.processor_s(pid) + store.processor_s()
    wait()
    return Cost(time.perf_counter() - began, watch.processor_s(pid) + store.processor_s() - before)


def _latest(hub: Hub, token: str) -> Any:
    answer: Any = call("GET", f"{hub.url}/api/v1/sync/imdb", token=token)
    return answer["job"]


def _ended(hub: Hub, token: str, *, after: Any) -> None:
    """Returns when a later run than `after` is over."""

    def done() -> bool:
        job = _latest(hub, token)
        is_new = job is not None and (after is None or job["id"] != after["id"])
        return is_new and job["finished_at"] is not None

    wait_for(done, "the import", limit_s=LONGEST_S, every_s=0.5)


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.imdb.files", str(folder), str(port)])
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _reading(url: str, token: str) -> Iterator[list[Latency]]:
    """Asks the hub from before to after."""
    windows: list[Latency] = []
    ended = threading.Event()
    headers = {"Authorization": f"Bearer {token}"}

    def read() -> None:
        while not ended.is_set():
            windows.append(latency(url, rate=RATE, seconds=WINDOW_S, headers=headers))

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield windows
    finally:
        ended.set()
        thread.join()
