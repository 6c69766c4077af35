"""The official Stremio parts, run by Node: an addon as upstream, and three readers of the merged addon."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

SCRIPTS = Path(__file__).resolve().parents[1] / "node"


@contextmanager
def sdk_addon() -> Iterator[str]:
    """The transport address of a running addon made with the official SDK."""
    process = subprocess.Popen(["node", "sdk_addon.js"], cwd=SCRIPTS, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().decode().strip()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def run(script: str, *arguments: str) -> object:
    """What a script printed, as JSON; its own error when it fails."""
    done = subprocess.run(
        ["node", script, *arguments], cwd=SCRIPTS, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    # The core writes its own log to the same stream; the object is the last line.
    return msgspec.json.decode(done.stdout.splitlines()[-1])
