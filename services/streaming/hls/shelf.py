"""Segments on disk: bounded in bytes, the least used removed first, nothing left after a crash."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import shutil
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from libs.common.clock import Clock
from libs.common.secrets import new_token
from services.streaming.hls.errors import SegmentsDontFit

log = structlog.get_logger(__name__)

UNUSED_S: Final = 1800.0
"""What nobody asked for since goes."""
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_LOCK: Final = "in-use"


@dataclass(slots=True)
class _Kept:
    path: Path
    size: int
    used_at: float


class Shelf:
    """In a folder of this process's own below `folder`, locked while it lives: by that leftovers are told."""

    def __init__(self, folder: Path, *, most_bytes: int, clock: Clock) -> None:
        self._above = folder
        self._folder = folder / f"{os.getpid()}-{new_token(bytes_=6)}"
        self._most_bytes = most_bytes
        self._clock = clock
        self._kept: OrderedDict[tuple[str, int], _Kept] = OrderedDict()
        self._lock: int | None = None
        self._next = 0
        self.size_bytes = 0

    def open(self) -> None:
        """Removes what others left. Raises OSError."""
        self._above.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self._above.iterdir():
            _remove_if_left(left)
        self._folder.mkdir(mode=0o700)
        self._lock = _locked(self._folder / _LOCK)

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        self._kept.clear()
        self.size_bytes = 0

    async def get(self, track: str, number: int) -> bytes | None:
        kept = self._kept.get((track, number))
        if kept is None:
            return None
        kept.used_at = self._clock.monotonic()
        self._kept.move_to_end((track, number))
        try:
            return await asyncio.to_thread(kept.path.read_bytes)
        except OSError:
            self._forget((track, number))
            return None

    def has(self, track: str, number: int) -> bool:
        return (track, number) in self._kept

    async def put(self, track: str, number: int, data: bytes) -> None:
        """Raises SegmentsDontFit where the disk is full even without what is least used, or takes nothing."""
        self._next += 1
        path = self._folder / str(self._next)
        await self._make_room(len(data))
        try:
            await asyncio.to_thread(_write, path, data)
        except OSError as error:
            if error.errno not in FULL:
                raise _refused(error) from None
            log.warning("hls_disk_full", kept=len(self._kept), size_bytes=self.size_bytes)
            await self._drop(max(len(data), self.size_bytes // 2))
            await self._again(path, data)
        self._forget((track, number))
        self._kept[track, number] = _Kept(path, len(data), self._clock.monotonic())
        self.size_bytes += len(data)

    async def sweep(self) -> None:
        """Removes what nobody uses any more."""
        old = self._clock.monotonic() - UNUSED_S
        await self._remove([key for key, kept in self._kept.items() if kept.used_at < old])

    async def _again(self, path: Path, data: bytes) -> None:
        try:
            await asyncio.to_thread(_write, path, data)
        except OSError as error:
            raise _refused(error) from None

    async def _make_room(self, size: int) -> None:
        if self.size_bytes + size > self._most_bytes:
            await self._drop(self.size_bytes + size - self._most_bytes)

    async def _drop(self, size: int) -> None:
        """So many bytes at least, if there are."""
        leaving, left = [], size
        for key, kept in self._kept.items():
            if left <= 0:
                break
            leaving.append(key)
            left -= kept.size
        await self._remove(leaving)

    async def _remove(self, keys: list[tuple[str, int]]) -> None:
        paths = [self._forget(key, unlink=False) for key in keys]
        await asyncio.to_thread(_unlink, [path for path in paths if path is not None])

    def _forget(self, key: tuple[str, int], *, unlink: bool = True) -> Path | None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return None
        self.size_bytes -= kept.size
        if unlink:
            _unlink([kept.path])
        return kept.path


def _refused(error: OSError) -> SegmentsDontFit:
    if error.errno in FULL:
        said = "The disk on which this hub keeps pieces of films is full. Its operator has to make room."
    else:
        log.warning("hls_disk_refuses", error=error.strerror)
        said = (
            "The disk on which this hub keeps pieces of films takes none. Its operator has to look after it."
        )
    return SegmentsDontFit(said)


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _locked(path: Path) -> int | None:
    """The open file that holds the lock; None if somebody else does."""
    opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        return None
    return opened


def _remove_if_left(folder: Path) -> None:
    """Only what looks like ours: the folder may be a wrong one."""
    if not (folder / _LOCK).is_file() or folder.is_symlink():
        return
    lock = _locked(folder / _LOCK)
    if lock is None:
        return
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)
