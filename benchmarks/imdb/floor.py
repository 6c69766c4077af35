"""The floor: the files read, and their bare rows bulk-inserted into the same engine, in one plain loop.

`python -m benchmarks.imdb.floor FOLDER URL WANTED`: seconds on standard output. With WANTED `all` every row
is inserted, with `kept` only those that an import keeps, whose ids it is given for nothing.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from libs.protocols.imdb.rows import DATA_SETS, SetName

BATCH = 10_000
COLUMNS = {"ratings": ("INTEGER",) * 3, "episodes": ("INTEGER",) * 4}
TITLE_COLUMNS = ("INTEGER", "TEXT", "TEXT", "TEXT", "INTEGER", "INTEGER", "INTEGER", "TEXT", "BOOLEAN")
Rows = list[tuple[Any, ...]]


def batches(folder: Path, name: SetName, rated: set[int] | None) -> Iterator[Rows]:
    batch: Rows = []
    with gzip.open(folder / DATA_SETS[name].file, "rt", encoding="utf-8", newline="\n") as lines:
        next(lines)
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if name == "ratings":
                batch.append((int(fields[0][2:]), round(float(fields[1]) * 10), int(fields[2])))
            elif name == "episodes":
                own, series, season, episode = fields
                if rated is not None and int(own[2:]) not in rated:
                    continue
                batch.append((int(series[2:]), int(season), int(episode), int(own[2:])))
            else:
                batch.append(_title(fields))
            if len(batch) == BATCH:
                yield batch
                batch = []
    yield batch


def _title(fields: Sequence[str]) -> tuple[Any, ...]:
    title, kind, name, original, adult, year, end, runtime, genres = fields
    numbers = [None if text == "\\N" else int(text) for text in (year, end, runtime)]
    return (int(title[2:]), kind, name, original, *numbers, genres, adult == "1")


def _create(name: str) -> str:
    types = COLUMNS.get(name, TITLE_COLUMNS)
    return f"CREATE TABLE bare_{name} ({', '.join(f'c{n} {kind}' for n, kind in enumerate(types))})"


def on_sqlite(folder: Path, path: str, rated: set[int] | None) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    for name in ("ratings", "episodes", "titles"):
        db.execute(_create(name))
        places = ",".join("?" * len(COLUMNS.get(name, TITLE_COLUMNS)))
        for rows in batches(folder, name, rated):
            db.execute("BEGIN")
            db.executemany(f"INSERT INTO bare_{name} VALUES ({places})", rows)
            db.execute("COMMIT")
    db.close()


async def on_postgres(folder: Path, url: str, rated: set[int] | None) -> None:
    db = await asyncpg.connect(url)
    for name in ("ratings", "episodes", "titles"):
        await db.execute(_create(name))
        for rows in batches(folder, name, rated):
            await db.copy_records_to_table(f"bare_{name}", records=rows)
    await db.close()


def main(folder: Path, url: str, wanted: str) -> None:
    rated = None
    if wanted == "kept":
        rated = {row[0] for rows in batches(folder, "ratings", None) for row in rows}
    began = time.perf_counter()
    if url.startswith("postgresql:"):
        asyncio.run(on_postgres(folder, url, rated))
    else:
        on_sqlite(folder, url, rated)
    print(json.dumps(time.perf_counter() - began))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
