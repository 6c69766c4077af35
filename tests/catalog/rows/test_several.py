"""Pages of a merged row: stable, by 100, no title twice, whatever the members do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.common.contracts.rows import MergeMode
from tests.catalog.hub import Catalog, running_catalog
from tests.fakes.addon import FakeAddon, film, films, manifest
from tests.fakes.addon import catalog as row_of
from tests.fakes.clock import ManualClock

Films = list[dict[str, Any]]


@pytest.fixture
async def timed(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Catalog]:
    async with running_catalog(tmp_path, clock=clock) as running:
        yield running


@asynccontextmanager
async def merged(
    catalog: Catalog,
    *lists: Films,
    sizes: tuple[int, ...] = (),
    mode: MergeMode = "interleaved",
    **extra: Any,
) -> AsyncIterator[tuple[str, list[FakeAddon]]]:
    """Where the merged row of an addon per list is asked for, and the addons."""
    async with AsyncExitStack() as stack:
        addons = []
        rows = []
        for number, items in enumerate(lists):
            shown = manifest(f"org.n{number}", catalogs=[row_of("top", **extra)])
            size = sizes[number] if sizes else 100
            fake = FakeAddon(manifest=shown, catalogs={"top": items}, page_size=size)
            addons.append(await stack.enter_async_context(fake))
            await catalog.add(fake.manifest_url)
            rows.append({"type": "movie", "id": (await catalog.get("/api/v1/manifest"))["rows"][-1]["id"]})
        body = {"name": "All", "rows": rows, "mode": mode}
        answer = await catalog.send("POST", "/api/v1/catalogs", body)
        assert answer.status == 201, answer.body
        yield f"catalog/movie/{msgspec.json.decode(answer.body)['id']}", addons


async def pages(catalog: Catalog, row: str, *, upto: int = 20) -> list[list[str]]:
    """Page after page as players ask, to the first that is not full."""
    found: list[list[str]] = []
    while len(found) < upto and (not found or len(found[-1]) == 100):
        found.append(await catalog.items(f"{row}/skip={100 * len(found)}.json"))
    return found


def ids(*numbers: int) -> list[str]:
    return [str(film(number)["id"]) for number in numbers]


@pytest.mark.parametrize("mode", ["sequential", "interleaved", "by_rating", "by_date"])
@pytest.mark.parametrize("sizes", [(100, 100, 100), (20, 50, 100), (12, 1000, 33)])
async def test_every_title_comes_once_in_pages_of_100(
    catalog: Catalog, mode: MergeMode, sizes: tuple[int, ...]
) -> None:
    rated = [film(n, imdbRating=f"{n % 90 / 10:.1f}", releaseInfo=str(1950 + n % 70)) for n in range(1, 700)]
    lists = rated[:250], rated[200:330], rated[300:640]
    async with merged(catalog, *lists, sizes=sizes, mode=mode) as (row, _):
        found = await pages(catalog, row)
    assert [len(page) for page in found] == [100, 100, 100, 100, 100, 100, 40]
    everything = [id_ for page in found for id_ in page]
    assert sorted(everything) == [item["id"] for item in rated[:640]]


async def test_a_page_asked_for_by_itself_is_the_one_of_a_scroll(catalog: Catalog) -> None:
    async with merged(catalog, films(400), films(400, start=300), sizes=(20, 50)) as (row, _):
        alone = await catalog.items(f"{row}/skip=300.json")
        assert (await pages(catalog, row))[3] == alone


async def test_sequential_rows_follow_one_another_and_the_later_ones_are_not_asked(catalog: Catalog) -> None:
    async with merged(catalog, films(150), films(60, start=101), mode="sequential") as (row, addons):
        assert await catalog.items(f"{row}.json") == ids(*range(1, 101))
        assert addons[1].calls["catalog"] == 0
        assert await catalog.items(f"{row}/skip=100.json") == ids(*range(101, 161))


async def test_titles_that_are_the_same_by_name_come_once(catalog: Catalog) -> None:
    mine = [film(1, name="Metropolis", releaseInfo="1927", id="tmdb:19"), film(2)]
    theirs = [film(3), film(4, name="Metropolis (1927)")]
    async with merged(catalog, mine, theirs) as (row, _):
        assert await catalog.items(f"{row}.json") == ["tmdb:19", *ids(3, 2)]


async def test_what_comes_late_neither_hides_nor_moves_what_was_shown(catalog: Catalog) -> None:
    """Two entries known by different ids are one title by a third, three pages further down."""
    both = film(0, id="own:1", name="A Trip", tmdb_id=775, imdb_id="tt0000417")
    mine = [film(0, id="tmdb:775", name="Le Voyage"), *films(180, start=1001), both]
    theirs = [film(0, id="tt0000417", name="Something else"), *films(180, start=2001)]
    async with merged(catalog, mine, theirs) as (row, _):
        found = [id_ for page in await pages(catalog, row) for id_ in page]
    assert found[:2] == ["tmdb:775", "tt0000417"]
    assert sorted(found[2:]) == ids(*range(1001, 1181), *range(2001, 2181))


async def test_an_addon_that_lists_a_title_twice_means_two(catalog: Catalog) -> None:
    mine = [film(1, name="Metropolis", releaseInfo="1927"), film(2, id="own:2", imdb_id="tt0000001")]
    theirs = [film(3, id="own:3", imdb_id="tt0000001")]
    async with merged(catalog, mine, theirs) as (row, _):
        assert await catalog.items(f"{row}.json") == ["tt0000001", "own:2"]


async def test_the_best_of_all_come_first_on_the_first_page(catalog: Catalog) -> None:
    one = [film(n, imdbRating=f"{n / 20:.1f}") for n in range(1, 101)]
    other = [film(n, imdbRating=f"{(n - 100) / 20:.1f}") for n in range(101, 201)]
    async with merged(catalog, one, other, mode="by_rating") as (row, _):
        first, second = (await pages(catalog, row))[:2]
    assert first[:4] == ids(99, 100, 199, 200) or set(first[:4]) == set(ids(99, 100, 199, 200))
    assert not set(first) & set(second)
    assert set(ids(*range(60, 101), *range(160, 201))) <= set(first)


async def test_a_failing_member_leaves_a_partial_page_and_comes_later_without_repeats(
    timed: Catalog, clock: ManualClock
) -> None:
    catalog = timed
    async with merged(catalog, films(150), films(250, start=1001), films(150, start=2001)) as (row, addons):
        addons[0].on("catalog", status=500)
        first = await catalog.ask(f"{row}.json")
        shown = [item["id"] for item in msgspec.json.decode(first.body)["metas"]]
        assert first.headers["X-Headgate-Cache"] == "partial"
        assert first.headers["X-Headgate-Partial"]
        assert "max-age=10" in first.headers["Cache-Control"]
        assert len(shown) == 100

        addons[0].heal()
        clock.advance(60)
        everything = shown + [
            id_ for skip in range(100, 600, 100) for id_ in await catalog.items(f"{row}/skip={skip}.json")
        ]
    assert len(set(everything)) == len(everything)
    assert set(everything) == set(ids(*range(1, 151), *range(1001, 1251), *range(2001, 2151)))


async def test_who_begins_anew_has_the_row_without_the_gap(timed: Catalog, clock: ManualClock) -> None:
    async with merged(timed, films(150), films(250, start=1001)) as (row, addons):
        addons[0].on("catalog", status=500)
        assert (await timed.items(f"{row}.json"))[:2] == ids(1001, 1002)
        addons[0].heal()
        clock.advance(60)
        assert [len(page) for page in await pages(timed, row)] == [100, 100, 100, 100, 0]
        assert (await timed.items(f"{row}.json"))[:2] == ids(1, 1001)


async def test_a_row_whose_members_all_fail_is_an_error(catalog: Catalog) -> None:
    async with merged(catalog, films(3), films(3, start=10)) as (row, addons):
        for addon in addons:
            addon.on("catalog", status=500)
        assert (await catalog.ask(f"{row}.json")).status == 502


async def test_only_members_that_take_an_extra_are_asked_it(catalog: Catalog) -> None:
    genre: dict[str, Any] = {"name": "genre", "options": ["Drama"]}
    drama, other = [film(1, genres=["Drama"]), film(2)], films(2, start=10)
    async with AsyncExitStack() as stack:
        rows = []
        for items, row in ((drama, row_of("top", extra=["skip", genre])), (other, row_of("top"))):
            shown = manifest(catalogs=[row])
            addon = await stack.enter_async_context(FakeAddon(manifest=shown, catalogs={"top": items}))
            await catalog.add(addon.manifest_url)
            rows.append({"type": "movie", "id": (await catalog.get("/api/v1/manifest"))["rows"][-1]["id"]})
        answer = await catalog.send("POST", "/api/v1/catalogs", {"name": "All", "rows": rows})
        here = f"catalog/movie/{msgspec.json.decode(answer.body)['id']}"
        assert await catalog.items(f"{here}/genre=Drama.json") == ids(1)
        assert (await catalog.ask(f"{here}/genre=Horror.json")).status == 404
        assert (await catalog.ask(f"{here}/year=1999.json")).status == 404
        assert (await catalog.ask(f"{here}/skip=x.json")).status == 422


async def test_a_catalog_without_end_ends_here(catalog: Catalog) -> None:
    async with merged(catalog, films(5000), films(5000, start=10_000)) as (row, _):
        assert [len(page) for page in await pages(catalog, row, upto=30)] == [100] * 20 + [0]
