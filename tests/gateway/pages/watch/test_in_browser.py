"""The watch page in a real browser, with a real film, before services that do what a test wants of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from msgspec.structs import replace
from playwright.async_api import Browser, Page, Route, expect

from libs.common.contracts.embeds import EmbedMessages, EmbedSites, EmbedSiteView, EmbedsPage, EmbedView
from libs.common.contracts.playback import OfferedSubtitle, PlaybackPlan, SubtitleList
from libs.common.contracts.streaming import StreamsPage
from services.gateway.app import create_app
from services.gateway.settings import Settings
from tests.gateway.pages.answering import app_of
from tests.gateway.pages.inner import Inner, raw, stream
from tests.gateway.pages.watch.film import make_film
from tests.gateway.pages.watch.test_page import place, serial
from tests.journeys.browser import chromium
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")  # the browser's
HLS = "application/vnd.apple.mpegurl"
HERE = "/watch/movie/tt0017136"
VIDEO = "document.querySelector('video')"
TIME = f"{VIDEO}.currentTime"
SHOWN = f"[...{VIDEO}.textTracks].find((track) => track.mode === 'showing')?.cues?.[0]?.text ?? ''"
SPOKEN = "WEBVTT\n\n00:00:00.000 --> 00:00:40.000\nGuten Abend.\n"
UNSENT = "Object.keys(localStorage).some((key) => key.startsWith('headgate.unsent'))"
Item = dict[str, Any]


@dataclass
class Reported:
    """What the page told of the film. `is_away` makes the hub refuse it as if its database were gone; parts
    of films are answered once they were made for `making_s`."""

    reports: list[Item] = field(default_factory=list)
    batches: list[list[Item]] = field(default_factory=list)
    is_away: bool = False
    making_s: float = 0.0

    @property
    def events(self) -> list[str]:
        return [report["event"] for report in self.reports]

    def routes(self, films: Path) -> list[web.RouteDef]:
        async def session(_request: web.Request) -> web.Response:
            return web.json_response({"id": "session-1"})

        async def report(request: web.Request) -> web.Response:
            if self.is_away:
                return web.Response(status=503)
            self.reports.append(await request.json())
            return web.json_response({})

        async def batch(request: web.Request) -> web.Response:
            self.batches.append((await request.json())["items"])
            return web.json_response({"items": []})

        async def media(request: web.Request) -> web.StreamResponse:
            path = films / request.match_info["file"]
            if path.name == "ger.vtt":
                return web.Response(text=SPOKEN, content_type="text/vtt")
            if not path.exists():
                raise web.HTTPNotFound
            content_type = HLS if path.suffix == ".m3u8" else "video/mp4"
            if self.making_s and path.suffix in (".m4s", ".ts"):
                await asyncio.sleep(self.making_s)
            whole, wanted = path.read_bytes(), request.http_range
            body, start = whole[wanted], wanted.start or 0
            headers = {"Content-Type": content_type, "Accept-Ranges": "bytes"}
            if "Range" not in request.headers:
                return web.Response(body=body, headers=headers)
            headers["Content-Range"] = f"bytes {start}-{start + len(body) - 1}/{len(whole)}"
            return web.Response(status=206, body=body, headers=headers)

        return [
            web.post("/api/v1/viewing/sessions", session),
            web.post("/api/v1/progress/{id}", report),
            web.post("/api/v1/progress", batch),
            web.get("/media/signed/{file}", media),
        ]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    make_film(folder)
    return folder


@pytest.fixture
def reported() -> Reported:
    return Reported()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium("--autoplay-policy=no-user-gesture-required") as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def page(
    inner: Inner, reported: Reported, films: Path, tmp_path: Path, browser: Browser
) -> AsyncIterator[Page]:
    """A browser that is signed in. Whatever it complains of fails the test that made it complain."""
    inner.accounts["owner"] = "correct horse"
    services = app_of(inner)
    services.router.add_routes(reported.routes(films))
    complaints: list[str] = []
    async with AsyncExitStack() as stack:
        inside = await stack.enter_async_context(TestServer(services))
        urls = {
            f"HEADGATE_{name}_URL": str(inside.make_url("/")).rstrip("/")
            for name in ("AUTH", "CATALOG", "STREAMING", "SYNC")
        }
        settings = Settings.from_env({"HEADGATE_DATA_DIR": str(tmp_path), **urls})
        gateway = await stack.enter_async_context(TestServer(create_app(settings)))
        context = await browser.new_context(base_url=str(gateway.make_url("/")), reduced_motion="reduce")
        stack.push_async_callback(context.close)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None
        )
        await page.goto("/login")
        await page.get_by_label("Name").fill("owner")
        await page.get_by_label("Password").fill("correct horse")
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/")
        yield page
        await page.goto("about:blank")
    assert complaints == []


def offers(inner: Inner, *sources: tuple[str, PlaybackPlan], video: str = "tt0017136") -> None:
    """The sources of the film, best first, each with how the hub says that it is played."""
    inner.plans.update(sources)
    inner.streams[video] = StreamsPage(
        items=tuple(
            stream(
                name,
                "https://cdn.example.org/film.mp4",
                "Near",
                id=name,
                raw=raw({"behaviorHints": {"bingeGroup": name}}),
            )
            for name, _ in sources
        )
    )


def a_file(name: str = "film.mp4") -> PlaybackPlan:
    return PlaybackPlan(method="direct", reason="", url=f"/media/signed/{name}", content_type="video/mp4")


def a_ladder() -> PlaybackPlan:
    return PlaybackPlan(method="hls", reason="", url="/media/signed/master.m3u8", content_type=HLS)


async def holds(page: Page, expression: str) -> None:
    """Waits until it does. The page's policy forbids Playwright to wait inside the page."""

    async def is_so() -> bool:
        return bool(await page.evaluate(expression))

    await until(is_so)


