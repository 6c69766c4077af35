"""Pages of libraries of up to a million films: every order, filters that exclude much, deep places."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import get_args

import msgspec

from benchmarks.figures import Figure
from benchmarks.library.shelf import (
    CATEGORIES,
    GENRES,
    LANGUAGES,
    NEWEST,
    OWNER,
    SEED,
    Engine,
    Shelf,
    Took,
    made,
    opened,
    slowest,
    timed,
    writing,
)
from libs.common.clock import SystemClock
from libs.common.contracts.library import ItemQuery
from libs.common.serve import run_loop
from services.catalog.library.browse import Browse
from services.catalog.library.cursor import cursor_of, question_of
from services.catalog.library.reading import reading_of
from services.catalog.library_model import public_id
from services.catalog.store.library.scans import Place

SIZES = (10_000, 50_000, 150_000, 1_000_000)
SMALL = 150_000
PAGES = 40
DEEP = 0.7
"""Of the pages, those that begin at a random place and not at the beginning."""
COLUMNS = {"title": ("sort",), "added": ("added",), "rating": ("rating",), "year": ("year", "sort")}


def measure() -> list[Figure]:
    largest = int(os.environ.get("BENCH_LIBRARY", SIZES[-1]))
    sizes = [size for size in SIZES if size <= largest]
    return [figure for engine in get_args(Engine) for figure in run_loop(_of(engine, sizes))]


async def _of(engine: Engine, sizes: Sequence[int]) -> list[Figure]:
    figures: list[Figure] = []
    async with opened(engine) as database:
        shelf, browse = made(database, sizes[-1]), reading_of(database, SystemClock()).browse
        for size in sizes:
            await shelf.grow(size)
            figures += await _pages(f"{engine}, {size:,} films", size, shelf, browse)
            if size == SMALL:
                async with writing(shelf):
                    where = f"{engine}, {size:,} films, while it is written"
                    figures += await _pages(where, size, shelf, browse)
    return figures


async def _pages(where: str, size: int, shelf: Shelf, browse: Browse) -> list[Figure]:
    times: dict[str, list[Took]] = {}
    random = Random(SEED)
    for name, make in _questions(random, shelf).items():
        took = times[name] = []
        for _ in range(PAGES):
            query = make()
            if random.random() < DEEP:
                query = await _deep(shelf, query, random.randrange(size) + 1)
            took.append(await timed(browse.page(OWNER, "movies", query)))
    return [slowest("library list", where, times, bar_ms=10 if size <= SMALL else 30)]


def _questions(random: Random, shelf: Shelf) -> Mapping[str, Callable[[], ItemQuery]]:
    def category() -> str:
        return public_id(shelf.categories[int(CATEGORIES * random.random() ** 2)])

    def genre() -> str:
        return f"Genre {random.randrange(GENRES)}"

    def language() -> str:
        return f"Language {random.randrange(LANGUAGES)}"

    def year() -> int:
        return 1952 + random.randrange(75)

    new = datetime.fromtimestamp(NEWEST - 10**6, UTC)
    return {
        "by title": ItemQuery,
        "newest": lambda: ItemQuery(sort="-added"),
        "best": lambda: ItemQuery(sort="-rating"),
        "latest year": lambda: ItemQuery(sort="-year"),
        "category": lambda: ItemQuery(category=category()),
        "newest of a category": lambda: ItemQuery(category=category(), sort="-added"),
        "best of a category": lambda: ItemQuery(category=category(), sort="-rating"),
        "a year": lambda: ItemQuery(year=year()),
        "genre": lambda: ItemQuery(genre=genre()),
        "newest good ones of a genre": lambda: ItemQuery(genre=genre(), rating_from=8, sort="-added"),
        "genre, year and rating": lambda: ItemQuery(genre=genre(), year=year(), rating_from=8),
        "best ones in a language": lambda: ItemQuery(language=language(), rating_from=9.5),
        "new ones": lambda: ItemQuery(added_since=new),
        "best new ones of genre and language": lambda: ItemQuery(
            genre=genre(), language=language(), added_since=new, sort="-rating"
        ),
    }


async def _deep(shelf: Shelf, query: ItemQuery, item: int) -> ItemQuery:
    """The same from where that item is."""
    row = await shelf.database.fetch_one(
        "SELECT id, sort, added, rating, year FROM library_items WHERE id = :id", id=item
    )
    columns = COLUMNS[query.sort.lstrip("-")]
    if row is None or any(row[column] is None for column in columns):
        return query
    question = question_of("movies", True, msgspec.structs.replace(query, limit=1))
    place = Place(tuple(row[column] for column in columns), row["id"])
    return msgspec.structs.replace(query, cursor=cursor_of(question, place, known=True))
