"""Imports staged beside what is there, and put in its place in one step, on both engines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from libs.common.contracts.imdb import SetName
from libs.common.db import Database, UniqueViolation, Value
from services.catalog.store import imdb
from services.catalog.store.imdb import TABLES, Difference, ImdbStore, StagingLost
from services.catalog.store.ratings import Anime, Rated, RatingStore

Rows = Sequence[tuple[Value, ...]]
ROWS: dict[SetName, Rows] = {
    "ratings": [(1, 50, 10), (2, 60, 20), (3, 70, 30)],
    "episodes": [(7, 1, 1, 1), (7, 1, 2, 2), (7, 2, 1, 3)],
    "titles": [
        (1, "movie", "A", "B", 1927, None, 94, "Drama", False),
        (2, "movie", "C", "", None, None, None, "", True),
        (3, "tvSeries", "D", "", 2001, 2003, None, "", False),
    ],
    "akas": [(1, 1, "A", "DE", "de"), (1, 2, "B", "", ""), (2, 1, "C", "", "")],
    "anime_ids": [(1, "kitsu", 7, 1, 0), (1, "mal", 7, None, 0), (2, "kitsu", 7, 2, 12)],
}

ASKED = {"titles": "[1]", "places": "[[1,1,1]]", "anime": '[[1,"kitsu",1]]'}


@pytest.fixture
def sets(database: Database) -> ImdbStore:
    return ImdbStore(database)


async def put(sets: ImdbStore, name: SetName, rows: Rows, *, etag: str = "e") -> tuple[Difference, int]:
    """A whole import; what it found and how many rows it wrote."""
    await sets.begin(name, "run")
    await sets.stage(name, "run", rows)
    found = await sets.difference(name, "run")
    return found, await sets.swap(name, "run", found, etag=etag, at=5)


async def stored(database: Database, name: SetName) -> list[tuple[Value, ...]]:
    table = TABLES[name]
    rows = await database.fetch_all(f"SELECT * FROM {table.name} ORDER BY {', '.join(table.key)}")
    return [tuple(row[column] for column in table.columns) for row in rows]


@pytest.mark.parametrize("name", list(TABLES))
async def test_what_was_staged_is_what_is_kept(sets: ImdbStore, database: Database, name: SetName) -> None:
    found, written = await put(sets, name, ROWS[name])
    assert (found.added, found.removed, written) == (3, 0, 3)
    assert await stored(database, name) == list(ROWS[name])
    assert (await sets.kept())[name] == imdb.Kept(name=name, etag="e", rows=3, imported_at=5)
    left = await database.fetch_one(f"SELECT count(*) AS n FROM {TABLES[name].staged}")
    assert left is not None
    assert left["n"] == 0


@pytest.mark.parametrize("name", list(TABLES))
@pytest.mark.parametrize("step", [1, 2, 100])
async def test_the_same_again_writes_nothing(
    sets: ImdbStore, name: SetName, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imdb, "STEP_ROWS", step)
    await put(sets, name, ROWS[name])
    found, written = await put(sets, name, ROWS[name])
    assert (found.added, found.removed, found.common, written) == (0, 0, 3, 0)


@pytest.mark.parametrize("step", [1, 2, 100])
async def test_only_what_differs_is_written(
    sets: ImdbStore, database: Database, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imdb, "STEP_ROWS", step)
    await put(sets, "ratings", ROWS["ratings"])
    rows = [(1, 50, 10), (2, 61, 20), (4, 80, 40), (9, 10, 1)]
    found, written = await put(sets, "ratings", rows)
    assert (found.added, found.removed, found.common, written) == (2, 1, 3 - 1, 3)
    assert await stored(database, "ratings") == rows


async def test_an_unknown_year_is_no_change_and_a_known_one_is(sets: ImdbStore) -> None:
    await put(sets, "titles", ROWS["titles"])
    _, written = await put(
        sets, "titles", [*ROWS["titles"][:2], (*ROWS["titles"][2][:5], None, *ROWS["titles"][2][6:])]
    )
    assert written == 1


async def test_readers_see_the_old_rows_until_the_swap(sets: ImdbStore, database: Database) -> None:
    ratings = RatingStore(database)
    await put(sets, "ratings", ROWS["ratings"])
    await sets.begin("ratings", "run")
    await sets.stage("ratings", "run", [(1, 99, 99)])
    assert await ratings.find([1], []) == [Rated(1, 1, 50, 10)]


async def test_a_later_run_ends_an_earlier_ones_staging(sets: ImdbStore) -> None:
    await sets.begin("ratings", "first")
    await sets.stage("ratings", "first", ROWS["ratings"])
    await sets.begin("ratings", "second")
    with pytest.raises(StagingLost):
        await sets.stage("ratings", "first", [(9, 50, 10)])
    with pytest.raises(StagingLost):
        await sets.difference("ratings", "first")
    await sets.stage("ratings", "second", ROWS["ratings"][:1])
    found = await sets.difference("ratings", "second")
    with pytest.raises(StagingLost):
        await sets.swap("ratings", "first", found, etag="", at=1)
    assert found.staged == 1


async def test_two_that_stage_at_once_never_mix(sets: ImdbStore, database: Database) -> None:
    async def staging(run: str, first: int) -> bool:
        try:
            await sets.begin("ratings", run)
            for number in range(first, first + 50):
                await sets.stage("ratings", run, [(number, 50, 10)])
        except StagingLost:
            return False
        return True

    outcomes = await asyncio.gather(staging("a", 100), staging("b", 200))
    assert sorted(outcomes) == [False, True]
    found = await sets.difference("ratings", "ab"[outcomes.index(True)])
    assert found.staged == 50


async def test_staged_rows_that_were_lost_are_noticed(sets: ImdbStore, database: Database) -> None:
    """As a crash of PostgreSQL empties what it keeps no log of."""
    await sets.begin("ratings", "run")
    await sets.stage("ratings", "run", ROWS["ratings"])
    await database.execute("DELETE FROM imdb_ratings_staged WHERE id = 2")
    with pytest.raises(StagingLost):
        await sets.difference("ratings", "run")


async def test_a_row_staged_twice_is_refused(sets: ImdbStore) -> None:
    await sets.begin("ratings", "run")
    await sets.stage("ratings", "run", ROWS["ratings"])
    with pytest.raises(UniqueViolation):
        await sets.stage("ratings", "run", ROWS["ratings"][:1])


async def test_new_ratings_mean_that_episodes_are_read_again(sets: ImdbStore) -> None:
    await put(sets, "episodes", ROWS["episodes"])
    await put(sets, "titles", ROWS["titles"])
    await put(sets, "akas", ROWS["akas"])
    await put(sets, "ratings", ROWS["ratings"])
    kept = await sets.kept()
    assert [kept[name].etag for name in TABLES] == ["e", "", "e", "e", ""]
    await put(sets, "episodes", ROWS["episodes"])
    await put(sets, "ratings", ROWS["ratings"])
    assert (await sets.kept())["episodes"].etag == "e"  # the same titles are rated


async def test_ids_come_page_by_page(sets: ImdbStore) -> None:
    await put(sets, "ratings", ROWS["ratings"])
    assert await sets.ids("ratings", after=-1, limit=2) == [1, 2]
    assert await sets.ids("ratings", after=2, limit=2) == [3]


async def test_titles_and_places_are_found_in_one_question(sets: ImdbStore, database: Database) -> None:
    await put(sets, "ratings", ROWS["ratings"])
    await put(sets, "episodes", [*ROWS["episodes"], (7, 1, 1, 3)])
    ratings = RatingStore(database)
    found = await ratings.find([2, 5], [(7, 1, 1), (7, 9, 9)])
    assert found[0] == Rated(2, 2, 60, 20)
    assert sorted(found[1:], key=lambda rated: rated.id) == [
        Rated((7, 1, 1), 1, 50, 10),
        Rated((7, 1, 1), 3, 70, 30),
    ]
    assert await ratings.find([], []) == []


async def test_anime_are_asked_for_with_all_else(sets: ImdbStore, database: Database) -> None:
    for name in ("ratings", "episodes", "anime_ids"):
        await put(sets, name, ROWS[name])
    await put(sets, "ratings", [*ROWS["ratings"], (7, 80, 40)])
    asked = [Anime(1, "kitsu", 0), Anime(1, "kitsu", 2), Anime(1, "mal", 0), Anime(1, "mal", 1)]
    asked += [Anime(2, "kitsu", 1), Anime(2, "mal", 0), Anime(9, "kitsu", 0)]
    found = await RatingStore(database).find([3], [(7, 2, 1)], asked)
    assert sorted(found, key=lambda rated: str(rated.asked)) == [
        Rated((7, 2, 1), 3, 70, 30),
        Rated(3, 3, 70, 30),
        Rated(Anime(1, "kitsu", 0), 7, 80, 40),
        Rated(Anime(1, "kitsu", 2), 2, 60, 20),
        Rated(Anime(1, "mal", 0), 7, 80, 40),
    ]


async def test_a_question_never_walks_through_a_whole_table(sets: ImdbStore, database: Database) -> None:
    many = [(number, 50, 10) for number in range(200_000)]  # of fewer, PostgreSQL rightly reads all
    await put(sets, "ratings", many)
    await put(sets, "episodes", [(number // 20, 1, number % 20, number) for number in range(20_000)])
    await put(sets, "anime_ids", [(number, "kitsu", number, 1, 0) for number in range(40_000)])
    if database.dialect == "sqlite":
        explain = "EXPLAIN QUERY PLAN "
    else:
        explain = "EXPLAIN "
        await database.execute("ANALYZE imdb_ratings")
        await database.execute("ANALYZE imdb_episodes")
    plan = await database.fetch_all(explain + RatingStore(database)._find, **ASKED)
    text = "\n".join(str(tuple(row)) for row in plan)
    assert "SCAN a" not in text, text
    assert "SCAN r" not in text, text
    assert "SCAN e" not in text, text
    assert "Seq Scan on imdb" not in text, text
    assert "Seq Scan on anime" not in text, text
