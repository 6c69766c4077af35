"""What a profile chooses about its rows and titles, as its players see it: at once, in every mode."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.addon import FakeAddon, catalog, film, films, manifest
from tests.harness.clients import Api, Json, Player

ROWS = "/api/v1/catalogs"


@pytest.fixture
async def shelves(api: Api) -> AsyncIterator[FakeAddon]:
    """An addon with three rows. Of its films one is listed twice, by ids that nothing connects."""
    rows = [catalog("top", extra=["skip", "search"]), catalog("new"), catalog("old")]
    new = [film(9, id="own:9", name="Restored")]
    async with FakeAddon(
        manifest=manifest(catalogs=rows),
        catalogs={"top": films(3), "new": new, "old": films(2, start=20)},
    ) as addon:
        await api.add(addon.manifest_url)
        yield addon


async def names(player: Player) -> list[str]:
    return [row["name"] for row in (await player.get("manifest.json"))["catalogs"]]


async def ids(player: Player, row: str) -> list[str]:
    return [item["id"] for item in (await player.get(f"catalog/{row}.json"))["metas"]]


async def named(player: Player, *wanted: str) -> list[Json]:
    found = [(await player.row(name)).split("/") for name in wanted]
    return [{"type": type_, "id": row_id} for type_, row_id in found]


async def test_every_change_of_rows_is_in_the_manifest_at_once(
    api: Api, player: Player, shelves: FakeAddon
) -> None:
    assert await names(player) == ["Top", "New", "Old"]
    top, new, old = [row["id"] for row in await named(player, "Top", "New", "Old")]
    await api.patch(f"{ROWS}/{top}", {"name": "Tonight"})
    assert await names(player) == ["Tonight", "New", "Old"]
    await api.patch(f"{ROWS}/{old}", {"position": 0})
    assert await names(player) == ["Old", "Tonight", "New"]
    await api.patch(f"{ROWS}/{new}", {"included": False})
    assert await names(player) == ["Old", "Tonight"]
    await api.patch(f"{ROWS}/{top}", {"searchable": False})
    extras = {row["name"]: row["extra"] for row in (await player.get("manifest.json"))["catalogs"]}
    assert extras["Tonight"] == [{"name": "skip"}]
    await api.put(f"{ROWS}/order", {"rows": []})
    assert await names(player) == ["Tonight", "Old"]


async def test_a_merged_row_is_there_changes_and_goes_at_once(
    api: Api, player: Player, shelves: FakeAddon
) -> None:
    both = {"name": "Both", "rows": await named(player, "Top", "Old")}
    row = await api.post(ROWS, both)
    here = f"movie/{row['id']}"
    assert await names(player) == ["Both", "New"]
    turns = [film(n)["id"] for n in (1, 20, 2, 21, 3)]
    assert await ids(player, here) == turns
    await api.patch(f"{ROWS}/{row['id']}", {"mode": "sequential"})
    assert await ids(player, here) == [film(n)["id"] for n in (1, 2, 3, 20, 21)]
    await api.delete(f"{ROWS}/{row['id']}")
    assert await names(player) == ["Top", "New", "Old"]
    assert (await player.ask(f"catalog/{here}.json")).status == 404


async def test_what_is_said_of_two_titles_is_seen_in_merged_rows_at_once(
    api: Api, player: Player, shelves: FakeAddon
) -> None:
    row = await api.post(ROWS, {"name": "Both", "rows": await named(player, "Top", "New")})
    here = f"movie/{row['id']}"
    apart = [film(1)["id"], "own:9", film(2)["id"], film(3)["id"]]
    assert await ids(player, here) == apart
    await api.put("/api/v1/titles/movie/tt0000002/choices/own:9", {"same": True})
    assert await ids(player, here) == [film(number)["id"] for number in (1, 2, 3)]
    await api.delete("/api/v1/titles/movie/tt0000002/choices/own:9")
    assert await ids(player, here) == apart


async def test_another_profile_has_rows_of_its_own(api: Api, player: Player, shelves: FakeAddon) -> None:
    mine = await named(player, "Top", "Old")
    made = await api.post("/api/v1/profiles", {"name": "Children"})
    await api.post(f"/api/v1/profiles/{made['id']}/select")
    try:
        refused = await api.send("POST", ROWS, {"name": "Both", "rows": mine})
        assert (refused.status, refused.json["code"]) == (409, "not_to_merge")
        assert (await api.send("PATCH", f"{ROWS}/{mine[0]['id']}", {"name": "Theirs"})).status == 404
        assert await names(player) == ["Top", "New", "Old"]
    finally:
        listed = (await api.get("/api/v1/profiles"))["items"]
        first = next(profile["id"] for profile in listed if profile["is_default"])
        await api.post(f"/api/v1/profiles/{first}/select")
        await api.delete(f"/api/v1/profiles/{made['id']}")
