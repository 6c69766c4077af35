"""A title that its addon knows little of becomes whole with the user's own key, and stays so without TMDB."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import expect

from libs.common.contracts.tmdb import ATTRIBUTION
from tests.fakes.addon import FakeAddon, catalog, manifest
from tests.fakes.tmdb import API_KEY, FakeTmdb
from tests.harness.clients import Api, Player
from tests.harness.hub import SERVICES, Hub, Mode, running
from tests.journeys.browser import chromium, page_at, sign_in
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.journeys.test_pages import violations

METROPOLIS = {"id": "tt0017136", "type": "movie", "name": "Metropolis"}
NOSFERATU = {"id": "tt0013442", "type": "movie", "name": "Nosferatu"}
TITLE = "meta/movie/tt0017136.json"
OTHER = "meta/movie/tt0013442.json"


@pytest.fixture
async def tmdb() -> AsyncIterator[FakeTmdb]:
    async with FakeTmdb() as tmdb:
        for number, film in enumerate((METROPOLIS, NOSFERATU), start=19):
            tmdb.add(
                "movie",
                number,
                imdb_id=film["id"],
                title=film["name"],
                overview="A film of the silent years.",
                release_date="1927-02-06",
                runtime=153,
                poster_path="/p.jpg",
                genres=[{"id": 18, "name": "Drama"}],
                translations={"de-DE": {"overview": "Ein Film der stummen Jahre."}},
                credits={"cast": [{"name": "Brigitte Helm", "order": 0}], "crew": []},
            )
        yield tmdb


@pytest.fixture
async def addon() -> AsyncIterator[FakeAddon]:
    shown = manifest("org.sparse", resources=["catalog", "meta"], catalogs=[catalog("top")])
    films = [METROPOLIS, NOSFERATU]
    metas = {film["id"]: film for film in films}
    async with FakeAddon(manifest=shown, catalogs={"top": films}, metas=metas) as addon:
        yield addon


@pytest.fixture(params=["embedded", "split"])
async def hub(request: pytest.FixtureRequest, tmdb: FakeTmdb, tmp_path: Path) -> AsyncIterator[Hub]:
    mode: Mode = request.param
    environment = {"HEADGATE_TMDB_URL": tmdb.url}
    async with AsyncExitStack() as stack:
        if mode == "split":
            environment |= request.getfixturevalue("fresh_stores")
        yield stack.enter_context(running(mode, environment, tmp_path))


@pytest.fixture
async def api(hub: Hub, addon: FakeAddon) -> AsyncIterator[Api]:
    """The owner, with one addon that knows titles by name alone."""
    async with Api.of(hub.url) as api:
        await api.sign_in(USERNAME, PASSWORD)
        for demo in await api.addons():
            await api.delete(f"/api/v1/addons/{demo['id']}")
        await api.add(addon.manifest_url)
        yield api


@pytest.fixture
async def player(api: Api) -> Player:
    return Player(api.session, await api.stremio_url())


def restart(hub: Hub) -> None:
    names = SERVICES if hub.mode == "split" else ("hub",)
    for name in names:
        hub.kill(name)
    for name in names:
        hub.start(name)
    hub.wait_ready()


async def test_a_sparse_title_becomes_whole_and_stays_so_while_tmdb_is_away(
    hub: Hub, api: Api, player: Player, tmdb: FakeTmdb, addon: FakeAddon
) -> None:
    assert (await player.get(TITLE))["meta"] == METROPOLIS

    saved = await api.put("/api/v1/settings/tmdb/key", {"key": API_KEY})
    assert saved["state"] == "works"
    whole = (await player.get(TITLE))["meta"]
    assert whole["description"] == "A film of the silent years."
    assert (whole["runtime"], whole["genres"], whole["cast"]) == ("153 min", ["Drama"], ["Brigitte Helm"])
    assert whole["poster"] == "https://image.tmdb.org/t/p/w500/p.jpg"
    assert (await api.get("/api/v1/titles/movie/tt0017136"))["attributions"] == [ATTRIBUTION]

    await api.put("/api/v1/settings/tmdb", {"language": "de-DE", "poster_size": "w342"})
    german = (await player.get(TITLE))["meta"]
    assert german["description"] == "Ein Film der stummen Jahre."
    assert german["poster"] == "https://image.tmdb.org/t/p/w342/p.jpg"

    await tmdb.stop()
    tmdb.asked.clear()
    await asyncio.to_thread(restart, hub)
    assert (await player.get(TITLE))["meta"] == german
    lacking = await player.ask(OTHER)
    assert lacking.status == 200
    assert lacking.json["meta"] == NOSFERATU
    assert lacking.headers["x-headgate-cache"] == "partial"
    assert lacking.headers["x-headgate-partial"] == "tmdb"
    row = await player.get(f"catalog/{await player.row('Top')}.json")
    assert [item["id"] for item in row["metas"]] == ["tt0017136", "tt0013442"]

    async with tmdb:
        await api.post("/api/v1/settings/tmdb/check")
        assert (await api.get("/api/v1/settings/tmdb"))["state"] == "works"
        assert (await player.get(OTHER))["meta"]["runtime"] == "153 min"
    assert API_KEY not in hub.logs()


async def test_a_key_that_tmdb_takes_back_costs_titles_nothing(
    api: Api, player: Player, tmdb: FakeTmdb
) -> None:
    await api.put("/api/v1/settings/tmdb/key", {"key": API_KEY})
    whole = await player.get(TITLE)
    tmdb.keys.clear()
    first = await player.ask(OTHER)
    assert (first.status, first.json["meta"]) == (200, NOSFERATU)
    assert (await player.get(TITLE)) == whole or (await player.get(TITLE))["meta"]["id"] == METROPOLIS["id"]
    view = await api.get("/api/v1/settings/tmdb")
    assert view["state"] == "refused"
    assert "TMDB refuses the key" in view["detail"]


@pytest.mark.parametrize("javascript", [True, False])
async def test_the_key_is_entered_tested_and_removed_on_its_page(
    hub: Hub, api: Api, tmdb: FakeTmdb, javascript: bool
) -> None:
    async with chromium() as browser, page_at(browser, hub.url, javascript=javascript) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/settings/tmdb")
        if javascript:
            assert await violations(page) == []
        await page.get_by_label("API key or read access token").fill("f" * 32)
        await page.get_by_role("button", name="Test and save").click()
        await expect(page.get_by_text("TMDB refuses this key.")).to_be_visible()
        await page.get_by_label("API key or read access token").fill(API_KEY)
        await page.get_by_role("button", name="Test and save").click()
        await expect(page.get_by_text("••••cdef")).to_be_visible()
        await page.get_by_label("Names and descriptions").select_option(label="Deutsch")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_text("Titles are shown so from now on.").first).to_be_visible()

        await page.goto("/title/movie/tt0017136")
        await expect(page.get_by_text("Ein Film der stummen Jahre.")).to_be_visible()
        await expect(page.get_by_text(ATTRIBUTION)).to_be_visible()

        await page.goto("/settings/tmdb")
        tmdb.keys.clear()
        await page.get_by_role("button", name="Test the key").click()
        await expect(page.get_by_text("Key refused")).to_be_visible()
        if javascript:
            assert await violations(page) == []
        await page.get_by_text("Remove", exact=True).click()
        await page.get_by_role("button", name="Remove the key").click()
        await expect(page.get_by_text("No key", exact=True)).to_be_visible()
