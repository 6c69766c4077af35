"""Empty tables of a service, migrated once per run: a migration takes longer than most tests."""

from __future__ import annotations

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from libs.common.db.history import services_with_histories
from libs.common.db.migrate import upgrade


def put_tables(service: str, path: Path) -> None:
    """Makes `path` a SQLite file as the service has it after its first start."""
    path.touch(mode=0o600)
    path.write_bytes(_migrated(service))


def put_all_tables(data_dir: Path) -> None:
    """Makes `data_dir` that of a hub after its first start; what is there already stays as it is."""
    for service in services_with_histories():
        path = data_dir / f"{service}.db"
        if not path.exists():
            put_tables(service, path)


@cache
def _migrated(service: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as thread:
        path = Path(folder) / "empty.db"
        # In a thread, since a loop may be running in this one.
        thread.submit(asyncio.run, upgrade(f"sqlite:///{path}", service=service)).result()
        return path.read_bytes()
