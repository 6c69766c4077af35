"""Adding, naming, ordering, moving and removing addons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.client import SERVICE
from libs.common.db import open_database
from libs.common.secrets import SecretBox, SecretKey
from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, OWNER, Catalog, new_catalog, running_catalog
from tests.fakes.addon import FakeAddon, films, manifest

Json = dict[str, Any]


async def names(catalog: Catalog) -> list[str]:
    return [addon["name"] for addon in (await catalog.get("/api/v1/addons"))["items"]]


async def test_an_added_addon_shows_what_its_manifest_says_and_hides_its_keys(catalog: Catalog) -> None:
    async with FakeAddon(catalogs={"top": films(3)}, prefix="/secret-key") as addon:
        added = await catalog.add(addon.manifest_url)

    assert added["name"] == added["manifest_name"] == "Fake"
    assert added["types"] == ["movie", "series"]
    assert added["catalogs"] == 1
    assert added["state"]["status"] == "unknown"
    assert added["address"] == f"http://127.0.0.1:{addon.port}/•••/manifest.json"
    assert "secret-key" not in msgspec.json.encode(added).decode()


@pytest.mark.parametrize("form", ["{url}/manifest.json", "{url}", "{url}/", "{stremio}/manifest.json"])
async def test_an_address_is_understood_in_any_of_its_forms(catalog: Catalog, form: str) -> None:
    async with FakeAddon(prefix="/config") as addon:
        await catalog.add(form.format(url=addon.url, stremio=addon.url.replace("http:", "stremio:")))
    assert addon.paths == ["/config/manifest.json"]


async def test_the_same_addon_twice_is_a_conflict_whatever_the_form(catalog: Catalog) -> None:
    async with FakeAddon() as addon:
        await catalog.add(addon.manifest_url)
        answer = await catalog.problem("POST", "/api/v1/addons", {"url": addon.url})
    assert answer == (409, "addon_exists")
    assert len(await names(catalog)) == 1


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", (422, "not_a_url")),
        ("what is this", (422, "not_a_url")),
        ("ftp://example.com/manifest.json", (422, "not_a_url")),
        ("headgate:other", (422, "not_a_url")),
        ("http://", (422, "not_a_url")),
        ("https://example.com/" + "x" * 8000, (422, "not_a_url")),
        ("http://169.254.169.254/manifest.json", (422, "addon_address_refused")),
        ("http://127.0.0.1:8080/manifest.json", (422, "addon_address_refused")),
        ("http://no-such-host.invalid/manifest.json", (502, "addon_unreachable")),
    ],
)
async def test_an_address_that_can_be_no_addon(catalog: Catalog, url: str, expected: object) -> None:
    assert await catalog.problem("POST", "/api/v1/addons", {"url": url}) == expected
    assert await names(catalog) == []


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ({"body": b"<!doctype html><p>hello"}, (422, "not_an_addon")),
        ({"body": b"hello"}, (422, "not_an_addon")),
        ({"body": b"[]"}, (422, "not_an_addon")),
        ({"body": b'{"id": "x", "name": "X", "version": "1"}'}, (422, "not_an_addon")),
        ({"body": b" " * 200_000}, (502, "addon_too_large")),
        ({"cut": "endless"}, (502, "addon_too_large")),
        ({"cut": "reset"}, (502, "addon_unreachable")),
        ({"status": 404}, (502, "addon_answered_status")),
        ({"status": 500}, (502, "addon_answered_status")),
        ({"status": 429, "headers": {"Retry-After": "60"}}, (502, "addon_answered_status")),
        (
            {"status": 302, "headers": {"Location": "http://169.254.169.254/x"}},
            (422, "addon_address_refused"),
        ),
    ],
    ids=["html", "text", "list", "shape", "large", "endless", "reset", "404", "500", "429", "redirect"],
)
async def test_a_manifest_that_goes_wrong_is_told_apart_and_not_stored(
    catalog: Catalog, behaviour: Json, expected: object
) -> None:
    async with FakeAddon() as addon:
        addon.on("manifest", **behaviour)
        assert await catalog.problem("POST", "/api/v1/addons", {"url": addon.url}) == expected
    assert await names(catalog) == []


async def test_an_addon_that_is_down_is_unreachable(catalog: Catalog) -> None:
    async with FakeAddon() as gone:
        pass
    answer = await catalog.problem("POST", "/api/v1/addons", {"url": gone.manifest_url})
    assert answer == (502, "addon_unreachable")


async def test_an_addon_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    async with running_catalog(tmp_path, HEADGATE_ADDON_TIMEOUT_S="0.2") as catalog, FakeAddon() as addon:
        addon.on("manifest", cut="silent")
        answer = await catalog.problem("POST", "/api/v1/addons", {"url": addon.url})
        assert answer == (504, "addon_timed_out")
        addon.heal()
        await addon.stop()


async def test_no_more_addons_than_allowed(tmp_path: Path) -> None:
    async with running_catalog(tmp_path, HEADGATE_MAX_ADDONS="1") as catalog, FakeAddon() as one:
        await catalog.add(one.manifest_url)
        async with FakeAddon() as two:
            answer = await catalog.problem("POST", "/api/v1/addons", {"url": two.url})
    assert answer == (409, "too_many_addons")


async def test_a_name_can_be_given_and_taken_back(catalog: Catalog) -> None:
    async with FakeAddon() as addon:
        added = await catalog.add(addon.manifest_url)
    path = f"/api/v1/addons/{added['id']}"
    await catalog.send("PATCH", path, {"name": "  Mine\x00 "})
    assert await names(catalog) == ["Mine"]
    await catalog.send("PATCH", path, {"name": ""})
    assert await names(catalog) == ["Fake"]


async def test_a_disabled_addon_leaves_the_manifest_and_its_row_is_not_found(catalog: Catalog) -> None:
    async with FakeAddon(catalogs={"top": films(3)}) as addon:
        added = await catalog.add(addon.manifest_url)
        row = await catalog.row("Top")
        await catalog.send("PATCH", f"/api/v1/addons/{added['id']}", {"enabled": False})

        assert (await catalog.manifest())["catalogs"] == []
        assert (await catalog.ask(f"catalog/{row}.json")).status == 404

        await catalog.send("PATCH", f"/api/v1/addons/{added['id']}", {"enabled": True})
        assert await catalog.row("Top") == row


async def test_an_addon_that_moves_keeps_its_rows_and_place(catalog: Catalog) -> None:
    async with FakeAddon(catalogs={"top": films(3)}) as old, FakeAddon(catalogs={"top": films(5)}) as new:
        added = await catalog.add(old.manifest_url)
        row = await catalog.row("Top")
        assert len(await catalog.items(f"catalog/{row}.json")) == 3

        answer = await catalog.send("PATCH", f"/api/v1/addons/{added['id']}", {"url": new.manifest_url})

        assert answer.status == 200, answer.body
        assert await catalog.row("Top") == row
        assert len(await catalog.items(f"catalog/{row}.json")) == 5


async def test_an_addon_does_not_move_to_a_bad_address(catalog: Catalog) -> None:
    async with FakeAddon() as gone:
        pass
    async with FakeAddon(catalogs={"top": films(3)}) as addon, FakeAddon() as taken:
        added = await catalog.add(addon.manifest_url)
        await catalog.add(taken.manifest_url)
        path = f"/api/v1/addons/{added['id']}"
        bad = await catalog.problem("PATCH", path, {"url": gone.manifest_url})
        same = await catalog.problem("PATCH", path, {"url": taken.manifest_url})
        assert (bad, same) == ((502, "addon_unreachable"), (409, "addon_exists"))
        assert len(await catalog.items(f"catalog/{await catalog.row('Top')}.json")) == 3


async def test_an_order_has_to_name_every_addon_once(catalog: Catalog) -> None:
    async with FakeAddon(manifest=manifest("org.a")) as one, FakeAddon(manifest=manifest("org.b")) as two:
        first, second = [(await catalog.add(each.manifest_url))["id"] for each in (one, two)]
    for wrong in ([first], [first, first], [first, second, "x"], []):
        refused = await catalog.problem("PUT", "/api/v1/addons/order", {"ids": wrong})
        assert refused == (422, "order_mismatch")
    assert await names(catalog) == ["A", "B"]
    await catalog.send("PUT", "/api/v1/addons/order", {"ids": [second, first]})
    assert await names(catalog) == ["B", "A"]


async def test_a_removed_addon_is_gone_with_its_choices(catalog: Catalog) -> None:
    async with FakeAddon(catalogs={"top": films(3)}) as addon:
        added = await catalog.add(addon.manifest_url)
        path = f"/api/v1/addons/{added['id']}"
        assert (await catalog.send("DELETE", path)).status == 204
        assert await catalog.problem("DELETE", path) == (404, "addon_not_found")
        assert (await catalog.get("/api/v1/manifest"))["rows"] == []


@pytest.mark.parametrize("identity", [OTHER_PROFILE, OTHER_ACCOUNT])
async def test_nobody_else_sees_or_changes_anything(catalog: Catalog, identity: Any) -> None:
    async with FakeAddon(catalogs={"top": films(3)}) as addon:
        added = await catalog.add(addon.manifest_url)
        row = await catalog.row("Top")
        path = f"/api/v1/addons/{added['id']}"
        type_, row_id = row.split("/")
        calls: list[tuple[str, str, object]] = [
            ("GET", path, None),
            ("PATCH", path, {"name": "Stolen"}),
            ("PATCH", path, {"url": addon.manifest_url}),
            ("DELETE", path, None),
            ("POST", f"{path}/refresh", None),
            ("GET", f"/api/v1/catalogs/{row_id}?type={type_}", None),
            ("PATCH", f"/api/v1/catalogs/{row_id}?type={type_}", {"included": False}),
        ]
        statuses = [(await catalog.send(*call, identity=identity)).status for call in calls]
        assert statuses == [404] * len(calls)
        assert (await catalog.ask(f"catalog/{row}.json", identity=identity)).status == 404
        order = await catalog.send("PUT", "/api/v1/addons/order", {"ids": [added["id"]]}, identity=identity)
        assert order.status == 422
        assert (await catalog.get("/api/v1/addons", identity=identity))["items"] == []
        assert (await catalog.manifest(identity=identity))["catalogs"] == []
        sources = await catalog.client.addon_sources(identity, deadline=catalog.deadline)
        assert sources.items == ()
    assert await names(catalog) == ["Fake"]


async def test_strangers_are_not_let_in(catalog: Catalog) -> None:
    assert (await catalog.send("GET", "/internal/catalog/addons")).status == 403
    assert (await catalog.send("GET", "/internal/stremio/manifest.json")).status == 403
    nobody = SERVICE
    assert (await catalog.send("GET", "/api/v1/addons", identity=nobody)).status == 401
    assert (await catalog.send("GET", "/internal/catalog/addons", identity=nobody)).status == 401


async def test_everything_is_there_again_after_a_restart(tmp_path: Path) -> None:
    async with FakeAddon(catalogs={"top": films(3)}, prefix="/secret-key") as addon:
        async with running_catalog(tmp_path) as catalog:
            await catalog.add(addon.manifest_url)
            row = await catalog.row("Top")
        async with running_catalog(tmp_path) as catalog:
            assert await catalog.row("Top") == row
            assert len(await catalog.items(f"catalog/{row}.json")) == 3
    for file in tmp_path.iterdir():  # noqa: ASYNC240
        if file.is_file():
            assert b"secret-key" not in file.read_bytes()


async def test_whoever_first_looks_at_their_list_finds_the_demo_once(tmp_path: Path) -> None:
    async with new_catalog(tmp_path) as catalog:
        for _ in range(2):
            demo = (await catalog.get("/api/v1/addons"))["items"]
        assert [(addon["builtin"], addon["address"]) for addon in demo] == [(True, "headgate:demo")]
        path = f"/api/v1/addons/{demo[0]['id']}"
        assert await catalog.problem("PATCH", path, {"url": "https://a.example"}) == (409, "builtin_addon")

        assert len(await catalog.items(f"catalog/{await catalog.row('Public domain films')}.json")) >= 25
        title = await catalog.client.title(OWNER, "movie", "tt0017136", deadline=catalog.deadline)
        assert title.addon_name == "Public domain films"
        assert b"externalUrl" in await catalog.client.demo_resource(
            "stream/movie/tt0017136.json", deadline=catalog.deadline
        )

        await catalog.send("DELETE", path)
        assert await names(catalog) == []
        assert (await catalog.add("headgate:demo"))["builtin"]


async def test_whoever_adds_an_addon_first_has_the_demo_before_it(tmp_path: Path) -> None:
    async with new_catalog(tmp_path) as catalog:
        async with FakeAddon() as addon:
            await catalog.add(addon.manifest_url)
        assert await names(catalog) == ["Public domain films", "Fake"]


async def test_each_account_has_a_demo_of_its_own(tmp_path: Path) -> None:
    async with new_catalog(tmp_path) as catalog:
        await catalog.get("/api/v1/addons")
        listed = (await catalog.get("/api/v1/addons", identity=OTHER_ACCOUNT))["items"]
        assert [addon["builtin"] for addon in listed] == [True]


async def test_no_addon_can_become_the_demo(catalog: Catalog) -> None:
    async with FakeAddon() as addon:
        added = await catalog.add(addon.manifest_url)
    path = f"/api/v1/addons/{added['id']}"
    assert await catalog.problem("PATCH", path, {"url": "headgate:demo"}) == (409, "builtin_addon")


async def test_an_address_sealed_with_another_key_locks_its_addon_and_no_other(
    catalog: Catalog, tmp_path: Path
) -> None:
    """One such row once made every call for its owner a 500."""
    async with FakeAddon(catalogs={"top": films(1)}) as addon, FakeAddon(manifest=manifest("org.b")) as other:
        lost, _ = [await catalog.add(each.manifest_url) for each in (addon, other)]
        await _spoil_address(tmp_path, lost["id"])
        await catalog.send("PATCH", f"/api/v1/addons/{lost['id']}", {"name": "Lost"})

        first, second = (await catalog.get("/api/v1/addons"))["items"]
        assert (first["name"], first["state"]["status"], first["configure_url"]) == ("Lost", "failing", None)
        assert "can't be opened" in first["state"]["error"]
        assert second["state"]["status"] == "unknown"
        sources = await catalog.client.addon_sources(OWNER, deadline=catalog.deadline)
        assert [source.id for source in sources.items] == [second["id"]]
        assert (await catalog.manifest())["catalogs"] == []

        path = f"/api/v1/addons/{lost['id']}"
        assert (await catalog.send("POST", f"{path}/refresh")).status == 200
        assert (await catalog.send("DELETE", path)).status == 204
        assert (await catalog.add(addon.manifest_url))["state"]["status"] == "unknown"


async def test_a_locked_addon_is_unlocked_by_giving_its_address_again(
    catalog: Catalog, tmp_path: Path
) -> None:
    async with FakeAddon(catalogs={"top": films(1)}) as addon:
        lost = await catalog.add(addon.manifest_url)
        row = await catalog.row("Top")
        await _spoil_address(tmp_path, lost["id"])
        path = f"/api/v1/addons/{lost['id']}"
        await catalog.send("PATCH", path, {"name": "Lost"})
        assert (await catalog.manifest())["catalogs"] == []
        assert (await catalog.send("PATCH", path, {"url": addon.manifest_url})).status == 200
        assert await catalog.row("Top") == row


async def _spoil_address(data_dir: Path, addon_id: str) -> None:
    """As if sealed with a key that is gone."""
    database = await open_database(
        f"sqlite:///{data_dir / 'catalog.db'}", schema="catalog", clock=SystemClock()
    )
    sealed = SecretBox(SecretKey.from_text("x" * 40)).seal(b"https://a.example", context="another")
    await database.execute(
        "UPDATE addons SET sealed_url = :sealed WHERE id = :id", sealed=sealed, id=addon_id
    )
    await database.aclose()


async def test_other_services_get_the_enabled_addons_with_their_addresses(catalog: Catalog) -> None:
    async with FakeAddon(prefix="/key") as one, FakeAddon(manifest=manifest("org.off")) as off:
        await catalog.add(one.manifest_url)
        disabled = await catalog.add(off.manifest_url)
        await catalog.send("PATCH", f"/api/v1/addons/{disabled['id']}", {"enabled": False})
        found = (await catalog.client.addon_sources(OWNER, deadline=catalog.deadline)).items
    assert [source.transport_url for source in found] == [one.manifest_url]
    assert msgspec.json.decode(found[0].manifest)["name"] == "Fake"
