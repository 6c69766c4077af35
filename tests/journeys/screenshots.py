"""`make screenshots`: every page of a real hub with real addons at three widths, in docs/images."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page

from libs.common.clock import SystemClock
from tests.fakes.addon import FakeAddon, catalog, manifest, stream
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.fakes.tmdb import API_KEY, FakeTmdb
from tests.harness.clients import Api
from tests.harness.hub import ROOT, running
from tests.journeys.browser import WIDTHS, chromium, page_at, sign_in
from tests.waiting import until

IMAGES: Final = ROOT / "docs" / "images"
USERNAME: Final = "owner"
PASSWORD: Final = "correct horse battery staple"
METROPOLIS: Final = "/title/movie/tt0017136"

PAGES: Final = {
    "home": "/",
    "title": METROPOLIS,
    "watch": METROPOLIS.replace("title", "watch"),
    "search": "/search?q=metropolis",
    "together": f"{METROPOLIS}?q=metropolis#together",
    "sources": "/sources",
    "library-accounts": "/accounts",
    "library-channels": "/library/channels",
    "library-films": "/library/movies?sort=-rating",
    "library-search": "/library/search?q=the",
    "library-matching": "/library/matching?state=unmatched",
    "library-categories": "/library/categories/movies",
    "connect": "/connect",
    "account": "/settings/account",
    "profiles": "/settings/profiles",
    "rows": "/settings/rows",
    "playback": "/settings/playback",
    "shown-ratings": "/settings/ratings",
    "tmdb": "/settings/tmdb",
    "health": "/admin/health",
    "limits": "/admin/limits",
    "blocks": "/admin/blocks",
    "ratings": "/admin/ratings",
    "caches": "/admin/caches",
    "audit": "/admin/audit",
    "diagnostics": "/admin/diagnostics",
    "reference": "/docs",
    "not-found": "/nowhere",
}
SERIALS: Final = [
    {"id": f"tt99{number:05d}", "type": "series", "name": name, "releaseInfo": years}
    for number, (name, years) in enumerate(
        (
            ("The Lighthouse Keeper", "1936–1938"),
            ("Night Train North", "1941–1942"),
            ("Harbour Lights", "1951"),
            ("The Third Window", "1948–1950"),
            ("Letters to Nowhere", "1955–1957"),
            ("A Garden in Winter", "1939"),
            ("The Cartographers", "1953–1954"),
            ("Salt", "1947"),
            ("The Long Way to the Mill", "1949–1952"),
        )
    )
]
FILMS: Final = [
    {"id": "own:1", "type": "movie", "name": "Metropolis (1927)", "releaseInfo": "1927"},
    {"id": "own:2", "type": "movie", "name": "Metropolis", "releaseInfo": "2001"},
    {"id": "own:3", "type": "movie", "name": "The Making of Metropolis", "releaseInfo": "2002"},
]


async def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    library = Library(seed=4, films=1200, channels=240, series=90)
    async with FakeTmdb() as tmdb, FakePanel(library, clock=SystemClock()) as panel:
        tmdb.add("movie", 19, imdb_id="tt0017136", title="Metropolis", runtime=153)
        await _shoot_all({"HEADGATE_REGISTRATION": "invitation", "HEADGATE_TMDB_URL": tmdb.url}, panel)


async def _shoot_all(environment: dict[str, str], panel: FakePanel) -> None:
    with tempfile.TemporaryDirectory() as folder, running("embedded", environment, Path(folder)) as hub:
        async with AsyncExitStack() as stack:
            browser = await stack.enter_async_context(chromium())
            for width in WIDTHS:
                async with page_at(browser, hub.url, width=width) as page:
                    await page.goto("/setup")
                    await _shoot(page, "setup", width)
            await _set_up(browser, hub.url, stack)
            await _fill_accounts(hub.url)
            shelves = await _fill_library(hub.url, panel)
            for width in WIDTHS:
                await _tour(browser, hub.url, width, shelves)
                await _register(browser, hub.url, width)
            await _light(browser, hub.url)


async def _set_up(browser: Browser, url: str, stack: AsyncExitStack) -> None:
    """The owner, the demo, one addon that answers and one that stopped."""
    serials = await stack.enter_async_context(
        FakeAddon(
            manifest=manifest(
                "org.serials",
                name="Old serials",
                catalogs=[catalog("Serials", "series"), catalog("Films", extra=["search", "skip"])],
                idPrefixes=["tt", "own:"],
            ),
            catalogs={"Serials": SERIALS, "Films": FILMS},
            streams={"tt0017136": [stream("https://cdn.example.org/metropolis.mp4", name="Restored, 2160p")]},
        )
    )
    attic = await stack.enter_async_context(
        FakeAddon(manifest=manifest("org.attic", name="House media", resources=["stream"]))
    )
    async with page_at(browser, url) as page:
        await page.goto("/setup")
        await page.get_by_label("Name").fill(USERNAME)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_label("Password once more").fill(PASSWORD)
        await page.get_by_role("button", name="Create owner").click()
        await page.wait_for_url("**/?**")
        for addon in (serials, attic):
            await page.goto("/sources")
            await page.get_by_label("Add a Stremio addon").fill(addon.manifest_url)
            await page.get_by_role("button", name="Add", exact=True).click()
            await page.get_by_role("heading", name=str(addon.manifest["name"]), exact=True).wait_for()
        attic.on("stream", status=500)
        for video in ("tt0017136", "tt0063350", "tt0032599"):
            await page.goto(f"/title/movie/{video}?wait=1")


async def _fill_accounts(url: str) -> None:
    """Others on the hub, a second profile, a key, and somebody who misbehaved."""
    async with Api.of(url) as api:
        await api.sign_in(USERNAME, PASSWORD)
        for name, tier in (("grace", "premium"), ("linus", "free"), ("mallory", "free")):
            made = await api.post("/api/v1/accounts", {"username": name, "password": PASSWORD, "tier": tier})
        await api.patch(f"/api/v1/accounts/{made['id']}", {"disabled": True})
        await api.post("/api/v1/profiles", {"name": "Children"})
        await api.post("/api/v1/api-keys", {"name": "Kodi in the kitchen", "scopes": ["read"]})
        await api.put("/api/v1/settings/tmdb/key", {"key": API_KEY})
        await api.put("/api/v1/settings/tmdb", {"language": "de-DE"})
        block = {
            "address": "203.0.113.7",
            "reason": "Asked for pages that are not here",
            "expires_in_s": 3600,
        }
        await api.post("/api/v1/admin/blocks", block)
        await api.post("/api/v1/admin/allowed", {"network": "198.51.100.0/24", "reason": "The office"})


async def _fill_library(url: str, panel: FakePanel) -> dict[str, str]:
    """A synced account, one whose provider is away, and the pages of one of each kind."""
    account = next(iter(panel.accounts.values()))
    new = {"username": account.username, "password": account.password}
    async with Api.of(url) as api, FakePanel(Library(films=40, channels=12), clock=SystemClock()) as cellar:
        await api.sign_in(USERNAME, PASSWORD)
        for name, of in (("Cellar", cellar), ("Evening TV", panel)):
            made = await api.post("/api/v1/xtream-accounts", {"url": of.url, "name": name, **new})
            await api.post("/api/v1/sync/jobs", {"kind": "xtream", "account_id": made["id"]})
            await until(partial(_is_synced, api, made["id"]))
        await cellar.stop()
        for held in (await api.get("/api/v1/xtream-accounts"))["items"]:
            await api.post(f"/api/v1/xtream-accounts/{held['id']}/check")
        panel.library = panel.library.evolved(5, 0.02)
        await api.post("/api/v1/sync/jobs", {"kind": "xtream", "account_id": made["id"]})
        await until(partial(_is_synced, api, made["id"]))
        found = {"library-account": f"/accounts/{made['id']}"}
        for name, kind in (("channel", "channels"), ("film", "movies"), ("series", "series")):
            items = (await api.get(f"/api/v1/library/{kind}?account={made['id']}&sort=-added"))["items"]
            best = next((item for item in items if item.get("now") or item.get("year")), items[0])
            await api.put(f"/api/v1/library/favourites/{best['id']}", None)
            found[f"library-{name}"] = f"/library/{kind}/{best['id']}"
        return found


async def _is_synced(api: Api, account_id: str) -> bool:
    runs = (await api.get(f"/api/v1/sync/jobs?kind=xtream&account={account_id}"))["items"]
    return all(run["finished_at"] for run in runs)


async def _tour(browser: Browser, url: str, width: int, shelves: dict[str, str]) -> None:
    async with page_at(browser, url, width=width) as page:
        await page.goto("/login")
        await _shoot(page, "login", width)
        await sign_in(page, USERNAME, PASSWORD)
        for name, path in {**PAGES, **shelves}.items():
            await page.goto(path)
            await _shoot(page, name, width)
        await _invite(page, width)
        await page.goto("/")
        await page.get_by_role("link", name="See all").first.click()
        await _shoot(page, "browse", width)


async def _register(browser: Browser, url: str, width: int) -> None:
    async with page_at(browser, url, width=width) as page:
        await page.goto("/register?invitation=as-sent")
        await _shoot(page, "register", width)


async def _invite(page: Page, width: int) -> None:
    await page.goto("/admin/users")
    button = page.get_by_role("button", name="Make an invitation")
    if not await button.is_visible():
        await page.get_by_text("Invite somebody").click()
    await button.click()
    await page.get_by_role("heading", name="Your invitation").wait_for()
    await page.evaluate("scrollTo(0, 0)")
    await _shoot(page, "users", width)


async def _light(browser: Browser, url: str) -> None:
    """A few pages are enough to see the other scheme."""
    async with page_at(browser, url, scheme="light") as page:
        await sign_in(page, USERNAME, PASSWORD)
        await _shoot(page, "home-light", 1280)
        for name in ("sources", "admin/health"):
            await page.goto(f"/{name}")
            await _shoot(page, f"{name.rpartition('/')[2]}-light", 1280)


async def _shoot(page: Page, name: str, width: int) -> None:
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=IMAGES / f"{name}-{width}.png")


if __name__ == "__main__":
    asyncio.run(main())
