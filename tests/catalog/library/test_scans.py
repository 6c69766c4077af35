"""How SQLite finds places: along an index that has everything asked for, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from typing import cast, get_args

import pytest

from libs.common.clock import SystemClock
from libs.common.db import Database, Queries, Row, Value, open_database
from services.catalog.store.library.scans import Filters, OrderName, Place, Scan, ScanStore

FILTERS = (
    Filters(),
    Filters(category=3),
    Filters(year_from=1990, year_to=1990),
    Filters(year_from=1990),
    Filters(rating_from=80, genre=3),
    Filters(added_since=5, language=2),
)


class Explained:
    """A database that notes how it would answer, and answers nothing."""

    dialect = "sqlite"

    def __init__(self, database: Queries) -> None:
        self._db = database
        self.plans: list[str] = []

    async def fetch_all(self, sql: str, **params: Value) -> list[Row]:
        rows = await self._db.fetch_all(f"EXPLAIN QUERY PLAN {sql}", **params)
        self.plans.append("\n".join(row["detail"] for row in rows))
        return []


@pytest.fixture
async def explained(sqlite_url: str) -> AsyncIterator[Explained]:
    database = await open_database(sqlite_url, schema="catalog", clock=SystemClock())
    yield Explained(database)
    await database.aclose()


@pytest.mark.parametrize("order", get_args(OrderName))
async def test_a_walk_visits_no_rows_and_sorts_nothing(explained: Explained, order: OrderName) -> None:
    store = ScanStore(cast(Database, explained))
    for filters, descending, most_rows in product(FILTERS, (False, True), (None, 1000)):
        scan = Scan(provider=1, kind=2, order=order, descending=descending, filters=filters)
        place = Place(tuple("a" if column == "sort" else 3 for column in scan.columns), 5)
        await store.walk(scan, most_rows=most_rows)
        assert "TEMP B-TREE" not in explained.plans[-1], explained.plans[-1]
        await store.walk(replace(scan, after=place), most_rows=most_rows)
    assert len(explained.plans) == 48
    for plan in explained.plans:
        assert "USING COVERING INDEX library_items_" in plan, plan


async def test_what_is_gathered_is_what_one_filter_has(explained: Explained) -> None:
    store = ScanStore(cast(Database, explained))
    filters = Filters(category=3, year_from=1990, rating_from=80, added_since=5)
    indexes = {"category": "category", "year": "year", "rating": "rating", "added": "added"}
    for name in filters.names:
        await store.gather(Scan(provider=1, kind=2, order="title", filters=filters), name)
        assert f"INDEX library_items_{indexes[name]}" in explained.plans[-1], explained.plans[-1]
