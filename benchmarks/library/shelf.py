"""A library in a database of its own, filled through the stores that a run writes with."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

from benchmarks.figures import Figure
from benchmarks.library.titles import names
from libs.common.clock import SystemClock
from libs.common.db import Database, open_database
from libs.common.db.migrate import upgrade
from libs.titles.folding import fold
from services.catalog.library.indexing import Indexing
from services.catalog.model import Owner
from services.catalog.store.library.categories import CategoryStore
from services.catalog.store.library.counts import Counted, Counts, CountStore
from services.catalog.store.library.indexes import IndexStore
from services.catalog.store.library.items import COLUMNS, ItemStore, Record
from services.catalog.store.library.numbers import take_numbers
from services.catalog.store.library.words import WordStore
from tests.servers import postgres_server

Engine = Literal["SQLite", "PostgreSQL"]

OWNER = Owner("account", "profile")
MOVIES = 2
SEED = 1
BATCH = 5000
CATEGORIES = 400
GENRES = 20
LANGUAGES = 12
NEWEST = 1_790_000_000
OLDEST_S = 10**8


@asynccontextmanager
async def opened(engine: Engine) -> AsyncIterator[Database]:
    """Empty tables."""
    with tempfile.TemporaryDirectory() as folder:
        if engine == "SQLite":
            async with _opened(f"sqlite:///{Path(folder) / 'catalog.db'}") as database:
                yield database
            return
        with postgres_server() as server:
            async with _opened(server.new_database()) as database:
                yield database


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    await upgrade(url, service="catalog")
    database = await open_database(url, schema="catalog", clock=SystemClock())
    try:
        yield database
    finally:
        await database.aclose()


@dataclass
class Shelf:
    """One provider's films. It grows: what was measured at one size is measured again at the next."""

    database: Database
    titles: list[str]
    provider: int = 0
    rows: int = 0
    categories: list[int] = field(default_factory=list)
    _random: Random = field(default_factory=lambda: Random(SEED))

    async def grow(self, rows: int) -> None:
        """To so many of its titles."""
        began = time.perf_counter()
        if not self.provider:
            await self._begin()
        indexes = IndexStore(self.database)
        await indexes.drop()
        words = Counter[str]()
        while self.rows < rows:
            words.update(await self.add(min(BATCH, rows - self.rows)))
        await WordStore(self.database).add(words)
        await indexes.make()
        await indexes.analyze()
        if self.database.dialect == "postgresql":
            await self.database.execute("VACUUM (ANALYZE) library_items")
        took_s = time.perf_counter() - began
        print(
            f"{self.database.dialect}: {self.rows:,} rows after {took_s:.0f} s", file=sys.stderr, flush=True
        )

    async def add(self, count: int) -> Counter[str]:
        """The next titles, and the words of them, which are not yet counted."""
        items, counts, words = ItemStore(self.database), Counts(), Counter[str]()
        titles = [self.titles[(self.rows + each) % len(self.titles)] for each in range(count)]
        ids = await take_numbers(self.database, "item", count)

        def drawn() -> list[Record]:
            records = list(self._records(ids, titles, counts))
            words.update(" ".join(str(record[_WORDS]) for record in records).split())
            return records

        # Beside the loop, as a run reads its lines.
        records = await asyncio.to_thread(drawn)
        async with self.database.transaction() as tx:
            await items.add(tx, records)
            await CountStore(self.database).add(tx, self.provider, MOVIES, counts)
            await tx.execute("UPDATE library_providers SET revision = revision + 1")
        self.rows += count
        return words

    async def _begin(self) -> None:
        row = await self.database.fetch_one(
            "INSERT INTO library_providers"
            " (id, account_id, profile_id, kind, sealed, address_hash, created_at)"
            " VALUES ('one', :account, :profile, 'xtream', :sealed, 'one', 1) RETURNING number",
            account=OWNER.account_id,
            profile=OWNER.profile_id,
            sealed=b"",
        )
        assert row is not None
        self.provider = row["number"]
        store = CategoryStore(self.database)
        async with self.database.transaction() as tx:
            named = [(str(each), f"Category {each}", each) for each in range(CATEGORIES)]
            await store.add(tx, self.provider, MOVIES, named)
        self.categories = [each.id for each in (await store.of(self.provider, MOVIES)).values()]
        counts = CountStore(self.database)
        await counts.terms("genre", [f"Genre {each}" for each in range(GENRES)])
        await counts.terms("language", [f"Language {each}" for each in range(LANGUAGES)])

    def _records(self, ids: Sequence[int], titles: Sequence[str], counts: Counts) -> Iterator[Record]:
        random = self._random
        counted = []
        for id_, title in zip(ids, titles, strict=True):
            sort = fold(title)
            year = 2026 - min(random.randrange(75), random.randrange(75)) if random.random() < 0.95 else None
            rating = random.randrange(100) if random.random() < 0.8 else None
            category = self.categories[int(CATEGORIES * random.random() ** 2)]
            language = random.randrange(LANGUAGES) + 1
            genres = 1 << random.randrange(GENRES) | 1 << random.randrange(GENRES)
            counted.append(Counted(year, rating, category, language, genres))
            values = {
                "id": id_,
                "provider": self.provider,
                "kind": MOVIES,
                "panel_id": id_ * 3,
                "hash": random.getrandbits(60),
                "name": title,
                "title": title,
                "sort": sort,
                "year": year,
                "rating": rating,
                "added": NEWEST - random.randrange(OLDEST_S),
                "category": category,
                "language": language,
                "genres": genres,
                "guide_id": "",
                "icon": f"http://pictures.example/images/{random.getrandbits(128):032x}.jpg",
                "extension": "mkv",
                "words": " ".join(dict.fromkeys(sort.split())),
                "more": "",
            }
            yield tuple(values.get(name) for name in COLUMNS)
        counts.add(counted, 1)


