"""Moving in with a Stremio account: its addons are taken over, its history is read, and all comes back."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.async_api import expect

from libs.protocols.stremio_api.watched import read_watched, write_watched
from services.sync.stremio.rows import orders_of
from tests.fakes.addon import FakeAddon, catalog, manifest
from tests.fakes.stremio_api import Account, FakeStremio, descriptor, library_item
from tests.harness.clients import Api, Player
from tests.harness.hub import Hub, Mode, running
from tests.journeys import node
from tests.journeys.browser import chromium, page_at, sign_in
from tests.journeys.conftest import IN_ONE_PROCESS, PASSWORD, USERNAME
from tests.journeys.test_pages import violations
from tests.waiting import until

SECRET = "a password of Stremio's"
HERE = "/api/v1/connections/stremio"
CINEMETA = "https://cinemeta.example/manifest.json"


@pytest.fixture
async def addons() -> AsyncIterator[tuple[FakeAddon, FakeAddon]]:
    one = FakeAddon(manifest=manifest("org.one", catalogs=[catalog("one")]), prefix="/key-one")
    two = FakeAddon(manifest=manifest("org.two", catalogs=[catalog("two")]), prefix="/key-two")
    async with one, two:
        yield one, two


@pytest.fixture
async def stremio(addons: tuple[FakeAddon, FakeAddon]) -> AsyncIterator[FakeStremio]:
    async with FakeStremio() as stremio:
        account = stremio.add_account("anna@example.org", SECRET)
        one, two = addons
        account.addons = [
            descriptor(CINEMETA, official=True, protected=True, name="Cinemeta"),
            descriptor(one.manifest_url, name="One"),
            descriptor(two.manifest_url, name="Two"),
        ]
        account.library["tt0017136"] = library_item(
            "tt0017136", changed="2026-09-28T18:26:29Z", flaggedWatched=1, timesWatched=1
        )
        yield stremio


@pytest.fixture
def account(stremio: FakeStremio) -> Account:
    return stremio.accounts["anna@example.org"]


@pytest.fixture(params=["embedded", "split"])
async def hub(request: pytest.FixtureRequest, stremio: FakeStremio, tmp_path: Path) -> AsyncIterator[Hub]:
    mode: Mode = request.param
    environment = {"HEADGATE_STREMIO_API_URL": stremio.url, "HEADGATE_STREMIO_LINK_URL": stremio.link_url}
    async with AsyncExitStack() as stack:
        if mode == "split":
            environment |= request.getfixturevalue("fresh_stores")
        yield stack.enter_context(running(mode, environment, tmp_path))


@pytest.fixture
async def api(hub: Hub) -> AsyncIterator[Api]:
    async with Api.of(hub.url) as api:
        await api.sign_in(USERNAME, PASSWORD)
        for demo in await api.addons():
            await api.delete(f"/api/v1/addons/{demo['id']}")
        yield api


async def _change(api: Api, action: str) -> dict[str, Any]:
    """Looked at, made, and waited for."""
    plan = await api.post(f"{HERE}/plans", {"action": action})
    path = f"{HERE}/plans/{plan['id']}"
    await api.post(f"{path}/apply")
    found: dict[str, Any] = {}

    async def done() -> bool:
        found.update(await api.get(path))
        return bool(found["state"] != "applying")

    await until(done)
    return found


async def test_a_household_moves_in_and_could_move_out(
    hub: Hub, api: Api, addons: tuple[FakeAddon, FakeAddon], stremio: FakeStremio, account: Account
) -> None:
    before = copy.deepcopy(account.addons)
    view = await api.post(HERE, {"email": account.email, "password": SECRET})
    assert (view["state"], view["name"]) == ("connected", account.email)
    done = await _change(api, "move")
    assert (done["state"], done["problem"]) == ("applied", "")
    own = await api.stremio_url()
    assert [addon["transportUrl"] for addon in account.addons] == [CINEMETA, own]
    assert [addon["name"] for addon in await api.addons()] == ["One", "Two"]
    served = await Player(api.session, own).get("manifest.json")
    assert len(served["catalogs"]) == 2
    assert account.addons[1]["manifest"] == served

    async def history_is_here() -> bool:
        watched = (await api.get("/api/v1/viewing/watched"))["items"]
        return [item["title_id"] for item in watched] == ["tt0017136"]

    await until(history_is_here)
    done = await _change(api, "undo")
    assert done["state"] == "applied"
    assert account.addons == before
    assert await api.addons() == []
    assert SECRET not in hub.logs()
    assert not any(key in hub.logs() for key in stremio.sessions)


@IN_ONE_PROCESS
async def test_pages_show_every_change_before_it_is_made_without_javascript(
    hub: Hub, api: Api, stremio: FakeStremio, account: Account
) -> None:
    seen = list[str]()
    async with chromium() as browser, page_at(browser, hub.url, width=390, javascript=False) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/connections/stremio")
        await page.get_by_role("button", name="Get a code").click()
        code = next(iter(stremio.codes))
        await expect(page.get_by_text(code).first).to_be_visible()
        stremio.confirm(code)

        # The page looks again by itself.
        await expect(page.get_by_role("heading", name="Connected as")).to_be_visible(timeout=30_000)
        await page.get_by_role("button", name="Look at moving them").click()
        taken = page.get_by_role("heading", name="Leaves Stremio and goes on in Headgate (2)")
        await expect(taken).to_be_visible()
        assert len(account.addons) == 3
        seen.append(page.url)
        await page.get_by_role("button", name="Make this change").click()

        made = page.get_by_role("heading", name="Made", exact=True)
        await expect(made).to_be_visible(timeout=30_000)
        assert len(account.addons) == 2
        await page.goto("/connections/stremio/backups")
        await page.get_by_role("button", name="Look at bringing it back").click()
        await expect(page.get_by_role("heading", name="Comes to Stremio (2)")).to_be_visible()
        seen.append(page.url)
        async with page_at(browser, hub.url) as reader:
            await sign_in(reader, USERNAME, PASSWORD)
            for url in ("/connections/stremio", "/connections/stremio/backups", *seen):
                await reader.goto(url)
                assert await violations(reader) == []


async def test_stremios_own_core_reads_what_is_written_and_is_read(
    stremio: FakeStremio, account: Account
) -> None:
    """Its marks of episodes, its list of addons, its questions: what the tests stand on."""
    episodes = [f"tt7:{season}:{number}" for season in (1, 2) for number in (1, 2, 3)]
    specials = ["tt7:0:1", "tt7:0:2"]
    listed = [_video(id_) for id_ in (*reversed(episodes), *specials)]
    shown = manifest("org.meta", resources=["meta"])
    metas = {"tt7": {"id": "tt7", "type": "series", "name": "Seven", "videos": listed}}
    present, former = orders_of(msgspec.json.encode(metas["tt7"]))
    written = write_watched({specials[1], episodes[0], episodes[3]}, present)
    account.library["tt7"] = library_item("tt7", "series", changed="2026-09-28T18:26:29Z", watched=written)
    async with FakeAddon(manifest=shown, metas=metas) as addon:
        account.addons = [descriptor(addon.manifest_url, **shown)]
        told: Any = await asyncio.to_thread(
            node.run, "account.js", stremio.url, account.email, SECRET, addon.manifest_url, "tt7", episodes[5]
        )
    assert (told["user"], told["addons"][0]["transportUrl"]) == (account.email, addon.manifest_url)
    assert sorted(told["watched"]) == [specials[1], episodes[0], episodes[3]]
    (pushed,) = told["pushed"]
    found = read_watched(pushed["state"]["watched"])
    assert found.fitting([former, present]) == present
    assert found.of(present) == [specials[1], episodes[0], episodes[3], episodes[5]]
    assert write_watched(found.of(present), present) == pushed["state"]["watched"]


def _video(id_: str) -> dict[str, Any]:
    _, season, number = id_.split(":")
    released = "2020-01-01T00:00:00.000Z"
    return {"id": id_, "season": int(season), "episode": int(number), "title": id_, "released": released}
