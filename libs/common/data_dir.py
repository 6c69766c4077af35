"""The data directory: writable, used by one hub at a time, and home of the hub's private sockets."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from libs.common.errors import StartupRefused
from libs.common.settings import INNER_SERVICES

LOCK = "hub.lock"
PRIVATE_DIR = 0o700


def prepare_data_dir(path: Path) -> None:
    """Make the data directory and check that it can be written, or refuse to start with a sentence."""
    probe = path / ".writable"
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise StartupRefused(
            f"The data directory {path} can't be written ({error.strerror}); give this user the right to "
            "write there, or set HEADGATE_DATA_DIR to another directory."
        ) from error


@contextmanager
def data_dir_held(
    path: Path,
    *,
    shared: bool = False,
    advice: str = "stop it, or set HEADGATE_DATA_DIR to another folder",
) -> Iterator[None]:
    """Keeps a second hub, or a migration by hand, off the same files. Raises StartupRefused with `advice`.

    Services that run apart hold it `shared`, so that they keep out a hub but not each other.
    """
    prepare_data_dir(path)
    with (path / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartupRefused(f"Another Headgate is using {path}; {advice}.") from error
        yield


@contextmanager
def private_sockets(data_dir: Path) -> Iterator[Path]:
    """A directory for the sockets between the services of one hub, which holds the data directory.

    Below the data directory, where what a killed hub left is found and removed; in a temporary one where the
    path is too long for a socket (about 100 bytes) or the file system has none.
    """
    folder = data_dir / "run"
    if _takes_sockets(folder):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="headgate-") as temporary:
        yield Path(temporary)


def _takes_sockets(folder: Path) -> bool:
    longest = folder / f"{max(INNER_SERVICES, key=len)}.sock"
    with suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        folder.mkdir(mode=PRIVATE_DIR, exist_ok=True)
        folder.chmod(PRIVATE_DIR)
        for left in folder.glob("*.sock"):
            left.unlink()
        probe.bind(str(longest))
        longest.unlink()
        return True
    return False


def free_bytes(path: Path) -> float:
    """What this user may still write on the disk of `path`; NaN when it can't be asked."""
    found = _disk(path)
    return float(found.f_bavail * found.f_frsize) if found is not None else float("nan")


def size_bytes(path: Path) -> float:
    """The size of the disk of `path`; NaN when it can't be asked."""
    found = _disk(path)
    return float(found.f_blocks * found.f_frsize) if found is not None else float("nan")


def _disk(path: Path) -> os.statvfs_result | None:
    try:
        return os.statvfs(path)
    except OSError:
        return None
