"""A film watched in a browser: as it is, then converted, each gone on with where the other was left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from tests.fakes.addon import FakeAddon, film, manifest, stream
from tests.gateway.pages.watch.film import make_film, make_foreign
from tests.harness.clients import Api
from tests.harness.hub import Hub
from tests.journeys.browser import page_at, sign_in
from tests.journeys.conftest import PASSWORD, USERNAME, owner_of
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's
FILM = "tt7100001"
TIME = "document.querySelector('video').currentTime"
SAID = "[...document.querySelectorAll('track')].map((each) => each.track.cues?.[0]?.text).join()"


@pytest_asyncio.fixture(loop_scope="session")
async def api(hub: Hub) -> AsyncIterator[Api]:
    async with owner_of(hub) as api:
        yield api
        await api.delete(f"/api/v1/viewing/continue/{FILM}")


@pytest_asyncio.fixture(loop_scope="session")
async def cinema(api: Api, tmp_path: Path) -> AsyncIterator[FakeAddon]:
    """One film as browsers play it, and as none does."""
    make_film(tmp_path)
    make_foreign(tmp_path)
    (tmp_path / "said.srt").write_text("1\n00:00:00,000 --> 00:00:40,000\nGood evening.\n")
    app = web.Application()
    app.router.add_static("/films", tmp_path)
    async with TestServer(app) as server:
        urls = [str(server.make_url(f"/films/{name}")) for name in ("film.mp4", "foreign.mkv")]
        async with FakeAddon(
            manifest=manifest("org.cinema", name="The cinema", resources=["meta", "stream", "subtitles"]),
            subtitles={FILM: [{"id": "1", "lang": "eng", "url": str(server.make_url("/films/said.srt"))}]},
            metas={FILM: film(7100001, name="The reel")},
            streams={
                FILM: [
                    stream(urls[0], name="The reel 1080p", description="The.Reel.1080p.x264.mp4"),
                    stream(urls[1], name="The reel 720p", description="The.Reel.720p.HEVC.AC3.mkv"),
                ]
            },
        ) as addon:
            await api.add(addon.manifest_url)
            yield addon


async def _shows(page: Page, lines: int) -> bool:
    return bool(await page.evaluate("document.querySelector('video').videoHeight") == lines)


async def _says(page: Page, words: str) -> bool:
    return bool(await page.evaluate(SAID) == words)


async def plays_from(page: Page, seconds: float) -> None:
    async def is_there() -> bool:
        return seconds < float(await page.evaluate(TIME)) < seconds + 10

    await until(is_there)


@pytest.mark.usefixtures("cinema")
async def test_a_film_goes_on_where_it_was_left_in_whatever_form(
    hub: Hub, api: Api, browser: Browser
) -> None:
    async def is_kept() -> bool:
        kept = (await api.get("/api/v1/viewing/continue"))["items"]
        return any(item["video_id"] == FILM and item["position_s"] >= 20 for item in kept)

    async with page_at(browser, hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto(f"/watch/movie/{FILM}")
        await page.get_by_role("button", name="Play", exact=True).first.click()
        await plays_from(page, 0)
        await expect(page.locator("[data-choice=subtitles] label")).to_have_count(2)
        await page.keyboard.press("c")
        await until(lambda: _says(page, "Good evening."))
        await page.keyboard.press("5")
        await plays_from(page, 20)
        await page.keyboard.press("Space")
        await until(is_kept)
        await page.goto("/")
        await page.goto(f"/watch/movie/{FILM}")
        await expect(page.get_by_role("button", name="Resume at 0:2")).to_be_visible()
        await page.get_by_role("link", name="Play The reel 720p").click()
        await plays_from(page, 20)
        # On a busy machine the film would be over before its other quality is there.
        await page.keyboard.press("Space")
        await page.get_by_role("button", name="Quality").click()
        await page.get_by_label("360p").check()
        await page.keyboard.press("Escape")
        await page.keyboard.press("1")
        await until(lambda: _shows(page, 360))
        await until(lambda: _says(page, "Good evening."))
        await page.keyboard.press("Space")
        await plays_from(page, 4)
