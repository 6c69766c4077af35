"""Rows changed by REST: names, order, search, several in one, for one profile and at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from libs.common.contracts.rows import MAX_MERGED, MAX_ORDERED, MAX_POSITION
from services.catalog.rows.settings import MAX_MERGED_ROWS
from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, Catalog
from tests.fakes.addon import FakeAddon, film, films, manifest
from tests.fakes.addon import catalog as row_of

ROWS = "/api/v1/catalogs"


@pytest.fixture
async def addon(catalog: Catalog) -> AsyncIterator[FakeAddon]:
    """Added for the owner and their other profile: four rows of films, one to search, one of series."""
    rows = [
        row_of("top", extra=["skip", "search"]),
        row_of("new"),
        row_of("old"),
        row_of("find", extra=[{"name": "search", "isRequired": True}]),
        row_of("shows", "series"),
    ]
    catalogs: dict[str | tuple[str, str], list[dict[str, Any]]] = {
        "top": films(3),
        "new": [film(2), film(7)],
        "old": films(2, start=20),
        "find": films(1),
        "shows": films(2, "series", start=50),
    }
    async with FakeAddon(manifest=manifest(catalogs=rows), catalogs=catalogs) as addon:
        await catalog.add(addon.manifest_url)
        await catalog.add(addon.manifest_url, identity=OTHER_PROFILE)
        yield addon


async def names(catalog: Catalog, **identity: Any) -> list[str]:
    return [row["name"] for row in (await catalog.manifest(**identity))["catalogs"]]


async def path(catalog: Catalog, name: str) -> str:
    type_, row_id = (await catalog.row(name)).split("/")
    return f"{ROWS}/{row_id}?type={type_}"


async def named(catalog: Catalog, *wanted: str) -> list[dict[str, str]]:
    found = [(await catalog.row(name)).split("/") for name in wanted]
    return [{"type": type_, "id": row_id} for type_, row_id in found]


async def merged(catalog: Catalog, *wanted: str, **members: Any) -> Any:
    body = {"name": "Both", "rows": await named(catalog, *wanted), **members}
    answer = await catalog.send("POST", ROWS, body)
    assert answer.status == 201, answer.body
    return msgspec.json.decode(answer.body)


async def test_a_row_is_renamed_and_back(catalog: Catalog, addon: FakeAddon) -> None:
    here = await path(catalog, "Top")
    await catalog.send("PATCH", here, {"name": "  Tonight\u202e "})
    assert await names(catalog) == ["Tonight", "New", "Old", "Find", "Shows"]
    assert (
        await catalog.row("Tonight")
        == here.partition("type=")[2] + "/" + here[len(ROWS) + 1 :].partition("?")[0]
    )
    assert await catalog.problem("PATCH", here, {"name": "x" * 101}) == (422, "invalid_input")
    await catalog.send("PATCH", here, {"name": ""})
    assert (await names(catalog))[0] == "Top"


async def test_a_row_moves_to_a_place(catalog: Catalog, addon: FakeAddon) -> None:
    await catalog.send("PATCH", await path(catalog, "Shows"), {"position": 0})
    await catalog.send("PATCH", await path(catalog, "Top"), {"position": 2})
    assert await names(catalog) == ["Shows", "New", "Top", "Old", "Find"]
    await catalog.send("PATCH", await path(catalog, "Shows"), {"position": 1000})
    assert (await names(catalog))[-1] == "Shows"


@pytest.mark.parametrize("place", [-1, MAX_POSITION + 1, 10**30, "first"])
async def test_a_place_that_is_none_is_refused(catalog: Catalog, addon: FakeAddon, place: object) -> None:
    here = await path(catalog, "Top")
    assert await catalog.problem("PATCH", here, {"position": place}) == (422, "invalid_input")


@pytest.mark.parametrize(
    ("method", "address", "body"),
    [
        ("PUT", "/order", {"rows": [{"type": "movie", "id": "a"}] * (MAX_ORDERED + 1)}),
        ("PUT", "/order", {"rows": [{"type": "x" * 201, "id": "a"}]}),
        ("PUT", "/order", {"rows": [{"type": "movie", "id": "x" * 501}]}),
        ("POST", "", {"name": "x" * 101, "rows": [{"type": "movie", "id": "a"}] * 2}),
        ("POST", "", {"name": "Both", "rows": [{"type": "movie", "id": "a"}] * (MAX_MERGED + 1)}),
        ("POST", "", {"name": "Both", "mode": "by_luck", "rows": [{"type": "movie", "id": "a"}] * 2}),
    ],
)
async def test_nothing_is_taken_beyond_its_limit(
    catalog: Catalog, method: str, address: str, body: dict[str, Any]
) -> None:
    assert await catalog.problem(method, ROWS + address, body) == (422, "invalid_input")


async def test_an_order_names_what_comes_first_and_none_is_the_addons_own(
    catalog: Catalog, addon: FakeAddon
) -> None:
    wanted = await named(catalog, "Old", "Shows")
    assert (await catalog.send("PUT", f"{ROWS}/order", {"rows": wanted})).status == 200
    assert await names(catalog) == ["Old", "Shows", "Top", "New", "Find"]
    for bad in ([*wanted, wanted[0]], [{"type": "movie", "id": "nobody.has"}]):
        refused = await catalog.problem("PUT", f"{ROWS}/order", {"rows": bad})
        assert refused == (422, "order_mismatch")
    assert (await names(catalog))[0] == "Old"
    await catalog.send("PUT", f"{ROWS}/order", {"rows": []})
    assert await names(catalog) == ["Top", "New", "Old", "Find", "Shows"]


async def test_a_row_with_its_search_off_takes_none(catalog: Catalog, addon: FakeAddon) -> None:
    row = await catalog.row("Top")
    await catalog.send("PATCH", await path(catalog, "Top"), {"searchable": False})
    assert (await catalog.ask(f"catalog/{row}/search=film.json")).status == 404
    found = await catalog.get("/api/v1/search?q=film")
    assert [group["row"]["name"] for group in found["groups"]] == ["Find"]
    await catalog.send("PATCH", await path(catalog, "Top"), {"searchable": True})
    assert (await catalog.ask(f"catalog/{row}/search=film.json")).status == 200


async def test_a_row_for_searching_only_is_hidden_instead(catalog: Catalog, addon: FakeAddon) -> None:
    here = await path(catalog, "Find")
    assert await catalog.problem("PATCH", here, {"searchable": False}) == (409, "not_of_this_row")


async def test_another_profile_keeps_its_own_rows(catalog: Catalog, addon: FakeAddon) -> None:
    here = await path(catalog, "Top")
    await catalog.send("PATCH", here, {"name": "Mine", "included": False, "position": 3})
    row = await merged(catalog, "New", "Old")
    plain = ["Top", "New", "Old", "Find", "Shows"]
    assert await names(catalog, identity=OTHER_PROFILE) == plain
    for identity in (OTHER_PROFILE, OTHER_ACCOUNT):
        for method, address, body in (
            ("PATCH", here, {"included": True}),
            ("DELETE", f"{ROWS}/{row['id']}", None),
            ("PUT", f"{ROWS}/order", {"rows": [{"type": "movie", "id": row["id"]}]}),
        ):
            assert (await catalog.send(method, address, body, identity=identity)).status in (404, 422)
    assert await names(catalog) == ["Both", "Find", "Shows"]


async def test_several_rows_are_one_until_it_is_taken_apart(catalog: Catalog, addon: FakeAddon) -> None:
    await catalog.send("PUT", f"{ROWS}/order", {"rows": await named(catalog, "Shows", "Old")})
    row = await merged(catalog, "Top", "Old")
    assert await names(catalog) == ["Shows", "Both", "New", "Find"]
    assert await catalog.items(f"catalog/movie/{row['id']}.json") == [
        item["id"] for item in (film(1), film(20), film(2), film(21), film(3))
    ]
    renamed = {"name": "All of it", "mode": "sequential", "rows": await named(catalog, "New")}
    renamed["rows"] += row["rows"]
    await catalog.send("PATCH", f"{ROWS}/{row['id']}", renamed)
    assert await names(catalog) == ["Shows", "All of it", "Find"]
    listed = await catalog.items(f"catalog/movie/{row['id']}.json")
    assert listed[:3] == [item["id"] for item in (film(2), film(7), film(1))]
    assert (await catalog.send("DELETE", f"{ROWS}/{row['id']}")).status == 204
    assert await names(catalog) == ["Shows", "Old", "Top", "New", "Find"]
    assert (await catalog.ask(f"catalog/movie/{row['id']}.json")).status == 404


async def test_rows_that_can_not_be_one_are_refused(catalog: Catalog, addon: FakeAddon) -> None:
    unnamed = {"name": " ", "rows": await named(catalog, "Top", "New")}
    assert await catalog.problem("POST", ROWS, unnamed) == (422, "invalid_input")
    row = await merged(catalog, "Top", "New")
    old = await named(catalog, "Old")
    both = await named(catalog, "Both")
    member = {"type": "movie", "id": row["rows"][0]["id"]}
    for other in (
        *await named(catalog, "Shows", "Find"),
        *both,
        member,
        old[0],
        {"type": "movie", "id": "nobody.has"},
    ):
        body = {"name": "Odd", "rows": [*old, other]}
        assert await catalog.problem("POST", ROWS, body) == (409, "not_to_merge")
    assert await catalog.problem("POST", ROWS, {"name": "One", "rows": old}) == (422, "invalid_input")
    here = await path(catalog, "Old")
    assert await catalog.problem("DELETE", here) == (409, "not_of_this_row")
    assert await catalog.problem("PATCH", here, {"mode": "by_date"}) == (409, "not_of_this_row")
    assert await catalog.problem("PATCH", f"{ROWS}/{row['id']}", {"name": " "}) == (422, "invalid_input")


async def test_a_merged_row_is_searched_as_one(catalog: Catalog, addon: FakeAddon) -> None:
    await merged(catalog, "Top", "New")
    found = await catalog.get("/api/v1/search?q=film")
    assert [group["row"]["name"] for group in found["groups"]] == ["Both"]


async def test_a_row_with_its_search_off_is_not_searched_in_a_merged_one_either(
    catalog: Catalog, addon: FakeAddon
) -> None:
    """Also where the merged row has been asked the same before."""
    both = [film(1), film(2), film(3), film(7)]
    async with FakeAddon(
        manifest=manifest("org.other", catalogs=[row_of("more", extra=["search"])]),
        catalogs={"more": [film(7)]},
    ) as other:
        await catalog.add(other.manifest_url)
        top = await path(catalog, "Top")
        row = await merged(catalog, "Top", "More")
        tail = f"catalog/movie/{row['id']}/search=film.json"
        assert sorted(await catalog.items(tail)) == [item["id"] for item in both]
        await catalog.send("PATCH", top, {"searchable": False})
        assert await catalog.items(tail) == [film(7)["id"]]


async def test_there_are_so_many_merged_rows_and_no_more(catalog: Catalog) -> None:
    rows = [row_of(f"row {number}") for number in range(2 * MAX_MERGED_ROWS + 2)]
    async with FakeAddon(manifest=manifest(catalogs=rows)) as addon:
        await catalog.add(addon.manifest_url)
        listed = (await catalog.get("/api/v1/manifest"))["rows"]
        pairs = [
            [{"type": "movie", "id": row["id"]} for row in listed[at : at + 2]]
            for at in range(0, len(listed), 2)
        ]
        for pair in pairs[:-1]:
            assert (await catalog.send("POST", ROWS, {"name": "Both", "rows": pair})).status == 201
        refused = await catalog.problem("POST", ROWS, {"name": "Both", "rows": pairs[-1]})
    assert refused == (409, "too_many_merged_rows")


async def test_names_and_merged_rows_stay_within_what_stremio_takes(catalog: Catalog) -> None:
    """The longest names of the widest letters, choices of many kinds, and still one manifest of 8 KiB."""
    options = [[f"{row}-{number}" for number in range(60)] for row in range(40)]
    rows = [
        row_of(f"row{n}", extra=["skip", {"name": "genre", "options": each}])
        for n, each in enumerate(options)
    ]
    async with FakeAddon(manifest=manifest(catalogs=rows)) as addon:
        await catalog.add(addon.manifest_url)
        listed = [row["id"] for row in (await catalog.get("/api/v1/manifest"))["rows"]]
        for row_id in listed[:24]:
            await catalog.send("PATCH", f"{ROWS}/{row_id}", {"name": "\U0001f3ac" * 50 + '"' * 50})
        for at in (24, 32):
            members = [{"type": "movie", "id": row_id} for row_id in listed[at : at + 8]]
            await catalog.send("POST", ROWS, {"name": "\U0001f3ac" * 100, "rows": members})
        answer = await catalog.ask("manifest.json")
        report = await catalog.get("/api/v1/manifest")
    assert len(answer.body) == report["size_bytes"] <= report["budget_bytes"] == 8192
    assert {row["state"] for row in report["rows"]} == {"choices_dropped", "left_out", "merged"}
