"""Names made after an import, rows matched again for it, and what was left open."""

from __future__ import annotations

import pytest

from libs.common.db import Database
from services.catalog.matching import keeping, named
from services.catalog.store.imdb_names import Titled
from tests.catalog.matching.library import OTHER_PROFILE, RUN, Library

HEAT, MATRIX = 113277, 133093


async def keys(database: Database) -> set[tuple[int, str]]:
    return {(row["id"], row["key"]) for row in await database.fetch_all("SELECT id, key FROM imdb_names")}


async def step_all(library: Library, titles: int) -> int:
    """How many steps it took."""
    steps = 0
    while await library.titles.step(titles=titles):
        steps += 1
    return steps


async def test_nothing_is_made_before_the_first_import(library: Library) -> None:
    await library.put_titles((HEAT, "Heat", 1995, 10))

    assert await step_all(library, 10) == 0
    assert await keys(library.db) == set()


async def test_names_are_made_step_by_step(library: Library) -> None:
    await library.put_titles(*((number, f"Film {number}", 1990, 10) for number in range(1, 6)))
    await library.import_ended()

    assert await step_all(library, 2) == 3
    assert await keys(library.db) == {(number, f"film{number}") for number in range(1, 6)} | {(1, "film")}


async def test_only_what_differs_is_written_after_another_import(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 10), (MATRIX, "The Matrix", 1999, 10), (3, "Gone", 2000, 10))
    await library.db.execute("UPDATE imdb_titles SET name = 'The Matrix Again' WHERE id = :id", id=MATRIX)
    await library.db.execute("DELETE FROM imdb_titles WHERE id = 3")
    await library.imported((4, "New", 2001, 10))

    assert await keys(library.db) == {(HEAT, "heat"), (MATRIX, "matrixagain"), (4, "new")}


async def test_another_year_of_a_title_is_another_row(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 10))
    await library.db.execute("UPDATE imdb_titles SET year = 1996")
    await library.import_ended()
    await step_all(library, 10)

    row = await library.db.fetch_one("SELECT year FROM imdb_names")
    assert row is not None
    assert row["year"] == 1996


async def test_a_step_that_another_process_has_made_is_not_made_twice(library: Library) -> None:
    await library.put_titles((HEAT, "Heat", 1995, 10))
    await library.import_ended()
    await library.names.begin(rules=named.RULES, imported_at=1)
    made = await library.names.made()
    wanted = named.named([Titled(HEAT, 2, "Heat", "", 1995)])

    assert await library.names.put(made, through=HEAT, gone=(), new=wanted)
    assert not await library.names.put(made, through=HEAT, gone=(), new=wanted)


async def test_titles_without_rating_without_year_and_for_adults_have_no_names(library: Library) -> None:
    await library.put_titles((1, "Undated", 1995, 10), (2, "Adult", 1995, 10), (3, "Unrated", 1995, 10))
    await library.db.execute("UPDATE imdb_titles SET year = NULL WHERE id = 1")
    await library.db.execute("UPDATE imdb_titles SET adult = TRUE WHERE id = 2")
    await library.db.execute("DELETE FROM imdb_ratings WHERE id = 3")
    await library.put_titles((4, "Game", 1995, 10), type_="videoGame")
    await library.import_ended()
    await step_all(library, 10)

    assert await keys(library.db) == set()


def test_other_keys_want_another_number_of_the_rules() -> None:
    """What is made here differently from what is in tables is found no more: raise RULES with this."""
    written = ("The Matrix", "Rocky II", "Amélie & Co", "WALL·E", "Alien³", "Ocean's Eleven", "L'Avventura")
    made = {one.key for name in written for one in named.named([Titled(1, 2, name, "", 2000)])}

    assert named.RULES == 1
    assert made == {"matrix", "rocky2", "amelieandco", "walle", "alien3", "oceans11", "avventura"}


async def test_other_rules_make_all_names_anew(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 10))
    await library.db.execute("UPDATE imdb_names SET key = 'old'")
    await library.db.execute("UPDATE imdb_names_made SET rules = 0")

    await step_all(library, 10)

    assert await keys(library.db) == {(HEAT, "heat")}


async def test_what_had_no_title_is_looked_for_again_after_an_import(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PAGE_IDS", 1)
    provider = await library.provider(run="")
    other = await library.provider(2, OTHER_PROFILE, run=RUN)
    mine, theirs = await library.listed("Heat", 1995), await library.listed("Heat", 1995, provider=2)
    last = await library.listed("The Matrix", 1999)
    await library.match(provider, run="")
    await library.match(other)
    before = await library.of(mine)

    await library.put_titles((HEAT, "Heat", 1995, 10), (MATRIX, "The Matrix", 1999, 10))
    await library.import_ended()
    await library.keeping.look()

    assert before == (None, "none")
    assert await library.of(mine) == await library.of(theirs) == (HEAT, "name")
    assert await library.of(last) == (MATRIX, "name")


async def test_what_is_decided_stays_though_something_better_known_came(library: Library) -> None:
    await library.imported((1, "Heat", 1986, 1000))
    provider = await library.provider(run="")
    item = await library.listed("Heat")
    await library.match(provider, run="")

    await library.put_titles((HEAT, "Heat", 1995, 900_000))
    await library.import_ended()
    await library.keeping.look()

    assert await library.of(item) == (1, "name_only")


async def test_a_title_that_is_gone_is_left(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 10), (MATRIX, "The Matrix", 1999, 10))
    provider = await library.provider(run="")
    item = await library.listed("Heat", 1995)
    await library.match(provider, run="")

    await library.db.execute("DELETE FROM imdb_titles WHERE id = :id", id=HEAT)
    await library.import_ended()
    await library.keeping.look()

    assert await library.of(item) == (None, "none")


async def test_rows_that_a_sync_left_open_are_matched_when_it_is_over(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 10))
    await library.provider()
    await library.provider(2, run="")
    in_a_run, left = await library.listed("Heat", 1995), await library.listed("Heat", 1995, provider=2)

    await library.keeping.look()

    assert await library.of(in_a_run) == (None, "")
    assert await library.of(left) == (HEAT, "name")
