"""What runs hand over, on both engines: only what differs is written."""

from __future__ import annotations

import random

import pytest

from libs.common.contracts.handover import RunFinished
from libs.common.db import Database
from libs.common.tasks import Tasks
from services.catalog.library.lines import item_context
from services.catalog.store.library.indexes import IndexStore
from tests.catalog.library.runs import BOX, P, Runs, item
from tests.fakes.clock import ManualClock


async def test_what_is_handed_over_stands_there(runs: Runs) -> None:
    told = {
        "name": "FR - The Lord (2001)",
        "year": 2001,
        "rating": 88,
        "added": 1_700_000_000,
        "categories": ("12", "13", "12"),
        "language": "French",
        "genres": ("Drama", "Action"),
        "tmdb": 120,
        "imdb": 120737,
        "icon": "http://pictures.example/1.jpg",
        "extension": "mkv",
        "more": '{"plot":"Long."}',
        "url": "http://panel.example/movie/user/pass/1.mkv",
    }
    await runs.taking.begin(P, "a")
    await runs.categories("movies", "a", "12", "13")
    counts = await runs.rows("movies", "a", [item(1, "The Lord", **told), item(2)])
    assert (counts.added, counts.changed, counts.unchanged) == (2, 0, 0)
    names = ("panel_id", "name", "title", "sort", "year", "rating", "added", "tmdb", "imdb", "icon", "more")
    stored = dict(zip(names, (await runs.stored(*names))[0], strict=True))
    assert stored == {
        "panel_id": 1,
        "title": "The Lord",
        "sort": "the lord",
        **{name: told[name] for name in names if name in told},
    }
    [(sealed,)] = await runs.database.fetch_all(
        "SELECT sealed_url FROM library_items WHERE sealed_url IS NOT NULL"
    )
    assert BOX.open(sealed, context=item_context(runs.number, 2, 1)).decode() == told["url"]
    categories = await runs.stored("panel_id", "name", "items", "others", table="library_categories")
    assert categories == [("12", "12", 1, 0), ("13", "13", 0, 1)]
    await runs.is_sound()
    await runs.finish("a")


async def test_what_is_read_anew_but_says_the_same_is_no_change(runs: Runs) -> None:
    await runs.run("movies", [item(1, url="http://panel.example/1")], run="a")
    again = item(1, url="http://panel.example/1", hash=99)
    counts, _ = await runs.run("movies", [again], run="b")
    assert (counts.changed, counts.unchanged) == (0, 1)
    assert await runs.held("movies") == {99}
    counts, _ = await runs.run("movies", [item(1, url="http://panel.example/2")], run="c")
    assert counts.changed == 1


async def test_a_run_that_sends_everything_again_writes_and_counts_nothing_twice(runs: Runs) -> None:
    rows = [item(1, "Stalker", categories=("", "1"), genres=("",)), item(2, "Solaris")]
    await runs.run("movies", rows, run="a")
    await runs.taking.begin(P, "b")
    counts = await runs.rows("movies", "b", rows)
    assert (counts.added, counts.changed, counts.unchanged) == (0, 0, 2)
    words = await runs.database.fetch_all("SELECT word, items FROM library_words ORDER BY word")
    assert [tuple(row) for row in words] == [("solaris", 1), ("stalker", 1)]
    await runs.is_sound()


async def test_a_match_is_looked_for_again_when_what_it_was_told_by_changes(runs: Runs) -> None:
    await runs.run("movies", [item(1, year=2001), item(2)], run="a")
    await runs.database.execute("UPDATE library_items SET match_rule = 'name', match_imdb = 5")
    await runs.run("movies", [item(1, year=2002), item(2, rating=50)], run="b")
    assert await runs.stored("panel_id", "match_rule", "match_imdb") == [(1, "", None), (2, "name", 5)]


async def test_of_a_number_that_comes_twice_the_last_is_kept(runs: Runs) -> None:
    await runs.taking.begin(P, "a")
    counts = await runs.rows("channels", "a", [item(1, "One"), item(1, "Two")])
    assert counts.added == 1
    assert await runs.stored("panel_id", "title") == [(1, "Two")]


async def test_what_is_too_long_is_cut_and_what_no_column_holds_is_left_out(runs: Runs) -> None:
    await runs.taking.begin(P, "a")
    hostile = item(
        1,
        "A\0" + "x" * 500,
        year=2**40,
        added=-5,
        icon="i" * 5000,
        more="m" * 70_000,
        categories=tuple(f"{number}\0" for number in range(50)),
        words="w" * 1999 + " behind",
    )
    await runs.rows("movies", "a", [hostile])
    [(name, year, added, icon, more)] = await runs.stored("name", "year", "added", "icon", "more")
    assert (len(name), name[:2], year, added, icon, more) == (300, "Ax", None, 0, "", "")
    assert len(await runs.stored("id", "name", table="library_categories")) == 20
    await runs.is_sound()


async def test_categories_go_when_they_are_neither_named_nor_used(runs: Runs) -> None:
    await runs.taking.begin(P, "a")
    await runs.categories("movies", "a", "news", "drama", "old")
    await runs.rows("movies", "a", [item(1, categories=("drama",)), item(2, categories=("unnamed",))])
    gone = await runs.categories("movies", "a", "drama", "news")
    assert gone.removed == 1
    order = await runs.stored("position", "name", table="library_categories")
    assert [name for _, name in order] == ["DRAMA", "NEWS", "unnamed"]
    await runs.categories("movies", "a", "news")
    await runs.rows("movies", "a", [item(1, categories=("news",)), item(2, categories=("news",))])
    await runs.finish("a")
    assert [name for _, name in await runs.stored("position", "name", table="library_categories")] == ["NEWS"]
    await runs.is_sound()


