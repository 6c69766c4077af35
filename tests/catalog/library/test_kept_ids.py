"""What is handed over keeps its id, and what hangs on it, however a panel numbers it."""

from __future__ import annotations

from services.catalog.store.library.details import Asked, DetailStore, Facts
from tests.catalog.library.runs import P, Runs, item


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
