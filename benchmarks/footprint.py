"""How fast the whole hub starts, and what it holds when nobody asks for anything."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure
from tests.harness.hub import Hub, running

STARTS = 5
KEPT_BYTECODE = {"PYTHONDONTWRITEBYTECODE": ""}


def measure() -> list[Figure]:
    """Each start creates the databases. As where it is installed, bytecode is kept: the first may compile."""
    started: list[float] = []
    idle: list[float] = []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            with running("embedded", KEPT_BYTECODE, Path(folder), from_nothing=True) as hub:
                started.append(time.perf_counter() - began)
                idle.append(resident_mb(hub))
    return [
        Figure(
            "start to ready, embedded",
            median(started),
            "s",
            "at most",
            3,
            f"median of {STARTS} first starts, databases made, until /readyz says 200",
        ),
        Figure(
            "idle memory, embedded",
            max(idle),
            "MB",
            "at most",
            150,
            f"largest resident set of {STARTS} starts, all five services in one process",
        ),
    ]


def resident_mb(hub: Hub) -> float:
    status = Path(f"/proc/{hub.processes['hub'].pid}/status").read_text()
    resident_kb = next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]
    return int(resident_kb) / 1000
