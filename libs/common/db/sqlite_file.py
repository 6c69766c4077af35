"""A SQLite file before it is used: the lock, the checks, the copy kept through a migration."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from libs.common.errors import StartupRefused

LOCK_TRIES = 600  # of LOCK_PAUSE_S: a minute, the longest a migration of a household should take
LOCK_PAUSE_S = 0.1
CHECKED_BYTES = 64 * 1024 * 1024  # a full check of this much takes well under a second
PROBE_BYTES = 256 * 1024  # room for the write-ahead log's first pages
BUSY_S = 10.0

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def refusal(service: str, path: Path, error: OSError | sqlite3.Error) -> StartupRefused:
    """The sentence for what keeps the file from being used."""
    name = getattr(error, "sqlite_errorname", None) or ""
    what = f"The {service} database {path}"
    if name.startswith("SQLITE_FULL") or (isinstance(error, OSError) and error.errno in _FULL):
        return StartupRefused(f"The disk that holds {path.parent} is full: make room on it and start again.")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return damaged(service, path)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StartupRefused(f"{what} is locked by another process: stop that one and start again.")
    if isinstance(error, OSError) or name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return StartupRefused(
            f"{what} can't be written: give this user the right to write in {path.parent}, "
            "or set HEADGATE_DATA_DIR to another directory."
        )
    return StartupRefused(f"{what} can't be used ({error}): check its disk, or put back a backup.")


def damaged(service: str, path: Path) -> StartupRefused:
    copy = copy_path(path)
    where = f" such as {copy}" if copy.exists() else ""
    return StartupRefused(
        f"The {service} database {path} is damaged: put back a backup{where}, or move it away to start empty."
    )


@contextmanager
def refusing(service: str, path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise refusal(service, path, error) from error


@contextmanager
def locked(service: str, path: Path) -> Iterator[None]:
    """Hold the file's lock: one process at a time checks and migrates it."""
    import fcntl  # noqa: PLC0415  not on Windows, where only this lock is missing

    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        for _ in range(LOCK_TRIES):
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(LOCK_PAUSE_S)
        else:
            raise StartupRefused(
                f"Another process has been migrating the {service} database {path} for a minute: "
                "wait for it or stop it, then start again."
            )
        yield
    finally:
        os.close(descriptor)


def check(service: str, path: Path) -> None:
    """Make sure that the file is sound and its directory takes more data; creates an empty file."""
    _probe(path.parent)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(connect(path)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if path.stat().st_size <= CHECKED_BYTES:
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if answer != "ok":
                raise damaged(service, path)


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=BUSY_S, check_same_thread=False)


def version(path: Path, table: str) -> str | None:
    """The revision a file is at, None for an empty file."""
    with closing(connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name=?", (table,)).fetchone():
            return None
        row = connection.execute(f'SELECT version_num FROM "{table}"').fetchone()  # noqa: S608
        return str(row[0]) if row else None


def copy_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.before-migration")


def keep_copy(path: Path) -> None:
    """Copy the file beside itself, replacing the copy of the migration before."""
    draft = path.with_name(f".{path.name}.copying")
    try:
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(connect(path)) as source, closing(connect(draft)) as target:
            source.backup(target)
        draft.replace(copy_path(path))
    finally:
        draft.unlink(missing_ok=True)


def put_back(path: Path) -> None:
    """Make the file what the copy is, page by page in one transaction."""
    with closing(connect(copy_path(path))) as source, closing(connect(path)) as target:
        source.backup(target)


def _probe(folder: Path) -> None:
    """Write for real: only that tells a full or read-only disk, a quota, a missing right."""
    probe = folder / f".probe.{os.getpid()}"
    try:
        with probe.open("wb") as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
