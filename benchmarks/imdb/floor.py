"""The floor: the files read, and the rows an import keeps inserted into plain tables with the same keys.

`python -m benchmarks.imdb.floor FOLDER URL`: seconds by the clock and by its processor on standard output.
One plain loop without a check or a second table; which episodes are rated, it is given for nothing.
"""

from __future__ import annotations

import asyncio
import gzip
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import asyncpg

from libs.protocols.imdb.rows import DATA_SETS, SetName

BATCH = 10_000
COLUMNS: Mapping[SetName, str] = MappingProxyType(
    {
        "ratings": "id INTEGER PRIMARY KEY, tenths INTEGER, votes INTEGER",
        "episodes": "series INTEGER, season INTEGER, episode INTEGER, id INTEGER,"
        " PRIMARY KEY (series, season, episode, id)",
        "titles": "id INTEGER PRIMARY KEY, type TEXT, name TEXT, original_name TEXT, year INTEGER,"
        " end_year INTEGER, runtime_min INTEGER, genres TEXT, adult BOOLEAN",
    }
)
Rows = list[tuple[Any, ...]]


def batches(folder: Path, name: SetName, rated: set[int]) -> Iterator[Rows]:
    batch: Rows = []
    with gzip.open(folder / DATA_SETS[name].file, "rt", encoding="utf-8", newline="\n") as lines:
        next(lines)
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if name == "ratings":
                batch.append((int(fields[0][2:]), round(float(fields[1]) * 10), int(fields[2])))
            elif name == "episodes":
                own, series, season, episode = fields
                if int(own[2:]) not in rated:
                    continue
                batch.append((int(series[2:]), int(season), int(episode), int(own[2:])))
            else:
                batch.append(_title(fields))
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _title(fields: Sequence[str]) -> tuple[Any, ...]:
    title, kind, name, original, adult, year, end, runtime, genres = fields
    numbers = [None if text == "\\N" else int(text) for text in (year, end, runtime)]
    return (int(title[2:]), kind, name, original, *numbers, genres, adult == "1")


def on_sqlite(folder: Path, path: str, rated: set[int]) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    for name, columns in COLUMNS.items():
        # As the hub's: a key of several columns is the table itself.
        db.execute(f"CREATE TABLE bare_{name} ({columns}){' WITHOUT ROWID' if name == 'episodes' else ''}")
        for rows in batches(folder, name, rated):
            db.execute("BEGIN")
            db.executemany(f"INSERT INTO bare_{name} VALUES ({','.join('?' * len(rows[0]))})", rows)
            db.execute("COMMIT")
    db.close()


async def on_postgres(folder: Path, url: str, rated: set[int]) -> None:
    db = await asyncpg.connect(url)
    for name, columns in COLUMNS.items():
        await db.execute(f"CREATE TABLE bare_{name} ({columns})")
        for rows in batches(folder, name, rated):
            await db.copy_records_to_table(f"bare_{name}", records=rows)
    await db.close()


def main(folder: Path, url: str) -> None:
    rated = {row[0] for rows in batches(folder, "ratings", set()) for row in rows}
    began, began_cpu = time.perf_counter(), time.process_time()
    if url.startswith("postgresql:"):
        asyncio.run(on_postgres(folder, url, rated))
    else:
        on_sqlite(folder, url, rated)
    print(time.perf_counter() - began, time.process_time() - began_cpu)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