async def plays_from(page: Page, seconds: float) -> None:
    """Waits until the film is past that place, and not far past it."""
    await holds(page, f"{TIME} > {seconds} && {TIME} < {seconds + 8}")


async def told(reported: Reported, event: str, beyond_s: float = 0.0) -> Item:
    def found() -> list[Item]:
        return [
            item for item in reported.reports if item["event"] == event and item["position_s"] >= beyond_s
        ]

    async def is_told() -> bool:
        return bool(found())

    await until(is_told)
    return found()[0]


async def barriers(page: Page) -> list[str]:
    found = await Axe().run(page)
    return [f"{each['id']}: {each['nodes'][0]['target']}" for each in found.response["violations"]]


async def test_a_film_plays_seeks_and_tells_where_it_is(page: Page, inner: Inner, reported: Reported) -> None:
    inner.places["tt0017136"] = place("tt0017136", 20)
    offers(inner, ("Good", a_file()))
    await page.goto(HERE)
    problems = await barriers(page)
    await expect(page.get_by_role("button", name="From the beginning")).to_be_visible()
    await page.get_by_role("button", name="Resume at 0:20").click()
    await plays_from(page, 20)
    assert inner.played[0].question.start_s == 20
    assert {"h264", "aac"} <= set(inner.played[0].question.player.codecs)
    start = await told(reported, "start")
    assert (start["session_id"], start["name"], round(start["duration_s"])) == ("session-1", "Metropolis", 40)
    await page.keyboard.press("ArrowRight")
    await told(reported, "heartbeat", beyond_s=29)
    await page.keyboard.press("1")
    await plays_from(page, 4)
    await page.keyboard.press("Space")
    assert (await told(reported, "pause"))["position_s"] >= 4
    await page.keyboard.press("?")
    await expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    problems += await barriers(page)
    await page.keyboard.press("Escape")
    await expect(page.locator("#stage")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("button", name="Back 10 seconds")).to_be_focused()
    assert problems == []


