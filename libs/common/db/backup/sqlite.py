"""Backup and restore of a hub that keeps a SQLite file per service."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from libs.common.db import sqlite_file
from libs.common.db.backup.archive import CHUNK_BYTES, OWNER_ONLY, Archive, Member, Writer
from libs.common.db.backup.key import Key, check_proof
from libs.common.db.history import History
from libs.common.errors import StartupRefused

BESIDE = ("", "-wal", "-shm")


def back_up(data_dir: Path, services: Sequence[str], writer: Writer, *, beside: Path) -> dict[str, str]:
    """Copies each file as it is at one moment, while a hub may write to it; the versions of what it found.

    The copies are made one after the other in the folder of `beside`, where there has to be room for one.
    """
    versions = {}
    for service in services:
        path, history = data_dir / f"{service}.db", History.of(service)
        if not path.exists():
            continue
        with sqlite_file.refusing(service, path), _draft(beside.with_name(f".{beside.name}.db")) as draft:
            with closing(sqlite_file.connect(path)) as source, closing(sqlite_file.connect(draft)) as target:
                source.backup(target)
            version = sqlite_file.version(draft, history.version_table)
            if version is None:
                continue
            versions[service] = version
            with writer.member(f"{service}.db") as sink, draft.open("rb") as file:
                while data := file.read(CHUNK_BYTES):
                    sink.write(data)
    return versions


def restore(archive: Archive, data_dir: Path, services: Sequence[str], key: Key) -> None:
    """Makes the data directory what the backup holds; what was there stays beside it.

    Nothing is touched before all that comes is on the disk, sound and opened by the key.
    """
    with ExitStack() as drafts:
        swaps = []
        for service in services:
            path = data_dir / f"{service}.db"
            member = archive.manifest.member(path.name)
            staged = None
            if member is not None:
                staged = drafts.enter_context(_draft(path.with_name(f".{path.name}.restoring")))
                with sqlite_file.refusing(service, staged):
                    _stage(archive, member, staged)
                    _check(service, staged, archive.manifest.versions, key)
            swaps.append((staged, path))
        if key.brought is not None:
            staged = drafts.enter_context(_draft(key.file.with_name(f".{key.file.name}.restoring")))
            staged.write_bytes(key.brought)
            swaps.append((staged, key.file))
        _swap(swaps)


def kept_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.before-restore")


def _stage(archive: Archive, member: Member, staged: Path) -> None:
    with staged.open("wb") as file:
        for data in archive.chunks(member):
            file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _check(service: str, staged: Path, versions: Mapping[str, str], key: Key) -> None:
    history = History.of(service)
    with closing(sqlite_file.connect(staged)) as connection:
        (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        found = sqlite_file.version(staged, history.version_table)
        if answer != "ok" or found != versions.get(service):
            raise StartupRefused(f"The {service} database in the backup is damaged: take another.")
        row = connection.execute("SELECT proof FROM sealed_with WHERE id = 'key'").fetchone()
    check_proof(None if row is None else row[0], key)


def _swap(swaps: Sequence[tuple[Path | None, Path]]) -> None:
    """Puts every file in its place, or none."""
    with ExitStack() as undo:
        for staged, path in swaps:
            if path.suffix == ".db":
                _settle(path)
            kept = kept_path(path)
            for end in BESIDE:
                former, aside = Path(f"{path}{end}"), Path(f"{kept}{end}")
                aside.unlink(missing_ok=True)
                if former.exists():
                    former.replace(aside)
                    undo.callback(aside.replace, former)
            if staged is not None:
                staged.replace(path)
                undo.callback(path.unlink)
        undo.pop_all()


def _settle(path: Path) -> None:
    """Brings what only its log has into the file. A damaged one is kept as it is, log and all."""
    if path.exists():
        with suppress(sqlite3.Error), closing(sqlite_file.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """An empty file for this user alone that is gone afterwards, if it wasn't moved to its place."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_ONLY))
    try:
        yield path
    finally:
        for end in BESIDE:
            Path(f"{path}{end}").unlink(missing_ok=True)
