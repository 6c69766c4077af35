"""The library over REST: what is asked, what is refused, and that nobody sees another profile's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from libs.common.clock import SystemClock
from libs.common.db import open_database
from libs.common.identity import Identity
from services.catalog.library_model import number_of
from services.catalog.model import Owner
from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, OWNER, Catalog, running_catalog
from tests.catalog.library.filled import Filler, Row
from tests.fakes.clock import ManualClock
from tests.tables import put_tables

NOW = 1_800_000_000
LIBRARY = "/api/v1/library"


@dataclass
class Shelf:
    """A running catalog, and the ids of what is in it."""

    catalog: Catalog
    channel: str
    radio: str
    movie: str
    version: str
    series: str
    category: str


@pytest.fixture
async def shelf(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Shelf]:
    put_tables("catalog", tmp_path / "catalog.db")
    database = await open_database(f"sqlite:///{tmp_path}/catalog.db", schema="catalog", clock=SystemClock())
    filler = Filler(database)
    provider = await filler.provider(Owner(OWNER.account_id, OWNER.profile_id), "one")
    channel, radio = await filler.put(
        provider,
        "channels",
        Row(title="News", guide_id="news", categories=("All",), more={"number": 7, "archive_days": 3}),
        Row(title="Radio", more={"is_radio": True}),
    )
    movie, version = await filler.put(
        provider,
        "movies",
        Row(title="Metropolis", year=1927, more={"plot": "A city.", "duration_s": 9000}),
        Row(title="Metropolis", year=1927, language="French"),
    )
    await filler.put(provider, "movies", Row(title="Metropolis", year=2001))
    (series,) = await filler.put(provider, "series", Row(title="Fargo"))
    await filler.guide(provider, "news", (NOW - 60, NOW + 60, "Now"), (NOW + 60, NOW + 3600, "Next"))
    row = await database.fetch_one("SELECT id FROM library_categories")
    assert row is not None
    await database.insert_rows(
        "library_episodes",
        ("id", "provider", "series", "season", "number", "panel_id", "hash", "title", "added"),
        [
            (900 + each, provider, number_of(series), 1, each // 2, each, each, f"E{each}", 0)
            for each in range(3)
        ],
    )
    await database.aclose()
    async with running_catalog(tmp_path, clock=clock) as catalog:
        yield Shelf(catalog, channel, radio, movie, version, series, f"hg:{row['id']}")


async def test_channels_are_listed_with_what_is_on(shelf: Shelf) -> None:
    news, radio = (await shelf.catalog.get(f"{LIBRARY}/channels"))["items"]
    assert (news["now"]["title"], news["next"]["title"]) == ("Now", "Next")
    assert (news["number"], news["archive_days"], news["guide_id"]) == (7, 3, "news")
    assert radio["is_radio"]
    assert "now" not in radio


async def test_a_channel_is_told_with_its_programmes(shelf: Shelf) -> None:
    told = await shelf.catalog.get(f"{LIBRARY}/channels/{shelf.channel}")
    assert [each["title"] for each in told["programmes"]] == ["Now", "Next"]
    assert told["item"]["now"]["title"] == "Now"


async def test_a_guide_is_of_the_channels_and_the_time_that_are_asked_for(shelf: Shelf) -> None:
    async def shown(query: str) -> list[list[str]]:
        guide = await shelf.catalog.get(f"{LIBRARY}/guide?channels={query}")
        return [[each["title"] for each in channel["programmes"]] for channel in guide["items"]]

    assert await shown(f"{shelf.radio},{shelf.channel}") == [[], ["Now", "Next"]]
    assert await shown(f"{shelf.channel},hg:99999,{shelf.movie},x") == [["Now", "Next"]]
    assert await shown(f"{shelf.channel}&from=2027-01-15T08:01:00Z") == [["Next"]]
    assert await shown(f"{shelf.channel}&to=2027-01-15T08:01:00Z") == [["Now"]]
    for wrong in ("", f"{shelf.channel}&from=2027-01-15T08:00:00Z&to=2027-01-15T07:00:00Z", "hg:1&to=never"):
        problem = await shelf.catalog.problem("GET", f"{LIBRARY}/guide?channels={wrong}")
        assert problem == (422, "invalid_input")


async def test_a_film_is_told_with_what_its_list_says_and_its_versions(shelf: Shelf) -> None:
    told = await shelf.catalog.get(f"{LIBRARY}/movies/{shelf.movie}")
    assert told["details"] == {"plot": "A city.", "duration_s": 9000}
    assert [each["id"] for each in told["versions"]] == [shelf.version]


async def test_a_series_is_listed_with_how_much_of_it_is_held(shelf: Shelf) -> None:
    (fargo,) = (await shelf.catalog.get(f"{LIBRARY}/series"))["items"]
    assert (fargo["seasons"], fargo["episodes"]) == (1, 2)


async def test_lists_are_filtered_and_gone_on_with(shelf: Shelf) -> None:
    page = await shelf.catalog.get(f"{LIBRARY}/movies?year=1927&sort=-year&limit=1")
    assert page["total"] == 2
    path = f"{LIBRARY}/movies?year=1927&sort=-year&limit=1&cursor={page['next_cursor']}"
    rest = await shelf.catalog.get(path)
    assert {page["items"][0]["id"], rest["items"][0]["id"]} == {shelf.movie, shelf.version}
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    "query",
    [
        "sort=name",
        "limit=0",
        "limit=201",
        "year=12",
        "rating_from=11",
        "rating_from=nan",
        "added_since=yesterday",
        "favourites=perhaps",
        "cursor=1",
        f"cursor={'a' * 3000}",
    ],
)
async def test_what_makes_no_sense_is_refused(shelf: Shelf, query: str) -> None:
    assert await shelf.catalog.problem("GET", f"{LIBRARY}/movies?{query}") == (422, "invalid_input")


@pytest.mark.parametrize("query", ["q=", f"q={'x' * 201}", "q=x&kinds=films", "q=x&limit=0", "q=a%00b"])
async def test_what_makes_no_search_is_refused_or_finds_nothing(shelf: Shelf, query: str) -> None:
    answer = await shelf.catalog.send("GET", f"{LIBRARY}/search?{query}")
    assert answer.status in (200, 422), answer.body


async def test_search_finds_titles_and_programmes(shelf: Shelf) -> None:
    found = await shelf.catalog.get(f"{LIBRARY}/search?q=metropolis")
    assert [each["title"] for each in found["items"]] == ["Metropolis"] * 3
    found = await shelf.catalog.get(f"{LIBRARY}/search?q=next&kinds=channels")
    assert [each["channel"]["id"] for each in found["programmes"]] == [shelf.channel]


async def test_favourites_and_hidden_categories_are_put_and_taken_back(shelf: Shelf) -> None:
    catalog = shelf.catalog
    for path, listed in (
        (f"favourites/{shelf.movie}", "movies?favourites=true"),
        (f"categories/{shelf.category}/hidden", ""),
    ):
        for method, count in (("PUT", 1), ("PUT", 1), ("DELETE", 0), ("DELETE", 0)):
            assert (await catalog.send(method, f"{LIBRARY}/{path}")).status == 204
            if listed:
                assert len((await catalog.get(f"{LIBRARY}/{listed}"))["items"]) == count
            else:
                (category,) = (await catalog.get(f"{LIBRARY}/categories?kind=channels"))["items"]
                assert category["is_hidden"] == bool(count)
    for wrong in ("favourites/hg:99999", "favourites/x", "categories/hg:99999/hidden"):
        assert await catalog.problem("PUT", f"{LIBRARY}/{wrong}") == (404, "library_item_not_found")


@pytest.mark.parametrize("identity", [OTHER_PROFILE, OTHER_ACCOUNT])
async def test_nobody_else_sees_any_of_it(shelf: Shelf, identity: Identity) -> None:
    for path in (
        "channels",
        "movies",
        "series",
        "movies?account=one",
        f"channels?category={shelf.category}",
        "categories",
        "categories?account=one",
        f"guide?channels={shelf.channel}",
        "search?q=metropolis",
        "search?q=metropolis&account=one",
        "search?q=next",
    ):
        answer = await shelf.catalog.get(f"{LIBRARY}/{path}", identity=identity)
        assert answer["items"] == [], path
        assert answer.get("programmes", []) == [], path
    for method, path in (
        ("GET", f"channels/{shelf.channel}"),
        ("GET", f"movies/{shelf.movie}"),
        ("GET", f"series/{shelf.series}"),
        ("PUT", f"favourites/{shelf.movie}"),
        ("PUT", f"categories/{shelf.category}/hidden"),
    ):
        answer = await shelf.catalog.send(method, f"{LIBRARY}/{path}", identity=identity)
        assert answer.status == 404, path
    assert await shelf.catalog.problem("GET", f"{LIBRARY}/movies/{shelf.series}") == (
        404,
        "library_item_not_found",
    )
