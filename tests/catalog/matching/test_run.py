"""Films and series of providers found among the titles of IMDb."""

from __future__ import annotations

import pytest

from services.catalog.library_model import Told
from services.catalog.store.library.details import Asked, DetailStore
from services.catalog.store.library.providers import RunLost
from services.catalog.store.match_choices import About
from tests.catalog.matching.library import MOVIE, OTHER_PROFILE, OWNER, RUN, SERIES, Library

HEAT, OLD_HEAT, MATRIX, KID, AMELIE = 113277, 93164, 133093, 19, 211915


async def test_a_name_with_its_year_is_that_title(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 700_000), (OLD_HEAT, "Heat", 1986, 5_000))
    provider = await library.provider()
    item = await library.listed("Heat", 1995)

    await library.match(provider)

    assert await library.of(item) == (HEAT, "name")


async def test_nearly_the_same_name_is_the_title_of_its_year(library: Library) -> None:
    await library.imported((MATRIX, "The Matrix", 1999, 2_000_000), (7, "The Metro", 1999, 100))
    provider = await library.provider()
    item = await library.listed("The Matirx", 1999)

    await library.match(provider)

    assert await library.of(item) == (MATRIX, "near_name")


async def test_numbers_are_never_slips(library: Library) -> None:
    await library.imported((7, "Hangover 2 Returns", 2011, 100))
    provider = await library.provider()
    item = await library.listed("Hangover 3 Returns", 2011)

    await library.match(provider)

    assert await library.of(item) == (None, "none")


async def test_films_and_series_are_looked_for_apart(library: Library) -> None:
    await library.imported((1, "Fargo", 1996, 700_000))
    await library.imported((2, "Fargo", 2014, 400_000), type_="tvSeries")
    provider = await library.provider()
    film = await library.listed("Fargo")
    series = await library.listed("Fargo", kind=SERIES)

    await library.match(provider)

    assert await library.of(film) == (1, "name_only")
    assert await library.of(series) == (2, "name_only")


async def test_without_a_year_the_one_that_everybody_knows_is_meant(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 700_000), (OLD_HEAT, "Heat", 1986, 5_000))
    provider = await library.provider()
    item = await library.listed("Heat")

    await library.match(provider)

    assert await library.of(item) == (HEAT, "best_known")


@pytest.mark.parametrize(
    ("votes", "rule"), [((700, 100), "several"), ((200, 0), "several"), ((10, 900_000), "best_known")]
)
async def test_without_a_year_namesakes_leave_a_doubt(
    library: Library, votes: tuple[int, int], rule: str
) -> None:
    await library.imported((1, "Heat", 1995, votes[0]), (2, "Heat", 1986, votes[1]))
    provider = await library.provider()
    item = await library.listed("Heat")

    await library.match(provider)

    assert (await library.of(item))[1] == rule


async def test_a_title_that_nobody_knows_is_not_meant_by_its_name_alone(library: Library) -> None:
    await library.imported((1, "Backyard", 1995, 12))
    provider = await library.provider()
    item = await library.listed("Backyard")
    dated = await library.listed("Backyard", 1995)

    await library.match(provider)

    assert await library.of(item) == (None, "little_known")
    assert await library.of(dated) == (1, "name")


async def test_two_of_one_name_and_year_leave_a_doubt(library: Library) -> None:
    await library.imported((1, "Heat", 1995, 1000), (2, "Heat", 1995, 900))
    provider = await library.provider()
    item = await library.listed("Heat", 1995)

    await library.match(provider)

    assert await library.of(item) == (None, "several")


async def test_what_is_in_no_list_stays_without_a_title(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 700_000))
    provider = await library.provider()
    item = await library.listed("Wedding of my cousin", 2019)
    nameless = await library.listed("!!!")

    await library.match(provider)

    assert await library.of(item) == (None, "none")
    assert await library.of(nameless) == (None, "none")