_WORDS = COLUMNS.index("words")


def made(database: Database, rows: int) -> Shelf:
    return Shelf(database, names(rows, seed=SEED))


@asynccontextmanager
async def writing(shelf: Shelf) -> AsyncIterator[None]:
    """A run that writes batches all the while, with the pauses that reading its lines takes."""

    async def write() -> None:
        while True:
            began = time.perf_counter()
            await WordStore(shelf.database).add(await shelf.add(2000))
            await indexing.added(shelf.provider, 2000)
            await asyncio.sleep((time.perf_counter() - began) / 2)

    indexing = Indexing(IndexStore(shelf.database), SystemClock())
    task = asyncio.get_running_loop().create_task(write())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await indexing.settle(shelf.provider)


class Took(NamedTuple):
    """One question, by the clock and by this process's time on the processors, which SQLite works in, too."""

    s: float
    processor_s: float


async def timed(question: Awaitable[object]) -> Took:
    began, before = time.perf_counter(), time.process_time()
    await question
    return Took(time.perf_counter() - began, time.process_time() - before)


def slowest(what: str, where: str, times: Mapping[str, Sequence[Took]], *, bar_ms: float) -> Figure:
    """Of the sort of question whose p95 is the longest."""
    p95_ms = {name: _percentile_ms([each.s for each in took], 0.95) for name, took in times.items()}
    own_ms = max(_percentile_ms([each.processor_s for each in took], 0.95) for took in times.values())
    worst = max(p95_ms, key=p95_ms.__getitem__)
    rest = ", ".join(f"{name} {value:.1f}" for name, value in p95_ms.items() if name != worst)
    median_ms = _percentile_ms([each.s for took in times.values() for each in took], 0.5)
    note = (
        f"{worst}, and p50 of all {median_ms:.1f} ms; p95 of {rest};"
        f" by the hub's own time on the processor {own_ms:.1f} ms at most"
    )
    return Figure(f"{what}, p95 of the slowest sort, {where}", p95_ms[worst], "ms", "at most", bar_ms, note)


def _percentile_ms(took_s: Sequence[float], share: float) -> float:
    return sorted(took_s)[int(len(took_s) * share)] * 1000
