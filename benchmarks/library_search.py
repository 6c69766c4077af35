"""Search over libraries of up to a million films: how long it takes, and what it finds."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import get_args

from benchmarks.figures import Figure
from benchmarks.library.golden import Query, golden
from benchmarks.library.shelf import OWNER, SEED, Engine, Took, made, opened, slowest, timed, writing
from benchmarks.library.titles import real_names
from libs.common.clock import SystemClock
from libs.common.serve import run_loop
from libs.titles.folding import fold
from services.catalog.library.find import Find
from services.catalog.library.reading import reading_of

SIZES = (10_000, 50_000, 150_000, 1_000_000)
SMALL = 150_000
EACH = 200
TYPING = ("t", "th", "the", "the s", "s", "st", "ste", "a", "of the", "the of t", "man", "la", "de la")
RECALL = {"exact": (1, 0.97), "one typo": (10, 0.95), "missing word": (10, 0.9), "no accents": (10, 0.9)}


def measure() -> list[Figure]:
    largest = int(os.environ.get("BENCH_LIBRARY", SIZES[-1]))
    sizes = [size for size in SIZES if size <= largest]
    return [figure for engine in get_args(Engine) for figure in run_loop(_of(engine, sizes))]


async def _of(engine: Engine, sizes: Sequence[int]) -> list[Figure]:
    figures: list[Figure] = []
    real = real_names(seed=SEED)
    async with opened(engine) as database:
        shelf, find = made(database, sizes[-1]), reading_of(database, SystemClock()).find
        for size in sizes:
            await shelf.grow(size)
            sets = golden(real[:size], EACH, seed=SEED)
            queries = {**sets, "while typing": [Query(text, "") for text in TYPING for _ in range(8)]}
            if size == sizes[0]:
                figures += await _quality(engine, find, sets)
            figures += await _speed(f"{engine}, {size:,} films", size, find, queries)
            if size == SMALL:
                async with writing(shelf):
                    figures += await _speed(
                        f"{engine}, {size:,} films, while it is written", size, find, queries
                    )
    return figures


async def _quality(engine: Engine, find: Find, sets: Mapping[str, Sequence[Query]]) -> list[Figure]:
    figures = []
    for name, (within, least) in RECALL.items():
        found = 0
        for query in sets[name]:
            items = await find.items(OWNER, query.text, ["movies"], within)
            found += query.wanted in [fold(item.title) for item in items]
        note = f"{len(sets[name])} titles that the query fits alone"
        figures.append(
            Figure(
                f"library search, {name}, recall@{within}, {engine}",
                found / len(sets[name]),
                "",
                "at least",
                least,
                note,
            )
        )
    return figures


async def _speed(where: str, size: int, find: Find, queries: Mapping[str, Sequence[Query]]) -> list[Figure]:
    times: dict[str, list[Took]] = {}
    for name, asked in queries.items():
        times[name] = [await timed(find.items(OWNER, query.text, ["movies"], 20)) for query in asked]
    return [slowest("library search", where, times, bar_ms=10 if size <= SMALL else 30)]