async def test_before_the_first_import_nothing_is_found(library: Library) -> None:
    provider = await library.provider()
    item = await library.listed("Heat", 1995)

    await library.match(provider)

    assert await library.of(item) == (None, "none")


async def test_the_original_name_finds_what_is_listed_in_another_language(library: Library) -> None:
    await library.imported((AMELIE, "Amélie", 2001, 800_000), original="Le fabuleux destin d'Amélie Poulain")
    provider = await library.provider()
    german = await library.listed("Die fabelhafte Welt der Amélie", 2001)
    await library.match(provider)
    before = await library.of(german)

    asked = Asked(
        item=german,
        kind=MOVIE,
        panel_id=1001,
        added=0,
        number=1,
        provider="provider-1",
        provider_kind="xtream",
    )
    told = Told(original_name="Le Fabuleux Destin d'Amélie Poulain")
    async with library.db.transaction() as tx:
        await DetailStore(library.db).put(tx, asked, told, at=1, next_at=2)
    await library.match(provider)

    assert before == (None, "none")
    assert await library.of(german) == (AMELIE, "name")


async def test_what_became_known_meanwhile_is_not_passed_over(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 7000), (OLD_HEAT, "Heat", 1986, 5000))
    provider = await library.provider()
    item = await library.listed("Heat")
    rows = await library.matches.open(1, limit=1)

    await library.db.execute("UPDATE library_items SET year = 1986")
    await library.matching.decide_on(provider, "run-1", rows)
    passed_over = await library.of(item)
    await library.match(provider)

    assert passed_over == (None, "")
    assert await library.of(item) == (OLD_HEAT, "name")


async def test_an_imdb_id_of_the_provider_counts_before_a_name(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 700_000), (OLD_HEAT, "Heat", 1986, 700_000))
    provider = await library.provider()
    item = await library.listed("Heat", imdb=OLD_HEAT)
    translated = await library.listed("Coup de chaud", 1995, imdb=HEAT)

    await library.match(provider)

    assert await library.of(item) == (OLD_HEAT, "imdb_id")
    assert await library.of(translated) == (HEAT, "imdb_id")


async def test_an_id_against_name_and_year_is_not_believed(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 700_000), (MATRIX, "The Matrix", 1999, 2_000_000))
    provider = await library.provider()
    named = await library.listed("The Matrix", 1999, imdb=HEAT)
    dated = await library.listed("Something else", 2015, imdb=HEAT)

    await library.match(provider)

    assert await library.of(named) == (None, "ids_disagree")
    assert await library.of(dated) == (None, "ids_disagree")


async def test_rows_of_one_tmdb_id_follow_those_that_name_and_year_tell(library: Library) -> None:
    await library.imported((MATRIX, "The Matrix", 1999, 2_000_000))
    provider = await library.provider()
    foreign = await library.listed("Illusionernas värld", 1999, tmdb=603)
    named = [await library.listed("The Matrix", 1999, tmdb=603) for _ in range(3)]
    unknown = await library.listed("Nada", 1999, tmdb=604)

    await library.match(provider)

    assert await library.of(foreign) == (MATRIX, "tmdb_id")
    assert {await library.of(item) for item in named} == {(MATRIX, "name")}
    assert await library.of(unknown) == (None, "none")


async def test_a_tmdb_id_that_rows_disagree_about_says_nothing(library: Library) -> None:
    await library.imported((MATRIX, "The Matrix", 1999, 2_000_000), (HEAT, "Heat", 1995, 700_000))
    provider = await library.provider()
    await library.listed("The Matrix", 1999, tmdb=603)
    await library.listed("Heat", 1995, tmdb=603)
    foreign = await library.listed("Illusionernas värld", 1999, tmdb=603)

    await library.match(provider)

    assert await library.of(foreign) == (None, "none")


