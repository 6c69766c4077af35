"""M3U lists as accounts: their beginning is read before they are stored."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from libs.common.contracts.library import M3uAccountPatch, NewM3uAccount, NewXtreamAccount, XtreamAccountPatch
from tests.catalog.hub import OTHER_PROFILE, OWNER, Catalog
from tests.fakes.misbehaving import MisbehavingServer
from tests.fakes.panel.panel import FakePanel

PATH = "/api/v1/m3u-accounts"

LIST = b'#EXTM3U\n#EXTINF:-1 tvg-id="one" group-title="News",One\nhttp://tv.example/u/p/1.ts\n'


def list_of(panel: FakePanel, password: str = "p1") -> str:
    return f"{panel.url}/get.php?username=u1&password={password}&type=m3u_plus&output=ts"


async def added(catalog: Catalog, **body: object) -> Any:
    answer = await catalog.send("POST", PATH, body)
    assert answer.status == 201, answer.body
    return msgspec.json.decode(answer.body)


async def test_a_list_is_looked_at_and_stored_without_reading_it_whole(
    catalog: Catalog, panel: FakePanel
) -> None:
    shown = await added(catalog, url=list_of(panel), name="List", guide_url=f"{panel.url}/xmltv.php")

    assert (shown["kind"], shown["name"], shown["status"]) == ("m3u", "List", "active")
    assert shown["host"] == panel.url.removeprefix("http://")
    assert (await catalog.get(PATH))["items"] == [shown]
    assert (await catalog.get("/api/v1/xtream-accounts"))["items"] == []
    assert panel.calls["get.php"] == 1
    assert not panel.calls["xmltv.php"]


async def test_services_are_told_the_whole_address_and_people_its_host_alone(
    catalog: Catalog, panel: FakePanel
) -> None:
    shown = await added(
        catalog, url=list_of(panel), guide_url="http://guide.example/a.xml?key=k", user_agent="My\nTV/1"
    )
    one = f"/internal/catalog/library/providers/{shown['id']}/access"
    told = msgspec.json.decode((await catalog.send("GET", one, identity=OWNER.as_service())).body)

    assert told["url"] == list_of(panel)
    assert told["guide_url"] == "http://guide.example/a.xml?key=k"
    assert told["user_agent"] == "MyTV/1"
    assert "password" not in msgspec.json.encode(shown).decode()
    assert "guide.example" not in msgspec.json.encode(shown).decode()
    assert [one.agent for one in panel.asked] == ["MyTV/1"]


@pytest.mark.parametrize(
    ("behaviour", "body", "code"),
    [
        ("html", b"", "not_a_provider"),
        ("ok", b"", "not_a_provider"),
        ("ok", b'{"user_info":{"auth":0}}', "not_a_provider"),
        ("ok", b"Hello.\n" * 20_000, "not_a_provider"),
        ("ok", b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\na.ts\n", "not_a_provider"),
        ("error_404", b"", "not_a_provider"),
    ],
)
async def test_what_is_no_list_is_not_stored(
    catalog: Catalog, behaviour: str, body: bytes, code: str
) -> None:
    async with MisbehavingServer(behaviour, body=body) as server:
        answer = await catalog.send("POST", PATH, {"url": server.url("/list.m3u?token=hush")})

    problem = msgspec.json.decode(answer.body)
    assert (answer.status, problem["code"]) == (422, code)
    assert "hush" not in answer.body.decode()
    assert (await catalog.get(PATH))["items"] == []


async def test_a_list_that_is_switched_off_or_asks_for_another_password_is_not_stored(
    catalog: Catalog, panel: FakePanel
) -> None:
    assert await catalog.problem("POST", PATH, {"url": list_of(panel, "wrong")}) == (422, "not_a_provider")
    panel.playlists = False
    assert await catalog.problem("POST", PATH, {"url": list_of(panel)}) == (422, "provider_refused")


async def test_a_server_that_talks_to_players_only_is_asked_as_one(
    catalog: Catalog, panel: FakePanel
) -> None:
    panel.fail("http_403_bad_UA")

    assert (await added(catalog, url=list_of(panel)))["status"] == "active"
    assert panel.asked[-1].agent.startswith("VLC/")


@pytest.mark.parametrize("behaviour", ["unavailable", "reset_at_once"])
async def test_a_server_that_is_down_is_kept_and_checked_again(catalog: Catalog, behaviour: str) -> None:
    async with MisbehavingServer(behaviour, body=LIST) as server:
        shown = await added(catalog, url=server.url("/list.m3u"))
        assert shown["status"] == "unreachable"
        assert "asked again" in shown["problem"]

        server.behaviour = "ok"
        checked = await catalog.send("POST", f"{PATH}/{shown['id']}/check")

    assert msgspec.json.decode(checked.body)["status"] == "active"


async def test_a_new_address_is_looked_at_first(catalog: Catalog, panel: FakePanel) -> None:
    shown = await added(catalog, url=list_of(panel))
    one = f"{PATH}/{shown['id']}"

    async with MisbehavingServer("html") as server:
        assert await catalog.problem("PATCH", one, {"url": server.url()}) == (422, "not_a_provider")
    assert await catalog.get(one) == shown
    async with MisbehavingServer("ok", body=LIST) as server:
        answer = await catalog.send("PATCH", one, {"url": server.url("/new.m3u"), "name": "New"})

    changed = msgspec.json.decode(answer.body)
    assert (changed["name"], changed["host"]) == ("New", f"127.0.0.1:{server.port}")
    assert await catalog.problem("PATCH", one, {"guide_url": "ftp://guide.example/"}) == (
        422,
        "not_a_provider",
    )


async def test_the_same_list_is_stored_once_and_nobody_else_sees_it(
    catalog: Catalog, panel: FakePanel
) -> None:
    shown = await added(catalog, url=list_of(panel))

    assert await catalog.problem("POST", PATH, {"url": f" {list_of(panel)} "}) == (409, "provider_exists")
    one = f"{PATH}/{shown['id']}"
    for method, path in (("GET", one), ("DELETE", one), ("POST", f"{one}/check")):
        assert (await catalog.send(method, path, identity=OTHER_PROFILE)).status == 404
    assert (await catalog.send("DELETE", one)).status == 204
    assert (await catalog.get(PATH))["items"] == []


def test_what_holds_an_address_or_credentials_never_prints() -> None:
    for secret in (
        NewXtreamAccount(url="http://hush.example", username="hush", password="hush"),
        NewM3uAccount(url="http://hush.example/hush"),
        XtreamAccountPatch(password="hush"),
        M3uAccountPatch(url="http://hush.example"),
    ):
        assert "hush" not in repr(secret)
