"""IMDb's data sets in their real size imported by a whole hub, beside people who ask it for ratings."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.imdb import files
from benchmarks.load import call, wait_for
from benchmarks.open_loop import Latency, latency
from tests.harness.hub import SECRET, UNLIMITED, Hub, running
from tests.servers import free_port, postgres_server

RATE = 40.0
WINDOW_S = 5.0
LONGEST_S = 1800.0
Engine = Literal["SQLite", "PostgreSQL"]


@dataclass
class Seen:
    """What was watched while the import ran."""

    took_s: float
    peak_mb: float
    windows: list[Latency]

    @property
    def p99_ms(self) -> float:
        return max(window.p99_s for window in self.windows) * 1000


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files.generate(folder)
        return [*_figures("SQLite", folder), *_figures("PostgreSQL", folder)]


def _figures(engine: Engine, folder: Path) -> list[Figure]:
    with ExitStack() as stack:
        new_url = _database(engine, stack)
        every, kept = (_floor(folder, new_url(), wanted) for wanted in ("all", "kept"))
        seen = _watched(engine, folder, new_url(), stack)
    ratings = files.RATED_TITLES + files.RATED_EPISODES
    rows = f"{files.EPISODES:,} episodes, {ratings:,} ratings, {files.TITLES:,} titles"
    note = (
        f"{seen.took_s:.1f} s of {every:.1f} s; {rows}, while people read; {seen.took_s / kept:.2f} × of "
        f"inserting only what is kept ({kept:.1f} s)"
    )
    worst = f"worst of {len(seen.windows)} times {WINDOW_S:.0f} s, {RATE:.0f} a second, timed from when due"
    failed = sum(window.failed for window in seen.windows)
    return [
        Figure(f"IMDb import, share of the floor, {engine}", seen.took_s / every, "×", "at most", 2, note),
        Figure(f"peak memory of it, {engine}", seen.peak_mb, "MB", "at most", 300, "hub and reader together"),
        Figure(f"reads meanwhile, p99, {engine}", seen.p99_ms, "ms", "at most", 100, worst),
        Figure(f"failed reads meanwhile, {engine}", failed, "", "at most", 0, "as above"),
    ]


def _database(engine: Engine, stack: ExitStack) -> Any:
    """What makes a new empty database: its URL, or the path of a file."""
    if engine == "PostgreSQL":
        return stack.enter_context(postgres_server()).new_database
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    return lambda: str(folder / f"{time.perf_counter_ns()}.db")


def _floor(folder: Path, url: str, wanted: str) -> float:
    command = [sys.executable, "-m", "benchmarks.imdb.floor", str(folder), url, wanted]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _watched(engine: Engine, folder: Path, url: str, stack: ExitStack) -> Seen:
    environment = {
        **UNLIMITED,
        "HEADGATE_IMDB_URL": stack.enter_context(_served(folder)),
        "HEADGATE_SECRET_KEY": SECRET,
    }
    if engine == "PostgreSQL":
        environment["HEADGATE_DATABASE_URL"] = url
    place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    hub = stack.enter_context(running("embedded", environment, place))
    token = owner.sign_in(hub.url)
    with _reading(hub, token) as windows, _memory(hub) as peak:
        call("PUT", f"{hub.url}/api/v1/sync/imdb/licence", {"accepted": True}, token)
        job = _ended(hub, token)
    if job["state"] != "succeeded":
        raise RuntimeError(job["error"])
    for name, counts in job["counts"].items():
        print(name, counts, file=sys.stderr)
    began, ended = (datetime.fromisoformat(job[name]) for name in ("started_at", "finished_at"))
    return Seen((ended - began).total_seconds(), peak[0], windows)


def _ended(hub: Hub, token: str) -> Any:
    job: Any = None

    def done() -> bool:
        nonlocal job
        time.sleep(0.2)
        answer: Any = call("GET", f"{hub.url}/api/v1/sync/imdb", token=token)
        job = answer["job"]
        return job is not None and job["finished_at"] is not None

    wait_for(done, "the import", limit_s=LONGEST_S)
    return job


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
def _reading(hub: Hub, token: str) -> Iterator[list[Latency]]:
    """Asks for the addons of an account, which are in the same database, from before to after."""
    windows: list[Latency] = []
    ended = threading.Event()
    headers = {"Authorization": f"Bearer {token}"}

    def read() -> None:
        while not ended.is_set():
            windows.append(latency(f"{hub.url}/api/v1/addons", rate=RATE, seconds=WINDOW_S, headers=headers))

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield windows
    finally:
        ended.set()
        thread.join()


@contextmanager
def _memory(hub: Hub) -> Iterator[list[float]]:
    """The most that the hub's process and its children held together, in MB."""
    peak, ended = [0.0], threading.Event()
    pid = hub.processes["hub"].pid

    def watch() -> None:
        while not ended.wait(0.05):
            peak[0] = max(peak[0], sum(_resident_mb(one) for one in (pid, *_children(pid))))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def _children(pid: int) -> list[int]:
    found = list[int]()
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _resident_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    lines = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return sum(int(line.split()[1]) for line in lines) / 1000
