"""The floor: each list read whole and parsed at once, and its rows inserted into a plain table.

`python -m benchmarks.library.floor FOLDER URL`: seconds by the clock and by its processor on standard output.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import asyncpg
import orjson

from tests.fakes.panel.rows import KINDS

COLUMNS: Final = (
    "kind TEXT, panel_id BIGINT, name TEXT, icon TEXT, category TEXT, added TEXT, rating TEXT,"
    " extension TEXT, plot TEXT"
)
Rows = list[tuple[Any, ...]]


def lists(folder: Path) -> Iterator[Rows]:
    for kind in KINDS:
        is_series = kind == "series"
        id_, icon, added = (
            ("series_id", "cover", "last_modified") if is_series else ("stream_id", "stream_icon", "added")
        )
        entries = orjson.loads((folder / f"{kind}.json").read_bytes())
        yield [
            (
                kind,
                one[id_],
                one["name"],
                one.get(icon),
                one.get("category_id"),
                one.get(added),
                None if one.get("rating") is None else str(one["rating"]),
                one.get("container_extension"),
                one.get("plot"),
            )
            for one in entries
        ]


def on_sqlite(folder: Path, path: str) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute(f"CREATE TABLE bare ({COLUMNS})")
    for rows in lists(folder):
        db.execute("BEGIN")
        db.executemany("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        db.execute("COMMIT")
    db.close()


async def on_postgres(folder: Path, url: str) -> None:
    db = await asyncpg.connect(url)
    await db.execute(f"CREATE TABLE bare ({COLUMNS})")
    for rows in lists(folder):
        await db.copy_records_to_table("bare", records=rows)
    await db.close()


def main(folder: Path, url: str) -> None:
    began, began_cpu = time.perf_counter(), time.process_time()
    if url.startswith("postgresql:"):
        asyncio.run(on_postgres(folder, url))
    else:
        on_sqlite(folder, url)
    print(time.perf_counter() - began, time.process_time() - began_cpu)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
