"""Accounts at providers over REST: asked before they are stored, sealed, and one profile's own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.common.contracts.handover import ProviderState
from tests.catalog.hub import OTHER_ACCOUNT, OTHER_PROFILE, OWNER, Catalog, running_catalog
from tests.catalog.library.accounts import PATH, add, refused
from tests.fakes.clock import ManualClock
from tests.fakes.panel.accounts import REFUSALS, Account
from tests.fakes.panel.panel import FakePanel


async def test_an_account_is_asked_and_stored_with_what_the_panel_tells(
    catalog: Catalog, panel: FakePanel
) -> None:
    added = await add(catalog, panel, name="Home")

    assert (added["kind"], added["name"], added["status"], added["problem"]) == (
        "xtream",
        "Home",
        "active",
        "",
    )
    assert added["host"] == panel.url.removeprefix("http://")
    assert added["max_connections"] == 2
    assert added["expires_at"] is not None
    assert added["is_outdated"] is False
    assert added["totals"]["movies"] == 0
    assert await catalog.get(f"{PATH}/{added['id']}") == added
    assert (await catalog.get(PATH))["items"] == [added]
    assert (await catalog.get("/api/v1/m3u-accounts"))["items"] == []


async def test_an_address_with_credentials_in_it_is_all_that_is_needed(
    catalog: Catalog, panel: FakePanel
) -> None:
    pasted = f"{panel.url}/get.php?username=u1&password=p1&type=m3u_plus&output=ts"

    added = await add(catalog, panel, url=pasted, username="", password="")

    assert added["status"] == "active"
    assert added["name"] == added["host"] == panel.url.removeprefix("http://")


async def test_a_panel_below_a_path_is_asked_there(catalog: Catalog) -> None:
    async with FakePanel(prefix="/iptv") as panel:
        added = await add(catalog, panel, url=f"{panel.url}/player_api.php")

    assert added["status"] == "active"


async def test_credentials_that_stand_nowhere_are_asked_for(catalog: Catalog, panel: FakePanel) -> None:
    answer = await catalog.send("POST", PATH, {"url": panel.url, "username": "u1"})

    assert answer.status == 422
    assert msgspec.json.decode(answer.body)["errors"] == {"password": "needed"}
    assert not panel.calls


@pytest.mark.parametrize("manner", sorted(REFUSALS))
async def test_wrong_credentials_are_told_and_not_stored_however_the_panel_refuses(
    catalog: Catalog, panel: FakePanel, manner: str
) -> None:
    panel.refuses_by = manner

    status, code, detail = await refused(
        catalog, {"url": panel.url, "username": "u1", "password": "wrong-secret"}
    )

    assert status == 422
    assert code in ("provider_refused", "not_a_provider")
    assert "wrong-secret" not in detail
    assert len(detail) > 40
    assert (await catalog.get(PATH))["items"] == []


@pytest.mark.parametrize("status", ["Expired", "Banned", "Disabled"])
async def test_an_account_that_is_over_is_kept_and_says_so(catalog: Catalog, status: str) -> None:
    async with FakePanel(None, Account(status=status)) as panel:
        added = await add(catalog, panel)
        assert added["status"] == status.lower()
        assert "provider" in added["problem"]

        panel.accounts["u1"].status = "Active"
        checked = await catalog.send("POST", f"{PATH}/{added['id']}/check")

    told = msgspec.json.decode(checked.body)
    assert (told["status"], told["problem"], told["max_connections"]) == ("active", "", 2)


async def test_a_panel_that_is_down_is_kept_and_is_well_when_it_is_back(
    catalog: Catalog, panel: FakePanel
) -> None:
    await panel.stop()
    added = await add(catalog, panel)
    assert added["status"] == "unreachable"
    assert "asked again" in added["problem"]

    async with panel:
        checked = await catalog.send("POST", f"{PATH}/{added['id']}/check")
    assert msgspec.json.decode(checked.body)["status"] == "active"

    gone = await catalog.send("POST", f"{PATH}/{added['id']}/check")
    told = msgspec.json.decode(gone.body)
    assert told["status"] == "unreachable"
    assert told["max_connections"] == 2


async def test_a_panel_that_takes_too_long_is_kept_and_asked_again(
    catalog: Catalog, panel: FakePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.catalog.sources.panel.CHECK_S", 0.2)
    panel.fail("slow_first_byte", "account_info")

    added = await add(catalog, panel)

    assert (added["status"], added["max_connections"]) == ("unreachable", None)
    assert "in time" in added["problem"]


async def test_one_empty_answer_refuses_nobody(catalog: Catalog, panel: FakePanel) -> None:
    panel.fail("empty_200", "account_info", times=1)

    assert (await add(catalog, panel))["status"] == "active"


async def test_a_panel_that_talks_to_players_only_is_asked_as_one(catalog: Catalog, panel: FakePanel) -> None:
    panel.fail("http_403_bad_UA")

    added = await add(catalog, panel)
    access = await catalog.send(
        "GET", f"/internal/catalog/library/providers/{added['id']}/access", identity=OWNER.as_service()
    )

    assert added["status"] == "active"
    assert msgspec.json.decode(access.body)["user_agent"].startswith("VLC/")


async def test_the_same_account_is_stored_once_for_a_profile_and_again_for_another(
    catalog: Catalog, panel: FakePanel
) -> None:
    await add(catalog, panel)
    asked = panel.calls.total()

    status, code, _ = await refused(catalog, {"url": f"{panel.url}/", "username": "u1", "password": "other"})
    assert (status, code) == (409, "provider_exists")
    assert panel.calls.total() == asked

    body = {"url": panel.url, "username": "u1", "password": "p1"}
    assert (await catalog.send("POST", PATH, body, identity=OTHER_PROFILE)).status == 201


async def test_a_profile_holds_so_many_accounts_and_no_more(tmp_path: Path, panel: FakePanel) -> None:
    panel.accounts["u2"] = Account(username="u2", password="p2")
    async with running_catalog(tmp_path, HEADGATE_MAX_PROVIDERS="1") as catalog:
        await add(catalog, panel)
        body = {"url": panel.url, "username": "u2", "password": "p2"}
        status, code, _ = await refused(catalog, body)

    assert (status, code) == (409, "too_many_providers")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://tv.example", "not_a_provider"),
        ("http://", "not_a_provider"),
        ("http://127.0.0.1:22/", "not_a_provider"),
        ("http://169.254.169.254/", "not_a_provider"),
        ("http://no-such-panel.invalid/", "not_a_provider"),
    ],
)
async def test_what_can_be_no_panel_is_refused_by_its_address(catalog: Catalog, url: str, code: str) -> None:
    told = await refused(catalog, {"url": url, "username": "u1", "password": "p1"})

    assert told[:2] == (422, code)


async def test_private_addresses_are_refused_where_the_operator_says_so(
    tmp_path: Path, panel: FakePanel
) -> None:
    async with running_catalog(tmp_path, HEADGATE_ALLOW_PRIVATE_UPSTREAMS="false") as catalog:
        status, code, _ = await refused(catalog, {"url": panel.url, "username": "u1", "password": "p1"})

    assert (status, code) == (422, "not_a_provider")
    assert not panel.calls


@pytest.mark.parametrize("identity", [OTHER_PROFILE, OTHER_ACCOUNT])
async def test_nobody_else_sees_changes_asks_or_removes_an_account(
    catalog: Catalog, panel: FakePanel, identity: Any
) -> None:
    added = await add(catalog, panel)
    one = f"{PATH}/{added['id']}"

    assert (await catalog.get(PATH, identity=identity))["items"] == []
    for method, path, body in (
        ("GET", one, None),
        ("PATCH", one, {"name": "Mine"}),
        ("POST", f"{one}/check", None),
        ("DELETE", one, None),
    ):
        assert (await catalog.send(method, path, body, identity=identity)).status == 404
    assert await catalog.get(one) == added


async def test_an_account_is_not_found_among_those_of_the_other_kind(
    catalog: Catalog, panel: FakePanel
) -> None:
    added = await add(catalog, panel)

    assert await catalog.problem("GET", f"/api/v1/m3u-accounts/{added['id']}") == (404, "provider_not_found")


async def test_services_learn_of_every_account_how_to_ask_and_say_how_it_is(
    timed: Catalog, panel: FakePanel, clock: ManualClock
) -> None:
    added = await add(timed, panel, sync=False)
    service = OWNER.as_service()

    refs = msgspec.json.decode(
        (await timed.send("GET", "/internal/catalog/library/providers?after=0", identity=service)).body
    )["items"]
    assert [(ref["id"], ref["account_id"], ref["first_sync"]) for ref in refs] == [
        (added["id"], "account-1", False)
    ]
    later = await timed.send(
        "GET", f"/internal/catalog/library/providers?after={refs[0]['number']}", identity=service
    )
    assert msgspec.json.decode(later.body)["items"] == []
    for account, profile, count in (
        ("account-1", OWNER.profile_id, 1),
        ("account-1", "other", 0),
        ("", "", 0),
    ):
        own = f"/internal/catalog/library/providers?account_id={account}&profile_id={profile}"
        found = await timed.send("GET", own, identity=service)
        assert len(msgspec.json.decode(found.body)["items"]) == count

    one = f"/internal/catalog/library/providers/{added['id']}"
    access = msgspec.json.decode((await timed.send("GET", f"{one}/access", identity=service)).body)
    assert (access["url"], access["username"], access["password"]) == (panel.url, "u1", "p1")

    state = msgspec.to_builtins(ProviderState(status="expired", problem="It is over."))
    assert (await timed.send("PUT", f"{one}/state", state, identity=service)).status == 204
    shown = await timed.get(f"{PATH}/{added['id']}")
    assert (shown["status"], shown["problem"], shown["max_connections"]) == ("expired", "It is over.", 2)

    nobody = "/internal/catalog/library/providers/nobody"
    assert (await timed.send("GET", f"{nobody}/access", identity=service)).status == 404
    assert (await timed.send("PUT", f"{nobody}/state", state, identity=service)).status == 404


async def test_people_are_not_told_how_a_provider_is_asked(catalog: Catalog, panel: FakePanel) -> None:
    added = await add(catalog, panel)

    answer = await catalog.send("GET", f"/internal/catalog/library/providers/{added['id']}/access")

    assert answer.status in (401, 403, 404)
    assert b"p1" not in answer.body


async def test_two_replicas_keep_one_account_between_them(
    tmp_path: Path, panel: FakePanel, postgres_url: str, redis_url: str
) -> None:
    shared = {"HEADGATE_DATABASE_URL": postgres_url, "HEADGATE_REDIS_URL": redis_url}
    async with (
        running_catalog(tmp_path, clock=None, **shared) as one,
        running_catalog(tmp_path, clock=None, **shared) as two,
    ):
        body = {"url": panel.url, "username": "u1", "password": "p1"}
        answers = await asyncio.gather(*(each.send("POST", PATH, body) for each in (one, two)))
        assert sorted(answer.status for answer in answers) == [201, 409]

        (kept,) = (await one.get(PATH))["items"]
        assert (await two.get(PATH))["items"] == [kept]
        assert (await two.send("DELETE", f"{PATH}/{kept['id']}")).status == 204
        assert (await one.get(PATH))["items"] == []