async def test_a_quality_is_chosen_and_kept_while_it_plays_on(page: Page, inner: Inner) -> None:
    offers(inner, ("Ladder", a_ladder()))
    await page.goto(f"{HERE}#play")
    await plays_from(page, 0)
    await page.get_by_role("button", name="Quality").click()
    await page.get_by_label("90p").check()
    await holds(page, f"{VIDEO}.videoHeight === 90")
    await page.keyboard.press("Escape")
    await page.keyboard.press("5")
    await plays_from(page, 20)
    assert await barriers(page) == []
    await holds(page, "document.querySelector('[data-measured]').textContent !== ''")
    await page.get_by_role("link", name="Play Ladder").click()
    await holds(page, f"{VIDEO}.videoHeight === 90")
    await plays_from(page, 20)
    assert inner.played[-1].question.player.bandwidth_bps > 0


async def test_a_line_is_not_held_to_be_as_slow_as_parts_are_made(
    page: Page, inner: Inner, reported: Reported
) -> None:
    reported.making_s = 0.4
    offers(inner, ("Ladder", a_ladder()))
    await page.goto(f"{HERE}#play")
    await plays_from(page, 0)
    measured = "JSON.parse(localStorage.getItem('headgate.line'))?.bps"
    await holds(page, f"{measured} > {8 * 100_000 / reported.making_s}")


async def test_a_source_that_fails_leads_to_the_next(page: Page, inner: Inner) -> None:
    """Once by itself, saying so; after that by one press. What the hub can't play says why."""
    no_ffmpeg = PlaybackPlan(method="impossible", reason="This hub has no ffmpeg, which HEVC needs here.")
    offers(inner, ("Broken", a_file("gone.mp4")), ("Foreign", no_ffmpeg), ("Good", a_file()))
    await page.goto(f"{HERE}#play")
    failed = page.get_by_text("Foreign did not play: This hub has no ffmpeg, which HEVC needs here.")
    await expect(failed).to_be_visible()
    await expect(page.locator("[data-offer=Broken] [data-state]")).to_contain_text("Did not play")
    assert await barriers(page) == []
    await page.get_by_role("button", name="Play Good, Near").click()
    await plays_from(page, 0)
    await expect(page.locator("[data-offer=Good] [data-state]")).to_have_text("Playing")


async def test_where_a_film_is_waits_for_the_line(page: Page, inner: Inner, reported: Reported) -> None:
    offers(inner, ("Good", a_file()))
    await page.goto(f"{HERE}#play")
    await told(reported, "start")
    reported.is_away = True
    await page.keyboard.press("5")
    await holds(page, UNSENT)
    await page.context.set_offline(True)
    await expect(page.get_by_text("You are offline.")).to_be_visible()
    await page.keyboard.press("k")
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_attached()
    await page.context.set_offline(False)
    reported.is_away = False
    await until(lambda: _is_sent(reported))
    kept = reported.batches[0][0]
    assert (kept["video_id"], kept["position_s"] >= 20) == ("tt0017136", True)
    assert kept["at"].endswith("Z")
    await holds(page, "!Object.keys(localStorage).some((key) => key.startsWith('headgate.unsent'))")


async def _is_sent(reported: Reported) -> bool:
    return bool(reported.batches)


async def test_after_an_episode_comes_the_next_in_the_same_quality(
    page: Page, inner: Inner, reported: Reported
) -> None:
    inner.titles["tt9"] = serial()
    for video in ("tt9:1:1", "tt9:1:2"):
        offers(inner, ("4K", a_file()), ("HD", a_file()), video=video)
    await page.goto("/watch/series/tt9%3A1%3A1?group=HD#play")
    await plays_from(page, 0)
    await page.clock.install()
    await page.evaluate(f"{TIME} = 39")
    await expect(page.get_by_text("Play next (8)")).to_be_visible()
    assert await barriers(page) == []
    await told(reported, "complete")
    await page.clock.run_for(9000)
    await page.wait_for_url("**/watch/series/tt9%3A1%3A2?group=HD*")
    await plays_from(page, 0)
    await expect(page.locator("[data-offer=HD] [data-state]")).to_have_text("Playing")
    await page.evaluate(f"{TIME} = 39")
    await holds(page, f"{VIDEO}.ended")
    await expect(page.locator("[data-upnext]")).to_have_count(0)


