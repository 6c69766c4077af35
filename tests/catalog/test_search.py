"""Search over many addons: every title once, whatever id and name each addon gives it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, OWNER, Catalog
from tests.fakes.addon import FakeAddon, manifest
from tests.fakes.addon import catalog as row_of

Json = dict[str, Any]

MATRIX: Json = {"id": "tt0133093", "type": "movie", "name": "The Matrix", "releaseInfo": "1999"}
MATRIX_BY_NUMBER: Json = {"id": "tmdb:603", "type": "movie", "name": "Matrix", "imdb_id": "tt0133093"}
MATRIX_BY_NAME: Json = {"id": "own:7", "type": "movie", "name": "EN - THE MATRIX (1999) [4K]"}
SEQUEL: Json = {"id": "own:8", "type": "movie", "name": "The Matrix 2", "releaseInfo": "2000"}
REMAKE: Json = {"id": "own:9", "type": "movie", "name": "The Matrix", "releaseInfo": "2031"}
SERIES: Json = {"id": "tt0106062", "type": "series", "name": "The Matrix", "releaseInfo": "1999"}


async def having(catalog: Catalog, stack: AsyncExitStack, **found: list[Json]) -> list[FakeAddon]:
    """One addon for each list of what it finds, in this order; each has a row for every type it finds."""
    addons = []
    for name, items in found.items():
        types = dict.fromkeys(item["type"] for item in items)
        rows = [
            row_of(f"found-{type_}", type_, extra=[{"name": "search", "isRequired": True}]) for type_ in types
        ]
        addon = FakeAddon(
            manifest=manifest(f"org.{name}", catalogs=rows, idPrefixes=["tt", "tmdb:", "own:"]),
            catalogs={f"found-{type_}": [item for item in items if item["type"] == type_] for type_ in types},
        )
        await stack.enter_async_context(addon)
        await catalog.add(addon.manifest_url)
        addons.append(addon)
    return addons


async def shown(catalog: Catalog, query: str = "matrix") -> tuple[list[list[str]], list[list[str]]]:
    """The ids in each group, and the ids of every title that several entries are."""
    found = await catalog.get(f"/api/v1/search?q={query}")
    groups = [[item["id"] for item in group["items"]] for group in found["groups"]]
    return groups, [[entry["id"] for entry in title["entries"]] for title in found["together"]]


async def test_one_film_of_three_addons_is_shown_once(catalog: Catalog) -> None:
    async with AsyncExitStack() as stack:
        await having(catalog, stack, one=[MATRIX], two=[MATRIX_BY_NUMBER], three=[MATRIX_BY_NAME])
        groups, together = await shown(catalog)
    assert groups == [["tt0133093"]]
    assert together == [["tt0133093", "tmdb:603", "own:7"]]


async def test_what_is_not_shown_is_named_with_where_it_is(catalog: Catalog) -> None:
    async with AsyncExitStack() as stack:
        await having(catalog, stack, one=[MATRIX], two=[MATRIX_BY_NAME])
        (title,) = (await catalog.get("/api/v1/search?q=matrix"))["together"]
    assert (title["title_id"], title["type"]) == ("tt0133093", "movie")
    assert [(entry["addon_name"], entry["shown"]) for entry in title["entries"]] == [
        ("One", True),
        ("Two", False),
    ]
    assert title["entries"][1]["name"] == "EN - THE MATRIX (1999) [4K]"


async def test_sequels_remakes_and_series_stay(catalog: Catalog) -> None:
    async with AsyncExitStack() as stack:
        await having(catalog, stack, one=[MATRIX], two=[SEQUEL, REMAKE, SERIES])
        assert await shown(catalog) == ([["tt0133093"], ["own:8", "own:9"], ["tt0106062"]], [])


async def test_what_one_addon_lists_side_by_side_stays_side_by_side(catalog: Catalog) -> None:
    """A provider has a film in two languages, and each has streams of its own."""
    other_language = MATRIX_BY_NAME | {"id": "own:10", "name": "FR - THE MATRIX (1999)"}
    async with AsyncExitStack() as stack:
        await having(catalog, stack, one=[MATRIX_BY_NAME, other_language], two=[MATRIX])
        groups, together = await shown(catalog)
    assert groups == [["own:7", "own:10"]]
    assert together == [["own:7", "own:10", "tt0133093"]]


async def test_an_item_an_addon_repeats_is_shown_once(catalog: Catalog) -> None:
    async with AsyncExitStack() as stack:
        await having(catalog, stack, one=[MATRIX, MATRIX], two=[MATRIX])
        assert await shown(catalog) == ([["tt0133093"]], [["tt0133093", "tt0133093"]])


async def test_many_results_are_put_together_too(catalog: Catalog) -> None:
    def film(number: int, id_: str) -> Json:
        return {"id": id_, "type": "movie", "name": f"Matrix of {number:b}", "releaseInfo": "1999"}

    by_imdb = [film(number, f"tt{number:07}") for number in range(2, 90)]
    async with AsyncExitStack() as stack:
        names = ("one", "two", "three", "four")
        await having(
            catalog,
            stack,
            first=by_imdb,
            **{name: [film(n, f"own:{name}{n}") for n in range(2, 90)] for name in names},
        )
        groups, together = await shown(catalog)
    assert groups == [[item["id"] for item in by_imdb]]
    assert {len(ids) for ids in together} == {5}


async def test_an_addon_that_fails_leaves_the_rest_put_together(catalog: Catalog) -> None:
    async with AsyncExitStack() as stack:
        one, _, _ = await having(catalog, stack, one=[SEQUEL], two=[MATRIX], three=[MATRIX_BY_NUMBER])
        one.on("catalog", status=500)
        found = await catalog.client.search(OWNER, "matrix", deadline=catalog.deadline)
    assert [len(group.items) for group in found.groups] == [1]
    assert [problem.addon_name for problem in found.problems] == ["One"]


async def test_why_entries_are_one_title(catalog: Catalog) -> None:
    async with AsyncExitStack() as stack:
        await having(catalog, stack, one=[MATRIX], two=[MATRIX_BY_NUMBER], three=[MATRIX_BY_NAME])
        why = await catalog.get("/api/v1/search/why?q=matrix&type=movie&id=own:7")
    assert (why["title_id"], [entry["id"] for entry in why["entries"]]) == (
        "tt0133093",
        ["tt0133093", "tmdb:603", "own:7"],
    )
    by_rule = {link["rule"]: link for link in why["together"]}
    assert set(by_rule) == {"ids", "name"}
    assert {"what": "imdb", "one": "tt0133093", "other": "tt0133093", "says": "same"} in by_rule["ids"][
        "facts"
    ]
    assert {"what": "name", "one": "matrix", "other": "matrix", "says": "same"} in by_rule["name"]["facts"]
    assert by_rule["name"]["detail"].startswith("They have the same name and year")
    assert why["apart"] == []


async def test_why_a_namesake_is_something_else(catalog: Catalog) -> None:
    async with AsyncExitStack() as stack:
        await having(catalog, stack, one=[MATRIX], two=[SEQUEL, REMAKE, SERIES])
        why = await catalog.get("/api/v1/search/why?q=matrix&type=movie&id=tt0133093")
        asked = await catalog.get("/api/v1/search/why?q=matrix&type=movie&id=tt0133093&other=own:8")
    assert [(link["other"], link["rule"], link["same"]) for link in why["apart"]] == [
        ("own:9", "other_year", False)
    ]
    assert ("own:8", "other_part") in [(link["other"], link["rule"]) for link in asked["apart"]]


async def test_why_of_what_is_not_found_is_404(catalog: Catalog) -> None:
    async with AsyncExitStack() as stack:
        await having(catalog, stack, one=[MATRIX])
        path = "/api/v1/search/why?q=matrix&type=movie&id="
        assert await catalog.problem("GET", f"{path}tt9") == (404, "not_found_by_search")
        assert await catalog.problem("GET", path) == (422, "invalid_input")


CHOICE = "/api/v1/titles/movie/tt0133093/choices/own:7"


async def test_an_owner_keeps_apart_what_was_put_together_and_takes_it_back(catalog: Catalog) -> None:
    async with AsyncExitStack() as stack:
        await having(catalog, stack, one=[MATRIX], two=[MATRIX_BY_NAME])
        said = await catalog.send("PUT", CHOICE, {"same": False})
        assert said.status == 200
        assert await shown(catalog) == ([["tt0133093"], ["own:7"]], [])
        why = await catalog.get("/api/v1/search/why?q=matrix&type=movie&id=own:7")
        assert [(link["other"], link["rule"]) for link in why["apart"]] == [("tt0133093", "chosen")]

        assert (await catalog.send("DELETE", CHOICE)).status == 204
        assert (await shown(catalog))[0] == [["tt0133093"]]
        assert await catalog.problem("DELETE", CHOICE) == (404, "title_choice_not_found")


async def test_an_owner_puts_together_what_looked_different(catalog: Catalog) -> None:
    async with AsyncExitStack() as stack:
        await having(catalog, stack, one=[MATRIX], two=[REMAKE])
        assert (await catalog.send("PUT", CHOICE.replace("own:7", "own:9"), {"same": True})).status == 200
        assert await shown(catalog) == ([["tt0133093"]], [["tt0133093", "own:9"]])
        listed = await catalog.get("/api/v1/titles/choices")
    assert [(one["type"], one["one"], one["other"], one["same"]) for one in listed["items"]] == [
        ("movie", "own:9", "tt0133093", True)
    ]


async def test_what_one_profile_says_changes_nothing_for_another(catalog: Catalog) -> None:
    async with AsyncExitStack() as stack:
        addons = await having(catalog, stack, one=[MATRIX], two=[MATRIX_BY_NAME])
        for identity in (OTHER_PROFILE, OTHER_ACCOUNT):
            for addon in addons:
                await catalog.add(addon.manifest_url, identity=identity)
            await catalog.send("PUT", CHOICE, {"same": False}, identity=identity)
        assert (await shown(catalog))[0] == [["tt0133093"]]
        assert (await catalog.get("/api/v1/titles/choices"))["items"] == []
        other = await catalog.get("/api/v1/search?q=matrix", identity=OTHER_PROFILE)
    assert len(other["groups"]) == 2


async def test_an_entry_is_itself_and_ids_have_an_end(catalog: Catalog) -> None:
    itself = CHOICE.replace("own:7", "tt0133093")
    assert await catalog.problem("PUT", itself, {"same": False}) == (409, "one_entry")
    assert await catalog.problem("DELETE", itself) == (404, "title_choice_not_found")
    assert await catalog.problem("PUT", CHOICE + "x" * 500, {"same": False}) == (422, "invalid_input")
    assert await catalog.problem("PUT", CHOICE, {"same": "yes"}) == (422, "invalid_input")
