"""A process and its children, watched from outside: what they hold, and what they take of a processor."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
LOOK_S = 0.05


@contextmanager
def memory(pid: int) -> Iterator[list[float]]:
    """The most that the process and its children held together, in MB."""
    peak, ended = [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_S):
            peak[0] = max(peak[0], sum(_resident_mb(one) for one in (pid, *_children(pid))))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def processor_s(pid: int) -> float:
    """What it and its children took so far, those that have ended included."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    own = sum(map(int, fields[11:15])) / TICKS_PER_S
    return own + sum(processor_s(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    found = list[int]()
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except OSError:
        return found
    return found


def _resident_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    lines = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return sum(int(line.split()[1]) for line in lines) / 1000
