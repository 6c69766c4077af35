"""Lists of the library on both engines: filters, orders, pages while rows come and go, whose they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from libs.common.contracts.library import Sort
from libs.common.errors import InvalidInput
from services.catalog.errors import ItemNotFound
from services.catalog.library.browse import Browse
from services.catalog.library.reading import Reading
from services.catalog.model import Owner
from services.catalog.store.library.choices import Choice
from tests.catalog.library.filled import Filler, Row
from tests.catalog.library.pages import OWNER, QUERY, asked, every_page, found, number_in, titles

OTHERS = (Owner("account", "other"), Owner("other", "profile"))


METROPOLIS = Row(
    title="Metropolis",
    year=1927,
    rating=83,
    added=300,
    categories=("Classics", "Silent"),
    language="German",
    genres=("Drama", "Science Fiction"),
    imdb=17136,
)
NOSFERATU = Row(
    title="Nosferatu",
    year=1922,
    rating=79,
    added=100,
    categories=("Classics",),
    language="German",
    genres=("Horror",),
)
GENERAL = Row(
    title="The General",
    year=1926,
    added=200,
    categories=("Silent",),
    language="English",
    genres=("Comedy", "Drama"),
)
UNDATED = Row(title="Ärger", rating=10)


@pytest.fixture
async def shelf(filler: Filler) -> list[str]:
    provider = await filler.provider(OWNER, "one")
    return await filler.put(provider, "movies", METROPOLIS, NOSFERATU, GENERAL, UNDATED)


@pytest.mark.parametrize(
    ("asked_for", "expected"),
    [
        ({}, ["Ärger", "Metropolis", "Nosferatu", "The General"]),
        ({"genre": "Drama"}, ["Metropolis", "The General"]),
        ({"genre": "drama"}, ["Metropolis", "The General"]),
        ({"genre": "Western"}, []),
        ({"language": "German"}, ["Metropolis", "Nosferatu"]),
        ({"year": 1922}, ["Nosferatu"]),
        ({"year_from": 1923}, ["Metropolis", "The General"]),
        ({"year_to": 1926}, ["Nosferatu", "The General"]),
        ({"year_from": 1923, "year_to": 1926}, ["The General"]),
        ({"rating_from": 8.0}, ["Metropolis"]),
        ({"rating_from": 7.85}, ["Metropolis", "Nosferatu"]),
        ({"added_since": datetime.fromtimestamp(200, UTC)}, ["Metropolis", "The General"]),
        ({"genre": "Drama", "language": "German", "year_from": 1900}, ["Metropolis"]),
        ({"account": "nobodys"}, []),
        ({"category": "hg:999"}, []),
        ({"category": "not one of ours"}, []),
    ],
)
@pytest.mark.usefixtures("shelf")
async def test_filters_are_all_met(browse: Browse, asked_for: dict[str, Any], expected: list[str]) -> None:
    assert await found(browse, **asked_for) == expected


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("title", ["Ärger", "Metropolis", "Nosferatu", "The General"]),
        ("-title", ["The General", "Nosferatu", "Metropolis", "Ärger"]),
        ("added", ["Ärger", "Nosferatu", "The General", "Metropolis"]),
        ("-added", ["Metropolis", "The General", "Nosferatu", "Ärger"]),
        ("rating", ["Ärger", "Nosferatu", "Metropolis", "The General"]),
        ("-rating", ["Metropolis", "Nosferatu", "Ärger", "The General"]),
        ("year", ["Nosferatu", "The General", "Metropolis", "Ärger"]),
        ("-year", ["Metropolis", "The General", "Nosferatu", "Ärger"]),
    ],
)
async def test_what_an_order_knows_nothing_of_comes_last(
    browse: Browse, sort: Sort, expected: list[str]
) -> None:
    assert await found(browse, sort=sort) == expected
    pages = await every_page(browse, asked(sort=sort, limit=1))
    assert [title for page in pages for title in titles(page)] == expected


@pytest.mark.usefixtures("shelf")
async def test_a_category_has_what_it_is_not_the_first_of(browse: Browse) -> None:
    listed = {each.name: each for each in await browse.categories(OWNER, kind="movies")}
    assert [(each.name, each.items) for each in listed.values()] == [("Classics", 2), ("Silent", 2)]
    page = await browse.page(OWNER, "movies", asked(category=listed["Silent"].id))
    assert (titles(page), page.total) == (["Metropolis", "The General"], 2)
    assert await browse.categories(OWNER, kind="series") == ()


@pytest.mark.usefixtures("shelf")
async def test_totals_are_told_where_they_are_counted(browse: Browse) -> None:
    async def total(**values: object) -> int | None:
        return (await browse.page(OWNER, "movies", asked(**values))).total

    assert (await total(), await total(genre="Drama"), await total(year=1926)) == (4, 2, 1)
    assert await total(language="German") == await total(year_to=1926) == 2
    assert await total(genre="Drama", year=1926) is None
    assert await total(favourites=True) is None


async def test_an_item_is_shown_as_the_provider_has_it(browse: Browse, shelf: list[str]) -> None:
    (item,) = (await browse.page(OWNER, "movies", asked(year=1927))).items
    assert (item.id, item.kind, item.account_id) == (shelf[0], "movies", "one")
    assert (item.listed_as, item.category, item.rating) == ("EN - Metropolis", "Classics", 8.3)
    assert (item.language, item.genres) == ("German", ("Drama", "Science Fiction"))
    assert (item.imdb_id, item.added_at) == ("tt0017136", datetime.fromtimestamp(300, UTC))


async def test_pages_go_on_where_they_ended_while_rows_come_and_go(browse: Browse, filler: Filler) -> None:
    provider = await filler.provider(OWNER, "one")
    ids = await filler.put(
        provider, "movies", *(Row(title=f"Film {number:02}", added=number) for number in range(20))
    )
    first = await browse.page(OWNER, "movies", asked(limit=5))
    await filler.put(provider, "movies", Row(title="Film 00 again"), Row(title="Film 07 again"))
    await filler.remove(ids[4])
    await filler.remove(ids[5])
    second = await browse.page(OWNER, "movies", asked(limit=5, cursor=first.next_cursor))
    assert titles(second) == ["Film 06", "Film 07", "Film 07 again", "Film 08", "Film 09"]


@pytest.mark.usefixtures("shelf")
async def test_a_cursor_goes_on_with_its_own_question_alone(browse: Browse) -> None:
    page = await browse.page(OWNER, "movies", asked(limit=2, language="German", sort="-year"))
    assert page.next_cursor is None
    page = await browse.page(OWNER, "movies", asked(limit=1, language="German", sort="-year"))
    cursor = page.next_cursor
    assert cursor is not None
    # How many are wanted isn't part of the question.
    assert await found(browse, limit=9, language="German", sort="-year", cursor=cursor) == ["Nosferatu"]
    others = (
        asked(language="German", sort="year", cursor=cursor),
        asked(language="English", sort="-year", cursor=cursor),
        asked(language="German", sort="-year", cursor=cursor[:-2]),
        asked(language="German", sort="-year", cursor="not one of ours"),
        asked(language="German", sort="-year", cursor="é"),
    )
    for other in others:
        with pytest.raises(InvalidInput):
            await browse.page(OWNER, "movies", other)
    with pytest.raises(InvalidInput):
        await browse.page(OWNER, "series", asked(language="German", sort="-year", cursor=cursor))


async def test_a_cursor_of_the_longest_title_is_taken_back(browse: Browse, filler: Filler) -> None:
    long = [Row(title="長" * 300 + mark) for mark in "ab"]
    await filler.put(await filler.provider(OWNER, "one"), "movies", *long)
    first = await browse.page(OWNER, "movies", asked(limit=1))
    limit = 2000
    assert first.next_cursor is not None
    assert len(first.next_cursor) <= limit
    assert len((await browse.page(OWNER, "movies", asked(limit=1, cursor=first.next_cursor))).items) == 1


async def test_accounts_are_listed_as_one_and_by_themselves(browse: Browse, filler: Filler) -> None:
    for name, number in (("one", 0), ("two", 1)):
        provider = await filler.provider(OWNER, name)
        rows = [Row(title=f"Film {each:02}", year=1900 + each) for each in range(number, 12, 2)]
        await filler.put(provider, "movies", *rows, Row(title=f"Undated {name}"))
    expected = [f"Film {each:02}" for each in range(12)]
    undated = ["Undated one", "Undated two"]
    for sort, films in (("title", [*expected, *undated]), ("-year", [*expected[::-1], *undated[::-1]])):
        pages = await every_page(browse, asked(sort=sort, limit=5))
        assert [title for page in pages for title in titles(page)] == films
    assert await found(browse, account="two") == [*expected[1::2], "Undated two"]
    assert (await browse.page(OWNER, "movies", QUERY, skip=10)).items[0].title == "Film 10"


async def test_nobody_is_listed_what_is_another_profiles(
    browse: Browse, read: Reading, filler: Filler, shelf: list[str]
) -> None:
    await read.choices.put(OWNER, "favourite", shelf[0])
    (silent, *_) = await browse.categories(OWNER)
    for other in OTHERS:
        await filler.put(await filler.provider(other, other.profile_id + other.account_id), "movies", GENERAL)
        assert await found(browse, other) == ["The General"]
        assert await found(browse, other, account="one") == []
        assert await found(browse, other, category=silent.id) == []
        assert await found(browse, other, favourites=True) == []
        assert [each.items for each in await browse.categories(other)] == [1]
        assert await browse.views(other, await browse.providers(other), [number_in(shelf[0])]) == ()
        theirs: tuple[tuple[Choice, str], ...] = (("favourite", shelf[0]), ("hidden", silent.id))
        for choice, public in theirs:
            with pytest.raises(ItemNotFound):
                await read.choices.put(other, choice, public)
            await read.choices.take_back(other, choice, public)
    assert await found(browse, favourites=True) == ["Metropolis"]


async def test_favourites_are_a_profiles_own_and_can_be_filtered(
    browse: Browse, read: Reading, shelf: list[str]
) -> None:
    for public in (shelf[0], shelf[2], shelf[3]):
        await read.choices.put(OWNER, "favourite", public)
        await read.choices.put(OWNER, "favourite", public)
    silent = (await browse.categories(OWNER))[1]
    assert await found(browse, favourites=True, sort="-year") == ["Metropolis", "The General", "Ärger"]
    assert await found(browse, favourites=True, category=silent.id) == ["Metropolis", "The General"]
    assert await found(browse, favourites=True, genre="Comedy") == ["The General"]
    pages = await every_page(browse, asked(favourites=True, sort="rating", limit=1))
    assert [t for page in pages for t in titles(page)] == ["Ärger", "Metropolis", "The General"]
    assert {
        item.title for item in (await browse.page(OWNER, "movies", QUERY)).items if item.is_favourite
    } == {
        "Metropolis",
        "The General",
        "Ärger",
    }
    await read.choices.take_back(OWNER, "favourite", shelf[0])
    assert await found(browse, favourites=True) == ["Ärger", "The General"]


@pytest.mark.usefixtures("shelf")
async def test_what_is_only_in_hidden_categories_is_left_out_for_players(
    browse: Browse, read: Reading
) -> None:
    classics, silent = await browse.categories(OWNER)
    await read.choices.put(OWNER, "hidden", classics.id)

    async def shown(**values: object) -> list[str]:
        return titles(await browse.page(OWNER, "movies", asked(**values), hidden=False))

    for values in ({}, {"year_from": 1900}, {"rating_from": 1.0}):
        assert "Nosferatu" not in await shown(**values)
    assert await shown() == ["Ärger", "Metropolis", "The General"]
    assert await shown(category=classics.id) == []
    assert await shown(category=silent.id) == ["Metropolis", "The General"]
    assert await found(browse) == ["Ärger", "Metropolis", "Nosferatu", "The General"]
    assert [each.is_hidden for each in await browse.categories(OWNER)] == [True, False]
    assert [each.name for each in await browse.categories(OWNER, hidden=False)] == ["Silent"]
    await read.choices.take_back(OWNER, "hidden", classics.id)
    assert "Nosferatu" in await shown()


async def test_what_lists_are_filtered_by_is_told_most_frequent_first(
    browse: Browse, filler: Filler, shelf: list[str]
) -> None:
    other = await filler.provider(OWNER, "two")
    await filler.put(other, "series", Row(title="Salt", genres=("Western",), language="English"))
    found = await browse.facets(OWNER, kind="movies")
    assert [(facet.name, facet.items) for facet in found.genres] == [
        ("Drama", 2),
        ("Comedy", 1),
        ("Horror", 1),
        ("Science Fiction", 1),
    ]
    assert [(facet.name, facet.items) for facet in found.languages] == [("German", 2), ("English", 1)]
    both = await browse.facets(OWNER)
    assert [(facet.name, facet.items) for facet in both.languages] == [("English", 2), ("German", 2)]
    assert [facet.name for facet in (await browse.facets(OWNER, account="two")).genres] == ["Western"]


@pytest.mark.parametrize("other", OTHERS)
async def test_nobody_else_is_told_of_genres(browse: Browse, shelf: list[str], other: Owner) -> None:
    found = await browse.facets(other)
    assert (found.genres, found.languages) == ((), ())
