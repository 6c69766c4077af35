"""What runs hand over, on both engines: only what differs is written, and ids stay."""

from __future__ import annotations

import array
import random
from collections.abc import AsyncIterator

import msgspec
import pytest

from libs.common.contracts.handover import RunFinished
from libs.common.db import Database
from libs.common.tasks import Tasks
from services.catalog.errors import LibraryRowsUnreadable, LibraryWouldShrink, ProviderNotFound, RunEnded
from services.catalog.library.lines import item_context
from services.catalog.store.library.categories import CategoryStore
from services.catalog.store.library.changes import ChangeStore
from services.catalog.store.library.counts import CountStore
from services.catalog.store.library.details import Asked, DetailStore, Facts
from services.catalog.store.library.indexes import IndexStore
from tests.catalog.library.runs import BOX, P, Runs, item
from tests.fakes.clock import ManualClock


@pytest.fixture
async def runs(database: Database, clock: ManualClock) -> Runs:
    return await Runs.of(database, clock)


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


async def test_the_same_again_sends_nothing_and_an_id_stays_when_its_row_changes(runs: Runs) -> None:
    rows = [item(number, year=1990 + number) for number in range(1, 6)]
    await runs.run("movies", rows, run="a")
    before = await runs.ids()
    counts, gone = await runs.run("movies", rows, run="b")
    assert (counts.added, counts.changed, gone.removed) == (0, 0, 0)
    rows[2] = item(3, "Title 3", year=2020, categories=("7", "8"), genres=("Drama",))
    counts, gone = await runs.run("movies", rows, run="c")
    assert (counts.added, counts.changed, gone.removed) == (0, 1, 0)
    assert await runs.ids() == before
    await runs.is_sound()
    rows[2] = item(3, "Title 3 again", year=2020, categories=("8",))
    await runs.run("movies", rows, run="d")
    assert await runs.ids() == before
    assert await runs.found("again") == {before[3]}
    await runs.is_sound()


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


async def supplemented(runs: Runs) -> None:
    """As if a details page had told all that is still open."""
    details, facts = DetailStore(runs.database), Facts(year=1979, tmdb=1398, imdb=79944)
    ids = await runs.ids()
    async with runs.database.transaction() as tx:
        for panel_id, id_ in ids.items():
            asked = Asked(
                item=id_,
                kind=2,
                panel_id=panel_id,
                added=0,
                number=runs.number,
                provider=P,
                provider_kind="xtream",
            )
            await details.supplement(tx, asked, facts)
    await runs.database.execute("UPDATE library_items SET match_rule = 'imdb', match_imdb = 79944")


async def test_what_details_brought_stays_until_the_name_is_another(runs: Runs) -> None:
    await runs.run("movies", [item(1), item(2, "Stalker")], run="a")
    await supplemented(runs)
    await runs.run("movies", [item(1, rating=80), item(2, "Stalker again")], run="b")
    told = await runs.stored("panel_id", "year", "tmdb", "imdb", "match_rule")
    assert told == [(1, 1979, 1398, 79944, "imdb"), (2, None, None, None, "")]
    await runs.is_sound()


async def test_what_details_brought_goes_along_to_another_number_of_the_panel(runs: Runs) -> None:
    await runs.run("movies", [item(1, "Stalker"), item(2), item(3, "Twin")], run="a")
    before = await runs.ids()
    await supplemented(runs)
    rows = [item(11, "Stalker"), item(2), item(13, "Twin", year=1980)]
    _, gone = await runs.run("movies", rows, run="b")
    after = await runs.ids()
    assert (gone.moved, gone.removed, after[11]) == (1, 1, before[1])
    assert after[13] != before[3]
    told = await runs.stored("panel_id", "year", "tmdb", "imdb", "match_rule")
    assert told == [
        (2, 1979, 1398, 79944, "imdb"),
        (11, 1979, 1398, 79944, "imdb"),
        (13, 1980, None, None, ""),
    ]
    await runs.is_sound()


async def test_a_number_given_to_another_title_gets_an_id_of_its_own(runs: Runs) -> None:
    await runs.run("movies", [item(1, "Metropolis", year=1927), item(2, "Nosferatu", tmdb=653)], run="a")
    before = await runs.ids()
    rows = [item(1, "Brazil", year=1985), item(2, "Symphonie des Grauens", tmdb=653)]
    counts, gone = await runs.run("movies", rows, run="b")
    after = await runs.ids()
    assert after[1] not in before.values()
    assert after[2] == before[2]
    assert (counts.added, counts.changed, gone.removed) == (1, 1, 0)
    assert await runs.found("metropolis") == set()
    await runs.is_sound()


async def test_a_panel_that_renumbers_keeps_ids_and_what_hangs_on_them(runs: Runs) -> None:
    rows = [item(number, f"Film {number}", year=1950 + number, categories=("1",)) for number in range(60)]
    await runs.run("movies", rows, run="a")
    before = await runs.ids()
    await runs.database.execute("UPDATE library_items SET match_rule = 'name', match_imdb = 5")
    moved = [
        item(number + 1000, f"Film {number}", year=1950 + number, categories=("1",)) for number in range(60)
    ]
    counts, gone = await runs.run("movies", moved, run="b")
    assert (counts.added, gone.moved, gone.removed) == (60, 60, 0)
    assert await runs.ids() == {number + 1000: id_ for number, id_ in before.items()}
    assert {row[1] for row in await runs.stored("id", "match_imdb")} == {5}
    assert await runs.found("59") == {before[59]}
    assert await runs.stored("what", "name", table="library_changes") == []
    await runs.is_sound()


