"""Accounts at providers are changed and removed, and what is secret of them stays so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from tests.catalog.hub import OTHER_PROFILE, OWNER, Catalog, running_catalog
from tests.catalog.library.accounts import PATH, add, everything_in
from tests.fakes.panel.accounts import Account
from tests.fakes.panel.panel import FakePanel


async def test_a_change_of_name_and_of_how_it_plays_asks_nobody(catalog: Catalog, panel: FakePanel) -> None:
    added = await add(catalog, panel)
    asked = panel.calls.total()

    answer = await catalog.send("PATCH", f"{PATH}/{added['id']}", {"name": " Den ", "play": "redirect"})

    changed = msgspec.json.decode(answer.body)
    assert (changed["name"], changed["play"]) == ("Den", "redirect")
    assert panel.calls.total() == asked

    blank = await catalog.send("PATCH", f"{PATH}/{added['id']}", {"name": ""})
    assert msgspec.json.decode(blank.body)["name"] == added["host"]


async def test_a_wrong_new_password_changes_nothing_and_a_right_one_counts(
    catalog: Catalog, panel: FakePanel
) -> None:
    added = await add(catalog, panel)
    one = f"{PATH}/{added['id']}"
    panel.accounts["u1"].password = "p2"

    assert await catalog.problem("PATCH", one, {"password": "p3"}) == (422, "provider_refused")
    assert await catalog.get(one) == added

    changed = await catalog.send("PATCH", one, {"password": "p2"})
    assert changed.status == 200
    checked = await catalog.send("POST", f"{one}/check")
    assert msgspec.json.decode(checked.body)["status"] == "active"


async def test_an_account_can_not_become_another_that_is_there(catalog: Catalog, panel: FakePanel) -> None:
    panel.accounts["u2"] = Account(username="u2", password="p2")
    await add(catalog, panel)
    second = await add(catalog, panel, username="u2", password="p2")

    change = {"username": "u1", "password": "p1"}
    assert await catalog.problem("PATCH", f"{PATH}/{second['id']}", change) == (409, "provider_exists")


async def test_a_removed_account_is_gone_at_once(catalog: Catalog, panel: FakePanel) -> None:
    added = await add(catalog, panel)

    assert (await catalog.send("DELETE", f"{PATH}/{added['id']}")).status == 204

    assert (await catalog.get(PATH))["items"] == []
    assert await catalog.problem("DELETE", f"{PATH}/{added['id']}") == (404, "provider_not_found")
    assert (await add(catalog, panel))["id"] != added["id"]


@pytest.mark.parametrize(("profile_id", "left"), [("profile-1", 1), (None, 0)])
async def test_accounts_go_with_their_profile_or_account(
    catalog: Catalog, panel: FakePanel, profile_id: str | None, left: int
) -> None:
    await add(catalog, panel)
    body = {"url": panel.url, "username": "u1", "password": "p1"}
    await catalog.send("POST", PATH, body, identity=OTHER_PROFILE)

    removal = {"id": "r1", "account_id": "account-1", "profile_id": profile_id, "at": "2026-01-01T00:00:00Z"}
    forgotten = await catalog.send("POST", "/internal/catalog/forget", removal, identity=OWNER.as_service())

    assert forgotten.status == 204
    assert (await catalog.get(PATH))["items"] == []
    assert len((await catalog.get(PATH, identity=OTHER_PROFILE))["items"]) == left


async def test_credentials_stand_in_no_answer_no_log_and_no_file(
    tmp_path: Path, panel: FakePanel, capfd: pytest.CaptureFixture[str]
) -> None:
    panel.accounts["viewer-name"] = Account(username="viewer-name", password="hush-hush")
    async with running_catalog(tmp_path) as catalog:
        body = {"url": f"{panel.url}/c/", "username": "viewer-name", "password": "hush-hush"}
        answers = [await catalog.send("POST", PATH, body)]
        assert answers[0].status == 422
        answers += [await catalog.send("POST", PATH, {**body, "url": panel.url})]
        one = f"{PATH}/{msgspec.json.decode(answers[-1].body)['id']}"
        answers += [await catalog.send("GET", PATH), await catalog.send("POST", f"{one}/check")]
        await panel.stop()
        answers += [await catalog.send("POST", f"{one}/check")]
        answers += [await catalog.send("PATCH", one, {"password": "hush-hush-2"})]

    written = capfd.readouterr()
    stored = everything_in(tmp_path)
    for secret in ("viewer-name", "hush-hush"):
        assert secret.encode() not in b"".join(answer.body for answer in answers)
        assert secret not in written.out + written.err
        assert secret.encode() not in stored


async def test_an_account_that_can_not_be_opened_says_so_and_can_be_entered_again(
    catalog: Catalog, panel: FakePanel, tmp_path: Path
) -> None:
    added = await add(catalog, panel)
    one = f"{PATH}/{added['id']}"
    with closing(sqlite3.connect(tmp_path / "catalog.db")) as database, database:
        database.execute("UPDATE library_providers SET sealed = X'00112233'")

    checked = msgspec.json.decode((await catalog.send("POST", f"{one}/check")).body)
    assert (checked["status"], checked["name"]) == ("unreadable", added["name"])
    assert "again" in checked["problem"]
    assert await catalog.problem("PATCH", one, {"password": "p1"}) == (422, "not_a_provider")
    entered = await catalog.send("PATCH", one, {"url": panel.url, "username": "u1", "password": "p1"})
    assert msgspec.json.decode(entered.body)["status"] == "active"
