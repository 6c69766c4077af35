"""Prometheus' own judge of rules, tests and names."""

from __future__ import annotations

import subprocess
from pathlib import Path


def promtool(*arguments: str, text: bytes = b"", directory: Path | None = None) -> str:
    """What it printed. A complaint fails the test with its own words."""
    command = ["promtool", *arguments]
    done = subprocess.run(command, input=text, capture_output=True, timeout=60, check=False, cwd=directory)
    printed = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == 0, printed
    return printed