async def test_categories_of_several_pages_keep_their_numbers_and_order(runs: Runs) -> None:
    for run in ("a", "b"):
        await runs.taking.begin(P, run)
        await runs.categories("movies", run, "drama", "gone" if run == "a" else "crime", is_last=False)
        await runs.categories("movies", run, "news", "war", first=2)
        found = await runs.stored("id", "position", "name", table="library_categories")
        await runs.finish(run)
        if run == "a":
            before = {name: id_ for id_, _, name in found}
    assert sorted(found, key=lambda row: row[1]) == [
        (before["DRAMA"], 0, "DRAMA"),
        (found[-1][0], 1, "CRIME"),
        (before["NEWS"], 2, "NEWS"),
        (before["WAR"], 3, "WAR"),
    ]


async def test_no_more_categories_are_kept_than_anybody_has(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("take", "take_items"):
        monkeypatch.setattr(f"services.catalog.library.{module}.MOST", 3)
    await runs.taking.begin(P, "a")
    await runs.categories("movies", "a", "one", "two")
    await runs.rows("movies", "a", [item(n, categories=(f"own {n}", "two")) for n in range(5)])
    await runs.categories("movies", "a", "one", "two", "three")
    await runs.finish("a")
    assert len(await runs.stored("id", "name", table="library_categories")) == 3
    assert len(await runs.stored("id", "name")) == 5
    await runs.is_sound()


async def test_changes_are_told_up_to_two_hundred_of_each_sort_of_the_last_run(runs: Runs) -> None:
    await runs.run("movies", [item(number) for number in range(250)], run="a")
    told = await runs.stored("what", "name", table="library_changes")
    assert len(told) == 200
    rows = [item(number) for number in range(1, 250)] + [item(0, "Title 0 new")]
    await runs.run("movies", rows, run="b")
    assert await runs.stored("what", "name", table="library_changes") == [("changed", "Title 0 new")]


async def test_more_than_there_is_comes_without_indexes_which_are_there_afterwards(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.catalog.library.indexing.LEAST_ROWS", 5)
    runs, indexes = await Runs.of(database, clock), IndexStore(database)
    sql = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'library_items' ORDER BY name"
    if database.dialect == "postgresql":
        sql = "SELECT indexdef FROM pg_indexes WHERE tablename = 'library_items' ORDER BY indexname"
    migrated = [_plain(row) for row in await database.fetch_all(sql)]
    await runs.taking.begin(P, "a")
    await runs.rows("movies", "a", [item(number) for number in range(10)])
    assert await indexes.missing()
    await runs.taking.finish(P, "a", RunFinished(is_whole=False))
    assert [_plain(row) for row in await database.fetch_all(sql)] == migrated
    await runs.taking.begin(P, "b")
    await runs.rows("movies", "b", [item(number) for number in range(10, 18)])
    assert not await indexes.missing()
    await indexes.drop()  # as a crash leaves it
    await runs.taking.begin(P, "c")
    assert not await indexes.missing()


async def test_what_a_run_brings_is_answered_from_indexes_alone_while_it_writes(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.catalog.library.indexing.MARKED_ROWS", 5)
    runs = await Runs.of(database, clock)
    await runs.taking.begin(P, "a")
    await runs.rows("movies", "a", [item(number) for number in range(300)])
    if database.dialect == "postgresql":
        sql = "SELECT relallvisible AS pages FROM pg_class WHERE oid = CAST('library_items' AS regclass)"
        assert [row["pages"] for row in await database.fetch_all(sql)] != [0]
    await runs.taking.finish(P, "a", RunFinished(is_whole=False))


def _plain(row: object) -> str:
    return " ".join(str(tuple(row)).split()).replace(" (", "(").lower()  # type: ignore[arg-type]  # a Row


async def test_many_random_runs_leave_everything_sound(database: Database, clock: ManualClock) -> None:
    runs, chance = await Runs.of(database, clock, max_removed=1), random.Random(7)
    for run in range(8):
        rows = [
            item(
                number,
                f"{chance.choice(['Red', 'Blue', 'Dead'])} {number % 9}",
                year=chance.choice([None, 1999, 2000]),
                rating=chance.choice([None, 55, 100]),
                genres=tuple(chance.sample(["Drama", "Crime", "War"], chance.randrange(3))),
                language=chance.choice(["", "French"]),
                categories=tuple(chance.sample(["1", "2", "3"], chance.randrange(4))),
            )
            for number in chance.sample(range(60), 40)
        ]
        await runs.run("movies", rows, run=f"run {run}")
        assert set(await runs.ids()) == {row.panel_id for row in rows}
        await runs.is_sound()


async def test_readers_never_wait_for_a_run(runs: Runs) -> None:
    await runs.taking.begin(P, "a")
    rows = [item(number, genres=("Drama",)) for number in range(6000)]
    tasks, lines = Tasks(), [rows[at : at + 1000] for at in range(0, 6000, 1000)]
    writing = tasks.spawn("writing", runs.rows("movies", "a", *lines))
    seen = list[int]()
    while not writing.done():
        row = await runs.database.fetch_one("SELECT count(*) AS items FROM library_items")
        assert row is not None
        seen.append(row["items"])
    await writing
    assert seen == sorted(seen)
    assert {count % 1000 for count in seen} == {0}
