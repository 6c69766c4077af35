"""Processes that may use no more than a part of a core, so that what they carry is theirs to limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

CONTROLLER = Path("/sys/fs/cgroup/cpu")
PERIOD_US = 50_000
"""Short: a process that waits for its next turn holds up what it is asked by no more than that."""


@contextmanager
def held_to(share: float, pids: Iterable[int]) -> Iterator[None]:
    """Each process by itself to that share of one core. Needs root, and Linux' cgroups as of version 1."""
    groups = [(CONTROLLER / f"headgate-{pid}", pid) for pid in pids]
    try:
        for group, pid in groups:
            group.mkdir(exist_ok=True)
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (group / "cpu.cfs_quota_us").write_text(str(round(PERIOD_US * share)))
            (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        for group, pid in groups:
            if group.exists():
                (CONTROLLER / "cgroup.procs").write_text(str(pid))
                group.rmdir()
