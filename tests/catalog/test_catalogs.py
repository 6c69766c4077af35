"""Pages of rows through the whole service: extras, paging, caching, failures."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.common.contracts.client import RawAnswer
from libs.common.contracts.rows import RowPatch
from tests.catalog.hub import OWNER, Catalog, name_of, running_catalog
from tests.fakes.addon import FakeAddon, film, films, manifest
from tests.fakes.addon import catalog as row_of
from tests.fakes.clock import ManualClock
from tests.waiting import until

Json = dict[str, Any]


def control(answer: RawAnswer) -> dict[str, str]:
    parts = (part.strip().partition("=") for part in answer.headers["Cache-Control"].split(","))
    return {name: value for name, _, value in parts}


def state(answer: RawAnswer) -> str:
    return answer.headers["X-Headgate-Cache"]


@pytest.mark.parametrize("size", [20, 50, 100, 250, 1000])
async def test_a_row_comes_in_pages_of_100(catalog: Catalog, size: int) -> None:
    async with FakeAddon(catalogs={"top": films(230)}, page_size=size) as addon:
        await catalog.add(addon.manifest_url)
        row = await catalog.row("Top")
        pages = [await catalog.items(f"catalog/{row}/skip={skip}.json") for skip in (0, 100, 200, 300)]
    assert [len(page) for page in pages] == [100, 100, 30, 0]
    assert [id_ for page in pages for id_ in page] == [item["id"] for item in films(230)]


async def test_10000_items_in_one_answer_are_all_there(catalog: Catalog) -> None:
    async with FakeAddon(catalogs={"top": films(10_000)}, page_size=10_000, skips=False) as addon:
        await catalog.add(addon.manifest_url)
        row = await catalog.row("Top")
        assert await catalog.items(f"catalog/{row}/skip=9900.json") == [
            item["id"] for item in films(100, start=9901)
        ]
        assert await catalog.items(f"catalog/{row}/skip=10000.json") == []


class Million(list[Json]):
    """A million films of which only those exist that are asked for."""

    def __getitem__(self, asked: Any) -> Any:
        return films(len(range(*asked.indices(1_000_000))), start=asked.start + 1)


async def test_a_catalog_of_a_million_costs_what_is_looked_at(catalog: Catalog) -> None:
    async with FakeAddon(catalogs={"top": Million()}) as addon:
        await catalog.add(addon.manifest_url)
        row = await catalog.row("Top")
        for skip in (0, 500_000, 999_900):
            page = await catalog.items(f"catalog/{row}/skip={skip}.json")
            assert page == [item["id"] for item in films(100, start=skip + 1)]
        assert await catalog.items(f"catalog/{row}/skip=1000000.json") == []
        assert (await catalog.ask(f"catalog/{row}/skip=1000001.json")).status == 422
        assert addon.calls["catalog"] == 4


async def test_rest_pages_by_cursor_to_the_end(catalog: Catalog) -> None:
    async with FakeAddon(catalogs={"top": films(230)}, page_size=50) as addon:
        await catalog.add(addon.manifest_url)
        type_, row_id = (await catalog.row("Top")).split("/")
        found: list[str] = []
        cursor: str | None = None
        for _ in range(3):
            page = await catalog.client.catalog_page(
                OWNER, type_, row_id, deadline=catalog.deadline, cursor=cursor
            )
            found += [msgspec.json.decode(item)["id"] for item in page.items]
            cursor = page.next_cursor
    assert cursor is None
    assert found == [item["id"] for item in films(230)]


async def test_a_cursor_of_somebodys_own_making_is_refused(catalog: Catalog) -> None:
    async with FakeAddon(catalogs={"top": films(1)}) as addon:
        await catalog.add(addon.manifest_url)
        type_, row_id = (await catalog.row("Top")).split("/")
        for query in ("cursor=abc", "cursor=%00", "cursor=czk5OTk5OTk5OQ", "skip=-1", "skip=x"):
            refused = await catalog.problem("GET", f"/api/v1/catalogs/{row_id}?type={type_}&{query}")
            assert refused == (422, "invalid_input")
        assert (await catalog.ask(f"catalog/{type_}/{row_id}/skip=x.json")).status == 422


async def test_extras_reach_the_addon_as_they_were_sent(catalog: Catalog) -> None:
    rows = [row_of("all", extra=["search", "year", {"name": "tag", "optionsLimit": 3}, "skip"])]
    async with FakeAddon(manifest=manifest(catalogs=rows), catalogs={"all": films(1)}) as addon:
        await catalog.add(addon.manifest_url)
        row = await catalog.row("All")
        await catalog.ask(f"catalog/{row}/year=1999&search=a%26b%3Dc%2Fd%20%C3%BC&tag=x&tag=y.json")
        assert addon.requests[0].extra == (
            ("year", "1999"),
            ("search", "a&b=c/d ü"),
            ("tag", "x"),
            ("tag", "y"),
        )


async def test_extras_of_a_later_page_keep_their_place_beside_skip(catalog: Catalog) -> None:
    items = [film(number, genres=["Drama"]) for number in range(1, 251)]
    rows = [row_of("all", extra=["genre", "skip"])]
    async with FakeAddon(manifest=manifest(catalogs=rows), catalogs={"all": items}) as addon:
        await catalog.add(addon.manifest_url)
        row = await catalog.row("All")
        await catalog.ask(f"catalog/{row}/skip=100&genre=Drama.json")
        assert addon.requests[-1].extra == (("skip", "100"), ("genre", "Drama"))


@pytest.mark.parametrize(
    "extra", ["", "/year=1999", "/genre=Drama&year=1999", "/skip=100", "/Genre=Drama", "/=x"]
)
async def test_a_question_the_row_does_not_take_is_not_found_and_never_asked(
    catalog: Catalog, extra: str
) -> None:
    """Each invented extra was one call more, and one answer more in the cache."""
    rows = [row_of("all", extra=[{"name": "genre", "isRequired": True}])]
    async with FakeAddon(manifest=manifest(catalogs=rows), catalogs={"all": films(1)}) as addon:
        await catalog.add(addon.manifest_url)
        row = await catalog.row("All")
        answer = await catalog.ask(f"catalog/{row}{extra}.json")
        assert (answer.status, msgspec.json.decode(answer.body)["code"]) == (404, "catalog_not_found")
        assert "genre" in msgspec.json.decode(answer.body)["detail"]
        assert addon.requests == []
        assert (await catalog.ask(f"catalog/{row}/skip=0&genre=Drama.json")).status == 200


async def test_skip_is_always_taken(catalog: Catalog) -> None:
    rows = [row_of("all", extra=[])]
    async with FakeAddon(
        manifest=manifest(catalogs=rows), catalogs={"all": films(120)}, page_size=200
    ) as addon:
        await catalog.add(addon.manifest_url)
        assert len(await catalog.items(f"catalog/{await catalog.row('All')}/skip=100.json")) == 20
        assert [asked.extra for asked in addon.requests] == [()]


@pytest.mark.parametrize("id_", ["a/b", "a%2Fb", "a=b&c", "ünï", "a.b", "100%"])
async def test_a_catalog_id_may_hold_anything(catalog: Catalog, id_: str) -> None:
    rows = [{"type": "movie", "id": id_, "name": "Odd", "extra": [{"name": "skip"}]}]
    async with FakeAddon(manifest=manifest(catalogs=rows), catalogs={id_: films(2)}) as addon:
        added = await catalog.add(addon.manifest_url)
        listed = (await catalog.client.rows(OWNER, deadline=catalog.deadline)).items[0]
        page = await catalog.client.catalog_page(OWNER, listed.type, listed.id, deadline=catalog.deadline)
        report = await catalog.client.change_row(
            OWNER, name_of(listed), RowPatch(included=False), deadline=catalog.deadline
        )
    assert len(page.items) == 2
    assert addon.requests[0].id == id_
    assert [row.state for row in report.rows] == ["hidden"]
    assert report.rows[0].addon_id == added["id"]


async def test_a_hidden_row_leaves_the_manifest_and_still_answers(catalog: Catalog) -> None:
    async with FakeAddon(catalogs={"top": films(2)}) as addon:
        await catalog.add(addon.manifest_url)
        row = await catalog.row("Top")
        type_, row_id = row.split("/")
        path = f"/api/v1/catalogs/{row_id}?type={type_}"
        await catalog.send("PATCH", path, {"included": False})
        assert (await catalog.manifest())["catalogs"] == []
        assert len(await catalog.items(f"catalog/{row}.json")) == 2
        await catalog.send("PATCH", path, {"included": True})
        assert await catalog.row("Top") == row


async def test_a_row_needs_its_type_only_where_two_rows_share_an_id(catalog: Catalog) -> None:
    rows = [
        {"type": type_, "id": id_, "name": f"{id_} {type_}"}
        for type_, id_ in (("movie", "one"), ("movie", "two"), ("series", "two"))
    ]
    async with FakeAddon(
        manifest=manifest(catalogs=rows),
        catalogs={"one": films(1), ("movie", "two"): films(2), ("series", "two"): films(3, "series")},
    ) as addon:
        await catalog.add(addon.manifest_url)
        one, two = [(await catalog.row(f"{id_} movie")).split("/")[1] for id_ in ("one", "two")]
        page = await catalog.get(f"/api/v1/catalogs/{one}")
        refused = await catalog.problem("GET", f"/api/v1/catalogs/{two}")
        typed = await catalog.get(f"/api/v1/catalogs/{two}?type=series")
    assert len(page["items"]) == 1
    assert refused == (404, "catalog_not_found")
    assert len(typed["items"]) == 3


async def test_a_row_nobody_has_is_not_found(catalog: Catalog) -> None:
    for tail in ("catalog/movie/aaaa.top.json", "catalog/movie/top.json", "addon_catalog/x/aaaa.y.json"):
        assert (await catalog.ask(tail)).status == 404
    assert (await catalog.ask("nothing/movie/x.json")).status == 404
    assert (await catalog.ask("catalog/movie.json")).status == 404


async def test_fifty_who_ask_at_once_are_one_call(catalog: Catalog) -> None:
    async with FakeAddon(catalogs={"top": films(100)}) as addon:
        await catalog.add(addon.manifest_url)
        row = await catalog.row("Top")
        gate = addon.hold("catalog")
        asking = asyncio.gather(*(catalog.ask(f"catalog/{row}.json") for _ in range(50)))
        while not addon.requests:  # noqa: ASYNC110  the addon has no event for its first call
            await asyncio.sleep(0.01)
        gate.set()
        answers = await asking
    assert [answer.status for answer in answers] == [200] * 50
    assert addon.calls["catalog"] == 1


async def test_an_answer_is_kept_six_hours_then_renewed_behind_the_readers_back(
    timed: Catalog, clock: ManualClock
) -> None:
    async with FakeAddon(catalogs={"top": films(1)}) as addon:
        await timed.add(addon.manifest_url)
        row = await timed.row("Top")
        first = await timed.ask(f"catalog/{row}.json")
        assert state(first) == "miss"
        assert 19_400 <= int(control(first)["max-age"]) <= 21_600
        assert msgspec.json.decode(first.body)["cacheMaxAge"] == int(control(first)["max-age"])

        addon.catalogs["top"] = films(2)
        assert state(await timed.ask(f"catalog/{row}.json")) == "hit"
        clock.advance(22_000)
        old = await timed.ask(f"catalog/{row}.json")
        assert state(old) == "stale"
        assert control(old)["max-age"] == old.headers["Age"] == "22000"
        assert len(msgspec.json.decode(old.body)["metas"]) == 1

        async def renewed() -> bool:
            return len(await timed.items(f"catalog/{row}.json")) == 2

        await until(renewed)


@pytest.mark.parametrize(
    "behaviour",
    [
        {"fields": {"cacheMaxAge": 60, "staleRevalidate": 5, "staleError": 7}},
        {"headers": {"Cache-Control": "max-age=60, stale-while-revalidate=5, stale-if-error=7"}},
    ],
    ids=["body", "header"],
)
async def test_an_addon_may_ask_for_shorter_lives(timed: Catalog, behaviour: Json) -> None:
    async with FakeAddon(catalogs={"top": films(1)}) as addon:
        addon.on("catalog", **behaviour)
        await timed.add(addon.manifest_url)
        told = control(await timed.ask(f"catalog/{await timed.row('Top')}.json"))
    assert 50 <= int(told["max-age"]) <= 60
    assert told["stale-while-revalidate"] == "5"
    assert told["stale-if-error"] == "7"


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ({"status": 500}, (502, "addon_answered_status")),
        ({"status": 404}, (502, "addon_answered_status")),
        ({"body": b"<html>"}, (502, "addon_broken")),
        ({"body": b'{"metas": 7}'}, (502, "addon_broken")),
        ({"body": b'{"metas": [], "streams": []}'}, (502, "addon_broken")),
        ({"cut": "endless"}, (502, "addon_too_large")),
        ({"cut": "reset"}, (502, "addon_unreachable")),
    ],
)
async def test_a_failure_with_nothing_kept_is_an_error_and_never_an_empty_row(
    catalog: Catalog, behaviour: Json, expected: tuple[int, str]
) -> None:
    async with FakeAddon(catalogs={"top": films(1)}, prefix="/secret-key") as addon:
        await catalog.add(addon.manifest_url)
        row = await catalog.row("Top")
        addon.on("catalog", **behaviour)
        answer = await catalog.ask(f"catalog/{row}.json")
        assert (answer.status, msgspec.json.decode(answer.body)["code"]) == expected
        assert answer.headers["Cache-Control"] == "no-store"
        assert b"secret-key" not in answer.body


async def test_a_page_cut_short_by_a_failure_is_marked_and_brief(catalog: Catalog) -> None:
    rows = [row_of("top")]

    class Failing(FakeAddon):
        def _content(self, path: Any) -> Json | None:
            return super()._content(path) if not path.extra else None

    async with Failing(manifest=manifest(catalogs=rows), catalogs={"top": films(60)}, page_size=20) as addon:
        added = await catalog.add(addon.manifest_url)
        answer = await catalog.ask(f"catalog/{await catalog.row('Top')}.json")
    assert len(msgspec.json.decode(answer.body)["metas"]) == 20
    assert state(answer) == "partial"
    assert answer.headers["X-Headgate-Partial"] == added["id"]
    assert int(control(answer)["max-age"]) <= 30
    assert "stale-if-error" not in control(answer)


async def test_a_slow_addon_costs_the_deadline_and_its_answer_is_there_next_time(tmp_path: Path) -> None:
    addon = FakeAddon(catalogs={"top": films(3)})
    async with running_catalog(tmp_path, HEADGATE_CATALOG_DEADLINE_S="0.2") as catalog, addon:
        await catalog.add(addon.manifest_url)
        row = await catalog.row("Top")
        gate = addon.hold("catalog")
        late = await catalog.ask(f"catalog/{row}.json")
        assert (late.status, msgspec.json.decode(late.body)["code"]) == (504, "addon_timed_out")
        gate.set()

        async def there() -> bool:
            return (await catalog.ask(f"catalog/{row}.json")).status == 200

        await until(there)
        assert addon.calls["catalog"] == 1


async def test_an_invalid_item_is_left_out_and_the_rest_is_sent_unchanged(catalog: Catalog) -> None:
    odd = [film(1, custom={"kept": [1, None]}), {"id": 7}, "text", None, {"type": "movie"}, film(2)]
    async with FakeAddon(catalogs={"top": odd}) as addon:  # type: ignore[dict-item]
        await catalog.add(addon.manifest_url)
        answer = await catalog.ask(f"catalog/{await catalog.row('Top')}.json")
    assert msgspec.json.decode(answer.body)["metas"] == [odd[0], film(2)]


async def test_an_addon_catalog_is_passed_on(catalog: Catalog) -> None:
    offered = {"transportName": "http", "transportUrl": "https://a.example/manifest.json"}
    offered["manifest"] = manifest("org.offered")  # type: ignore[assignment]
    shown = manifest(
        resources=["addon_catalog"],
        addonCatalogs=[{"type": "all", "id": "community", "name": "Community"}],
    )
    async with FakeAddon(manifest=shown, addon_catalogs={"community": [offered]}) as addon:
        await catalog.add(addon.manifest_url)
        row = (await catalog.manifest())["addonCatalogs"][0]
        answer = await catalog.ask(f"addon_catalog/{row['type']}/{row['id']}.json")
    assert msgspec.json.decode(answer.body)["addons"] == [offered]


async def test_an_addon_catalog_is_asked_only_what_it_takes(catalog: Catalog) -> None:
    offered = [
        {"transportUrl": f"https://{name}.example/manifest.json", "manifest": manifest(f"org.{name}")}
        for name in "abc"
    ]
    shown = manifest(
        resources=["addon_catalog"],
        addonCatalogs=[{"type": "all", "id": "community", "name": "Community"}],
    )
    async with FakeAddon(manifest=shown, addon_catalogs={"community": offered}) as addon:
        await catalog.add(addon.manifest_url)
        row = (await catalog.manifest())["addonCatalogs"][0]
        path = f"addon_catalog/{row['type']}/{row['id']}"
        rest = await catalog.ask(f"{path}/skip=2.json")
        assert (await catalog.ask(f"{path}/year=1999.json")).status == 404
        assert [asked.extra for asked in addon.requests] == [()]
    assert msgspec.json.decode(rest.body)["addons"] == offered[2:]
