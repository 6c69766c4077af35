"""What was exported from another hub is taken in: under new ids and in its order; what is there stays."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from libs.addons.addon import VIEWING
from libs.common.clock import SystemClock
from libs.common.contracts.moving import MovedRow, Taken, TakenCounts, hand_over, moved_rows
from libs.common.identity import Identity
from services.catalog.model import Owner
from services.catalog.sources.library import address_of
from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, OWNER, Catalog
from tests.fakes.addon import FakeAddon, films
from tests.fakes.panel.panel import FakePanel

FIRST = ("tmdb_keys", "addons", "library_providers")
"""What others name comes first; the rest keeps its order."""


async def exported(catalog: Catalog, identity: Identity, *, secrets: bool = True) -> list[MovedRow]:
    rows = moved_rows(catalog.service, identity, secrets=secrets, deadline=catalog.deadline)
    found = [row async for row in rows]
    return sorted(found, key=lambda row: FIRST.index(row.kind) if row.kind in FIRST else len(FIRST))


async def take(
    catalog: Catalog, rows: Sequence[MovedRow], identity: Identity = OTHER_ACCOUNT, *, look: bool = False
) -> Taken:
    async def each() -> AsyncIterator[MovedRow]:
        for row in rows:
            yield row

    return await hand_over(catalog.service, identity, each(), look=look, deadline=catalog.deadline)


async def names(catalog: Catalog, identity: Identity) -> list[tuple[object, ...]]:
    addons = [row.body for row in await exported(catalog, identity) if row.kind == "addons"]
    return [
        (each["name"], each["enabled"], each["pinned"], each["builtin"])
        for each in addons
        if each["profile_id"] == identity.profile_id
    ]


async def rows_of(catalog: Catalog, identity: Identity) -> list[tuple[str, str]]:
    rows = (await catalog.manifest(identity=identity))["catalogs"]
    return [(row["type"], row["name"]) for row in rows]


async def furnished(catalog: Catalog, one: FakeAddon, other: FakeAddon, panel: FakePanel) -> None:
    first, second = await catalog.add(one.manifest_url), await catalog.add(other.manifest_url)
    await catalog.send("PATCH", f"/api/v1/addons/{second['id']}", {"name": "Mine", "pinned": True})
    account = {"url": panel.url, "username": "u1", "password": "p1", "name": "Cellar", "sync": False}
    answer = await catalog.send("POST", "/api/v1/xtream-accounts", account)
    assert answer.status == 201, answer.body
    library = next(
        each["id"]
        for each in (await catalog.get("/api/v1/addons"))["items"]
        if each["id"] not in (first["id"], second["id"])
    )
    order = {"ids": [second["id"], library, first["id"]]}
    assert (await catalog.send("PUT", "/api/v1/addons/order", order)).status == 200
    made = (await catalog.get("/api/v1/catalogs"))["items"]
    both = [{"type": row["type"], "id": row["id"]} for row in made if row["name"].startswith("Top")]
    assert (await catalog.send("POST", "/api/v1/catalogs", {"name": "Both", "rows": both})).status == 201
    new = next(row["id"] for row in made if row["name"].startswith("New"))
    assert (await catalog.send("PATCH", f"/api/v1/catalogs/{new}", {"name": "Latest"})).status == 200


async def test_sources_and_rows_are_the_same_again_and_twice_is_once(catalog: Catalog) -> None:
    shelves: dict[Any, Any] = {"top": films(2), "new": films(2)}
    async with (
        FakeAddon(catalogs=shelves) as one,
        FakeAddon(catalogs=shelves) as other,
        FakePanel(clock=SystemClock()) as panel,
    ):
        await furnished(catalog, one, other, panel)
        rows = await exported(catalog, OWNER)
        looked = await take(catalog, rows, look=True)
        assert await names(catalog, OTHER_ACCOUNT) == []
        taken = await take(catalog, rows)
        assert taken.kinds["addons"] == TakenCounts(added=3)
        assert {kind: counts.refused for kind, counts in taken.kinds.items()} == dict.fromkeys(taken.kinds, 0)
        assert looked.kinds == taken.kinds
        assert await names(catalog, OTHER_ACCOUNT) == await names(catalog, OWNER)
        assert await rows_of(catalog, OTHER_ACCOUNT) == await rows_of(catalog, OWNER)
        accounts = (await catalog.get("/api/v1/xtream-accounts", identity=OTHER_ACCOUNT))["items"]
        assert [each["name"] for each in accounts] == ["Cellar"]
        assert accounts[0]["id"] in taken.ids.values()
        again = await take(catalog, rows)
        assert {kind: counts.added for kind, counts in again.kinds.items()} == dict.fromkeys(again.kinds, 0)
        assert await names(catalog, OTHER_PROFILE) == []


async def test_without_addresses_nothing_comes_that_needs_them(catalog: Catalog) -> None:
    async with FakeAddon(catalogs={"top": films(2)}) as one:
        held = await catalog.add(one.manifest_url)
        made = (await catalog.get("/api/v1/catalogs"))["items"]
        await catalog.send("PATCH", f"/api/v1/catalogs/{made[0]['id']}", {"included": False})
        taken = await take(catalog, await exported(catalog, OWNER, secrets=False))
    assert taken.kinds == {
        "addons": TakenCounts(credentials=1),
        "row_choices": TakenCounts(credentials=1),
    }
    assert taken.ids == {}
    assert held["id"] not in str(await catalog.get("/api/v1/addons", identity=OTHER_ACCOUNT))


async def test_what_one_watches_as_rows_is_of_who_takes_it_in(catalog: Catalog) -> None:
    await catalog.add("headgate:viewing")
    rows = await exported(catalog, OWNER)
    assert (await take(catalog, rows)).kinds["addons"] == TakenCounts(added=1)
    moved = [row.secret for row in await exported(catalog, OTHER_ACCOUNT) if row.kind == "addons"]
    assert moved == [address_of(Owner(OTHER_ACCOUNT.account_id, OTHER_ACCOUNT.profile_id), begins=VIEWING)]
    assert "Watchlist" in {name for _, name in await rows_of(catalog, OTHER_ACCOUNT)}


async def test_an_addon_that_is_away_is_refused_and_comes_another_time(catalog: Catalog) -> None:
    async with FakeAddon(catalogs={"top": films(2)}) as one:
        await catalog.add(one.manifest_url)
        rows = await exported(catalog, OWNER)
        (row,) = rows
        gone = msgspec.structs.replace(row, secret="http://127.0.0.1:9/manifest.json")
        own = msgspec.structs.replace(row, secret="headgate:nothing", body={**row.body, "id": "x"})
        odd = msgspec.structs.replace(row, body={**row.body, "pinned": "yes"})
        assert (await take(catalog, [gone, own, odd])).kinds == {"addons": TakenCounts(refused=3)}
        assert (await take(catalog, rows)).kinds == {"addons": TakenCounts(added=1)}


async def test_a_file_that_was_made_to_do_harm_asks_and_keeps_as_much_as_a_list_has(catalog: Catalog) -> None:
    def row(kind: str, /, **body: Any) -> MovedRow:
        return MovedRow(kind=kind, body={"profile_id": OTHER_ACCOUNT.profile_id, **body})

    def addon(id_: str, url: str, name: str = "") -> MovedRow:
        body: dict[str, Any] = {"id": id_, "name": name, "enabled": True, "pinned": False}
        return msgspec.structs.replace(row("addons", **body), has_secret=True, secret=url)

    def chosen(addon_id: str, name: str = "", **who: Any) -> MovedRow:
        told: dict[str, Any] = {
            "addon_id": addon_id,
            "kind": "catalog",
            "type": "movie",
            "catalog_id": "top",
            "name": name,
        }
        return row("row_choices", **who, **told, included=True, searchable=True, position=None)

    def merged(key: str) -> MovedRow:
        told: dict[str, Any] = {
            "key": key,
            "type": "movie",
            "mode": "interleaved",
            "name": "Both",
            "included": True,
        }
        return row("merged_rows", **told, searchable=True, position=None)

    def member(key: str, catalog_id: str) -> MovedRow:
        told: dict[str, Any] = {
            "addon_id": "a",
            "type": "movie",
            "catalog_id": catalog_id,
            "row_key": key,
            "place": 0,
        }
        return row("merged_row_members", **told)

    said: dict[str, Any] = {"kind": "movie", "same": True, "chosen_at": 1}
    async with FakeAddon(catalogs={"top": films(2)}) as one:
        nobody = one.url + "/gone{}/manifest.json"
        rows = [
            addon("a", one.manifest_url),
            addon("long", one.url + "/x/manifest.json", "x" * 201),
            *(addon(f"n{number}", nobody.format(number)) for number in range(150)),
            chosen("a"),
            chosen("a", "of two\0 minds"),
            chosen("a", profile_id=OTHER_PROFILE.profile_id),
            *(merged(f"m{number}") for number in range(101)),
            *(member("m1", f"c{number}") for number in range(17)),
            member("m100", "d"),
            *(row("title_choices", one=f"a{n}", other=f"b{n}", **said) for n in range(1001)),
        ]
        looked = await take(catalog, rows, look=True)
        taken = await take(catalog, rows)
        again = await take(catalog, rows)
    assert looked.kinds["addons"] == TakenCounts(added=100, refused=52)
    assert taken.kinds == {
        "addons": TakenCounts(added=1, refused=151),
        "row_choices": TakenCounts(added=1, refused=2),
        "merged_rows": TakenCounts(added=100, refused=1),
        "merged_row_members": TakenCounts(added=16, refused=2),
        "title_choices": TakenCounts(added=1000, refused=1),
    }
    assert [(counts.added, counts.refused) for counts in again.kinds.values()] == [
        (0, counts.refused) for counts in taken.kinds.values()
    ]