EMBED = """<!doctype html><title>Theirs</title><script>
const say = (currentTime, duration, event = "timeupdate") => parent.postMessage(
  JSON.stringify({type: "PLAYER_EVENT", data: {event, currentTime, duration}}), "*");
say(9e9, 100); say(-1, 100); say(50, 0); say("50", 100);
parent.postMessage("{", "*"); parent.postMessage(null, "*");
say(61, 100);
try { top.location = "about:blank"; } catch {}
</script>"""


async def test_a_page_of_a_site_plays_in_a_frame_and_is_believed_within_reason(
    page: Page, inner: Inner, reported: Reported
) -> None:
    async def embed(_request: web.Request) -> web.Response:
        return web.Response(text=EMBED, content_type="text/html")

    app = web.Application()
    app.router.add_get("/embed/movie/19", embed)
    async with TestServer(app, host="localhost") as site:
        origin = str(site.make_url("/")).rstrip("/")
        inner.embed_sites = EmbedSites((EmbedSiteView(id="e", name="Theirs", origin=origin, status="up"),))
        url = f"{origin}/embed/movie/19"
        said = EmbedMessages("PLAYER_EVENT", "data.event", "data.currentTime", "data.duration")
        view = EmbedView(provider_id="e", provider_name="Theirs", url=url, origin=origin, messages=said)
        inner.embeds = EmbedsPage(items=(view,))
        theirs = stream("Theirs", url, "Theirs", id="theirs", kind="external")
        inner.streams["tt0017136"] = StreamsPage(items=(theirs,))
        await page.goto(HERE)
        await page.evaluate(
            "dispatchEvent(new MessageEvent('message', {data: '{}', origin: location.origin}))"
        )
        await page.get_by_role("link", name="Play in its own player").click()
        assert (await told(reported, "start"))["position_s"] == 61
        assert [report["duration_s"] for report in reported.reports] == [100] * len(reported.reports)
        assert page.url.endswith(HERE)


async def test_what_no_browser_plays_is_offered_as_what_it_is(page: Page, inner: Inner) -> None:
    torrent = raw({"infoHash": "a" * 40})
    inner.streams["tt0017136"] = StreamsPage(
        items=(stream("Torrent", None, "Far", id="torrent", kind="torrent", raw=torrent),)
    )
    await page.goto(HERE)
    stage = page.locator("#stage")
    link = stage.get_by_role("link", name="Open in Stremio")
    await expect(link).to_have_attribute("href", "stremio:///detail/movie/tt0017136/tt0017136")
    await expect(stage.get_by_role("button", name="Copy for mpv or VLC")).to_be_visible()
    inner.streams["tt0017136"] = StreamsPage(items=())
    problems = await barriers(page)
    await page.goto("/")
    await page.goto(HERE)
    await expect(stage.get_by_role("link", name="Add an addon")).to_be_visible()
    assert problems + await barriers(page) == []


async def test_title_page_is_sent_sources_as_they_suit_a_browser_that_has_watched_nothing_yet(
    page: Page, inner: Inner
) -> None:
    await page.goto("/title/movie/tt0017136")
    await page.wait_for_function("document.cookie.includes('headgate_player=')")
    await page.reload()
    told = [call for call in inner.asked if call.startswith("GET /api/v1/streams/movie/tt0017136?codecs=")]
    assert told
    assert "vp9" in told[-1]


