"""Runs that refuse, that others end, or that are cut off: what was there stays, and the next one goes on."""

from __future__ import annotations

import array
from collections.abc import AsyncIterator

import msgspec
import pytest

from libs.common.db import Database
from services.catalog.errors import LibraryRowsUnreadable, LibraryWouldShrink, ProviderNotFound, RunEnded
from services.catalog.store.library.categories import CategoryStore
from services.catalog.store.library.changes import ChangeStore
from services.catalog.store.library.counts import CountStore
from tests.catalog.library.runs import P, Runs, item
from tests.fakes.clock import ManualClock


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
