"""Which programs this process has started and not ended."""

from __future__ import annotations

import os
from pathlib import Path

NAMES = ("ffmpeg", "ffprobe")


def programs_of_this_process() -> list[int]:
    return [pid for pid in _children(os.getpid()) if _name(pid) in NAMES]


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