async def test_one_row_with_a_wrong_tmdb_id_does_not_speak_for_many(library: Library) -> None:
    await library.imported((MATRIX, "The Matrix", 1999, 2_000_000))
    provider = await library.provider()
    await library.listed("The Matrix", 1999, tmdb=77)
    others = [await library.listed("Illusionernas värld", tmdb=77) for _ in range(4)]

    while (await library.matching.step(provider, RUN, limit=10)).left:
        pass

    assert {await library.of(item) for item in others} == {(None, "none")}


async def test_a_tmdb_id_whose_title_is_of_another_year_is_not_believed(library: Library) -> None:
    await library.imported((MATRIX, "The Matrix", 1999, 2_000_000))
    provider = await library.provider()
    await library.listed("The Matrix", 1999, tmdb=603)
    foreign = await library.listed("Illusionernas värld", 2012, tmdb=603)

    await library.match(provider)

    assert await library.of(foreign) == (None, "ids_disagree")


async def test_a_run_that_another_took_over_from_writes_nothing(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 700_000))
    provider = await library.provider()
    item = await library.listed("Heat", 1995)

    with pytest.raises(RunLost):
        await library.match(provider, run="an earlier run")

    assert await library.of(item) == (None, "")


async def test_a_step_tells_what_is_left(library: Library) -> None:
    provider = await library.provider()
    for number in range(5):
        await library.listed(f"Film {number}")
    await library.listed("A channel", kind=1)

    first = await library.matching.step(provider, "run-1", limit=3)
    second = await library.matching.step(provider, "run-1", limit=3)
    third = await library.matching.step(provider, "run-1", limit=3)

    assert [(each.done, each.left) for each in (first, second, third)] == [(3, 2), (2, 0), (0, 0)]


async def test_what_was_decided_about_a_name_holds_for_all_rows_of_it(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 700_000), (OLD_HEAT, "Heat", 1986, 5_000))
    await chosen(library, About(MOVIE, "heat", 0), OLD_HEAT)
    provider = await library.provider()
    items = [await library.listed("Heat"), await library.listed("HEAT")]
    dated = await library.listed("Heat", 1995)

    await library.match(provider)

    assert {await library.of(item) for item in items} == {(OLD_HEAT, "chosen")}
    assert await library.of(dated) == (HEAT, "name")


async def test_what_was_decided_about_one_row_counts_before_its_name(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 700_000), (OLD_HEAT, "Heat", 1986, 5_000))
    await chosen(library, About(MOVIE, "heat", 0), OLD_HEAT)
    await chosen(library, About(MOVIE, "heat", 0, "provider-1/55"), HEAT)
    provider = await library.provider()
    item = await library.listed("Heat", panel_id=55)

    await library.match(provider)

    assert await library.of(item) == (HEAT, "chosen")


async def test_an_id_given_to_another_title_is_not_what_was_decided_about(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 700_000), (MATRIX, "The Matrix", 1999, 2_000_000))
    await chosen(library, About(MOVIE, "heat", 0, "provider-1/55"), HEAT)
    provider = await library.provider()
    item = await library.listed("The Matrix", panel_id=55)

    await library.match(provider)

    assert await library.of(item) == (MATRIX, "name_only")


async def test_none_of_these_holds(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 700_000))
    await chosen(library, About(MOVIE, "heat", 1995), None)
    provider = await library.provider()
    item = await library.listed("Heat", 1995)

    await library.match(provider)
    await library.import_ended()
    await library.keeping.look()

    assert await library.of(item) == (None, "chosen")


async def test_what_another_profile_decided_does_not_count(library: Library) -> None:
    await library.imported((HEAT, "Heat", 1995, 700_000))
    await chosen(library, About(MOVIE, "heat", 1995), None)
    other = await library.provider(2, OTHER_PROFILE)
    item = await library.listed("Heat", 1995, provider=2)

    await library.match(other)

    assert await library.of(item) == (HEAT, "name")


async def chosen(library: Library, about: About, imdb: int | None) -> None:
    async with library.db.transaction() as tx:
        await library.choices.choose(tx, OWNER, about, imdb, at=1, at_most=100)