async def test_an_addons_subtitles_are_chosen_by_language_and_remembered(page: Page, inner: Inner) -> None:
    inner.subtitles["tt0017136"] = SubtitleList(
        items=tuple(
            OfferedSubtitle(language=language, addon_name="Words", url=f"/media/signed/{language}.vtt")
            for language in ("ger", "eng", "Simlish")
        )
    )
    offers(inner, ("Good", a_file()), ("Ladder", a_ladder()))
    await page.goto(f"{HERE}#play")
    await plays_from(page, 0)
    await page.get_by_role("button", name="Quality").click()
    await expect(page.locator("[data-choice=subtitles] label")).to_have_text(
        ["Off", "English · Words", "German · Words", "Simlish · Words"]
    )
    await page.get_by_label("German · Words").check()
    await holds(page, f"({SHOWN}) === 'Guten Abend.'")
    assert await barriers(page) == []
    await page.get_by_role("link", name="Play Ladder").click()
    # Until the ladder plays, it is the film before that is seen and read.
    await holds(page, f"{VIDEO}.currentSrc.startsWith('blob:') && {VIDEO}.videoHeight > 0")
    await holds(page, f"({SHOWN}) === 'Guten Abend.'")
    await page.keyboard.press("c")
    await holds(page, f"({SHOWN}) === ''")
    note = page.locator("[data-note]")
    await expect(note).to_have_text("Subtitles off")
    await page.keyboard.press("c")
    await expect(note).to_have_text("Subtitles: German · Words")
    await holds(page, f"({SHOWN}) === 'Guten Abend.'")
    await page.reload()
    await plays_from(page, 0)
    await holds(page, f"({SHOWN}) === 'Guten Abend.'")
    await page.get_by_role("button", name="Quality").click()
    await page.get_by_label("English · Words").click()  # which is taken back at once
    await expect(page.get_by_text("English · Words: these subtitles can't be loaded.")).to_be_visible()
    await expect(page.get_by_label("Off")).to_be_checked()


async def test_subtitles_that_are_wanted_before_any_are_known_are_shown_as_they_come(
    page: Page, inner: Inner
) -> None:
    inner.subtitles["tt0017136"] = SubtitleList(
        items=(OfferedSubtitle(language="ger", addon_name="Words", url="/media/signed/ger.vtt"),)
    )
    offers(inner, ("Good", a_file()))
    was_pressed = asyncio.Event()

    async def late(route: Route) -> None:
        await was_pressed.wait()
        await route.continue_()

    await page.route("**/api/v1/subtitles/**", late)
    await page.goto(f"{HERE}#play")
    await plays_from(page, 0)
    await page.keyboard.press("c")
    await expect(page.locator("[data-note]")).to_have_text("Looking for subtitles…")
    was_pressed.set()
    await holds(page, f"({SHOWN}) === 'Guten Abend.'")


async def test_who_wants_subtitles_where_there_are_none_is_told_so(page: Page, inner: Inner) -> None:
    offers(inner, ("Good", a_file()))
    await page.goto(f"{HERE}#play")
    await plays_from(page, 0)
    await page.keyboard.press("c")
    note = page.locator("[data-note]")
    await expect(note).to_have_text("There are no subtitles for this.")
    await page.keyboard.press("c")
    await expect(note).to_have_text("There are no subtitles for this.")


async def test_subtitles_of_hls_are_shown(page: Page, inner: Inner, films: Path) -> None:
    """Which the page's policy has to let hls.js do: what it complains of fails the test."""
    worded = (
        (films / "master.m3u8").read_text().replace("#EXT-X-STREAM-INF:", '#EXT-X-STREAM-INF:SUBTITLES="s",')
    )
    head, _, rest = worded.partition("\n")
    spoken = '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="German",LANGUAGE="de",URI="spoken.m3u8"'
    (films / "worded.m3u8").write_text("\n".join((head, spoken, rest)))
    parts = ("#EXTM3U", "#EXT-X-TARGETDURATION:40", "#EXTINF:40,", "ger.vtt", "#EXT-X-ENDLIST", "")
    (films / "spoken.m3u8").write_text("\n".join(parts))
    offers(inner, ("Worded", replace(a_ladder(), url="/media/signed/worded.m3u8")))
    await page.goto(f"{HERE}#play")
    await plays_from(page, 0)
    await page.keyboard.press("c")
    await holds(page, f"({SHOWN}) === 'Guten Abend.'")
    await expect(page.locator("[data-note]")).to_have_text("Subtitles: German")