async def test_twins_are_never_taken_for_each_other(runs: Runs) -> None:
    others = [item(number) for number in range(10, 20)]
    await runs.run("movies", [item(1, "Twin"), item(2, "Twin"), *others], run="a")
    before = await runs.ids()
    _, gone = await runs.run("movies", [item(3, "Twin"), *others], run="b")
    assert (gone.moved, gone.removed) == (0, 2)
    assert (await runs.ids())[3] not in before.values()


async def test_too_much_at_once_stays_and_the_refusal_says_so(runs: Runs) -> None:
    rows = [item(number, f"Film {number}") for number in range(100)]
    await runs.run("movies", rows, run="a")
    with pytest.raises(LibraryWouldShrink, match=r"31 of 100 movies.*HEADGATE_LIBRARY_MAX_REMOVED"):
        await runs.run("movies", rows[31:], run="b")
    assert len(await runs.ids()) == 100
    _, gone = await runs.run("movies", rows[30:], run="c")
    assert gone.removed == 30
    await runs.is_sound()


async def test_a_small_library_may_lose_much_but_not_all(runs: Runs) -> None:
    rows = [item(number) for number in range(10)]
    await runs.run("series", rows, run="a")
    with pytest.raises(LibraryWouldShrink, match="all 10 series"):
        await runs.run("series", [], run="b")
    _, gone = await runs.run("series", rows[:1], run="c")
    assert gone.removed == 9


async def test_a_share_of_one_lets_everything_go(database: Database, clock: ManualClock) -> None:
    runs = await Runs.of(database, clock, max_removed=1)
    await runs.run("movies", [item(1)], run="a")
    await runs.run("movies", [], run="b")
    assert await runs.ids() == {}
    await runs.is_sound()


async def test_a_later_run_ends_an_earlier_one(runs: Runs) -> None:
    await runs.taking.begin(P, "a")
    await runs.rows("movies", "a", [item(1)])
    await runs.taking.begin(P, "b")
    with pytest.raises(RunEnded):
        await runs.rows("movies", "a", [item(2)])
    with pytest.raises(RunEnded):
        await runs.taking.remove_gone(P, "movies", "a", array.array("q"))
    with pytest.raises(RunEnded):
        await runs.finish("a")
    await runs.rows("movies", "b", [item(2)])
    assert set(await runs.ids()) == {1, 2}


async def test_a_provider_removed_in_the_middle_ends_its_run(runs: Runs) -> None:
    await runs.taking.begin(P, "a")
    await runs.rows("movies", "a", [item(1)])
    await runs.database.execute("DELETE FROM library_providers")
    with pytest.raises(ProviderNotFound):
        await runs.rows("movies", "a", [item(2)])
    with pytest.raises(ProviderNotFound):
        await runs.taking.begin(P, "b")


async def test_what_came_before_a_broken_line_stays_and_the_next_run_goes_on(runs: Runs) -> None:
    rows = [item(number) for number in range(30)]
    await runs.taking.begin(P, "a")

    async def lines() -> AsyncIterator[bytes]:
        yield msgspec.json.encode(rows[:10])
        yield b"[broken"

    with pytest.raises(LibraryRowsUnreadable):
        await runs.taking.rows(P, "movies", "a", lines())
    await runs.is_sound()
    before = await runs.ids()
    assert len(before) == 10
    counts, _ = await runs.run("movies", rows, run="b")
    assert counts.added == 20
    assert before.items() <= (await runs.ids()).items()


async def test_a_line_that_is_cut_off_anywhere_leaves_nothing(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [item(number, categories=("1", "2")) for number in range(30)]
    await runs.run("movies", rows[:10], run="a")
    before = await runs.ids()

    class Killed(Exception):
        pass

    async def die(*_: object, **__: object) -> None:
        raise Killed

    changed = [item(number, "Another", categories=("2",)) for number in range(5)]
    for store, step in ((CountStore, "add"), (ChangeStore, "add"), (CategoryStore, "put_others")):
        await runs.taking.begin(P, "b")
        with monkeypatch.context() as patched:
            patched.setattr(store, step, die)
            with pytest.raises(Killed):
                await runs.rows("movies", "b", [*changed, *rows[10:]])
        assert await runs.ids() == before
        assert await runs.found("another") == set()
        await runs.is_sound()
    await runs.run("movies", rows, run="c")
    await runs.is_sound()


async def test_items_found_again_after_a_run_that_was_cut_off_keep_their_ids(runs: Runs) -> None:
    others = [item(number) for number in range(100, 120)]
    await runs.run("movies", [item(1, "Alien", year=1979), *others], run="a")
    before = await runs.ids()
    await runs.taking.begin(P, "b")
    await runs.rows("movies", "b", [item(2, "Alien", year=1979)])
    _, gone = await runs.run("movies", [item(2, "Alien", year=1979), *others], run="c")
    assert gone.moved == 1
    assert (await runs.ids())[2] == before[1]


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
