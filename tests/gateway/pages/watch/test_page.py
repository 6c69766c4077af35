"""The watch page as the server sends it: what it knows of the video, its sources and the place in it."""

from datetime import timedelta

import pytest

from libs.common.contracts.catalog import SourceProblem
from libs.common.contracts.embeds import EmbedSites, EmbedSiteView
from libs.common.contracts.playback import PlaybackPlan
from libs.common.contracts.streaming import DroppedStream, StreamsPage
from libs.common.contracts.viewing import ProgressView
from libs.common.errors import Unavailable, UpstreamFailed, UpstreamTimedOut
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import NOW, Inner, raw, stream

HERE = "/watch/movie/tt0017136"
EPISODE = "/watch/series/tt9%3A1%3A1"
STREAMS = "/api/v1/streams/movie/tt0017136"
LATE = SourceProblem("x", "Far away", "addon_timed_out", "The addon has not answered yet.")


def place(video_id: str, position_s: float, *, finished: bool = False) -> ProgressView:
    return ProgressView(
        video_id=video_id,
        title_id=video_id,
        type="movie",
        season=None,
        episode=None,
        position_s=position_s,
        duration_s=9000,
        finished=finished,
        watched=finished,
        watched_at=None,
        plays=0,
        updated_at=NOW,
    )


def serial() -> dict[str, object]:
    later = (NOW + timedelta(days=400)).isoformat()
    videos = [
        {"id": "tt9:1:1", "season": 1, "episode": 1, "title": "Pilot"},
        {"id": "tt9:1:2", "season": 1, "episode": 2, "title": "The second"},
        {"id": "tt9:1:3", "season": 1, "episode": 3, "title": "Not yet", "released": later},
        {"id": "tt9:0:1", "season": 0, "episode": 1, "title": "Making of"},
    ]
    return {"id": "tt9", "type": "series", "name": "Old serial", "videos": videos}


async def test_it_plays_what_the_hub_sends_and_nothing_else(owner: Browser) -> None:
    page = await owner.open(HERE)
    policy = page.headers["content-security-policy"]
    assert "media-src 'self' blob: data:; worker-src 'self'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert " style=" not in page.html


async def test_other_pages_may_play_nothing(owner: Browser) -> None:
    assert "media-src" not in (await owner.open("/")).headers["content-security-policy"]


async def test_a_stranger_is_led_to_the_gate_and_back(browser: Browser, inner: Inner) -> None:
    inner.accounts["owner"] = "correct horse"
    assert (await browser.open(HERE)).path == "/login"
    assert f'value="{HERE}"' in (await browser.open(HERE)).html


async def test_the_film_and_its_sources_are_shown(owner: Browser) -> None:
    page = await owner.open(HERE)
    assert "Metropolis" in page.words
    assert "Archive.org 1080p" in page.words
    assert f"{HERE}?source=" in page.html
    assert 'data-position="0.0"' in page.html


async def test_the_place_is_on_the_page(owner: Browser, inner: Inner) -> None:
    inner.places["tt0017136"] = place("tt0017136", 2590)
    assert 'data-position="2590' in (await owner.open(HERE)).html


async def test_what_was_finished_begins_again(owner: Browser, inner: Inner) -> None:
    inner.places["tt0017136"] = place("tt0017136", 8900, finished=True)
    assert 'data-position="0.0"' in (await owner.open(HERE)).html


async def test_a_place_nobody_can_tell_is_said(owner: Browser, inner: Inner) -> None:
    inner.failing["/api/v1/progress/tt0017136"] = Unavailable("Away.")
    page = await owner.open(HERE)
    assert page.status == 200
    assert "Where you stopped can't be told" in page.words


async def test_an_episode_says_which_and_leads_on(owner: Browser, inner: Inner) -> None:
    inner.titles["tt9"] = serial()
    page = await owner.open(EPISODE)
    assert "Old serial" in page.words
    assert "Season 1, episode 1 · Pilot" in page.words
    assert "/watch/series/tt9%3A1%3A2" in page.links
    assert "/title/series/tt9?video=tt9%3A1%3A1" in page.links


async def test_after_the_last_that_is_out_comes_nothing(owner: Browser, inner: Inner) -> None:
    inner.titles["tt9"] = serial()
    for video in ("tt9%3A1%3A2", "tt9%3A0%3A1"):
        page = await owner.open(f"/watch/series/{video}")
        assert "Next episode" not in page.words


async def test_an_id_of_an_addons_own_needs_its_title_named(owner: Browser, inner: Inner) -> None:
    inner.titles["own:show"] = {
        "id": "own:show",
        "type": "series",
        "name": "Home films",
        "videos": [{"id": "x/1", "season": 1, "episode": 1}, {"id": "x/2", "season": 1, "episode": 2}],
    }
    page = await owner.open("/watch/series/x%2F1?title=own%3Ashow")
    assert "Home films" in page.words
    assert "/watch/series/x%2F2?title=own%3Ashow" in page.links


async def test_the_quality_watched_before_is_begun_with(owner: Browser, inner: Inner) -> None:
    hd = raw({"url": "https://a.example/1", "behaviorHints": {"bingeGroup": "hd"}})
    inner.titles["tt9"] = serial()
    inner.streams["tt9:1:1"] = StreamsPage(
        items=(
            stream("Big", "https://a.example/2", "Near", id="big"),
            stream("Usual", "https://a.example/1", "Near", id="usual", raw=hd),
        )
    )
    page = await owner.open(f"{EPISODE}?group=hd")
    begun = page.html[page.html.index('data-offer="usual"') :].partition(">")[0]
    assert "data-first" in begun


async def test_late_sources_leave_their_place_and_a_way_to_wait(owner: Browser, inner: Inner) -> None:
    inner.failing[STREAMS] = UpstreamTimedOut("late")
    page = await owner.open(HERE)
    assert page.status == 200
    assert f'data-wait="{HERE}/sources?' in page.html
    assert any(link.endswith("&wait=1") for link in page.links)
    del inner.failing[STREAMS]
    fragment = await owner.open(f"{HERE}/sources?title=tt0017136")
    assert "Archive.org 1080p" in fragment.words
    assert "<html" not in fragment.html


async def test_nothing_after_the_whole_wait_says_so(owner: Browser, inner: Inner) -> None:
    inner.failing[STREAMS] = UpstreamTimedOut("late")
    page = await owner.open(f"{HERE}?wait=1")
    assert "None of your addons answered in time." in page.words
    assert "data-wait=" not in page.html


async def test_failed_sources_say_why(owner: Browser, inner: Inner) -> None:
    inner.failing[STREAMS] = UpstreamFailed("The source broke off.")
    page = await owner.open(HERE)
    assert page.status == 200
    assert "The source broke off." in page.words


async def test_no_source_says_what_to_do(owner: Browser, inner: Inner) -> None:
    inner.streams["tt0017136"] = StreamsPage(items=())
    page = await owner.open(HERE)
    assert "Add an addon" in page.words
    assert "/sources" in page.links


async def test_a_poster_too_long_to_be_told_is_not_told(owner: Browser, inner: Inner) -> None:
    """With it the hub refused every report of where the film is."""
    drawn = "data:image/svg+xml," + "x" * 3000
    inner.titles["tt0017136"] = {"id": "tt0017136", "type": "movie", "name": "Drawn", "poster": drawn}
    assert 'data-poster=""' in (await owner.open(HERE)).html


async def test_what_was_left_out_is_not_taken_for_nothing(owner: Browser, inner: Inner) -> None:
    left_out = DroppedStream(addon_name="Near", name="Cam", reason="you don't want it")
    inner.streams["tt0017136"] = StreamsPage(items=(), dropped=(left_out,))
    page = await owner.open(HERE)
    assert "Nothing is left of what your addons have." in page.words
    assert "/settings/playback" in page.links


async def test_what_is_there_is_offered_while_others_are_waited_for(owner: Browser, inner: Inner) -> None:
    near = stream("Quick", "https://a.example/1", "Near")
    inner.streams["tt0017136"] = StreamsPage(items=(near,), problems=(LATE,))
    page = await owner.open(HERE)
    assert "Quick" in page.words
    assert f'data-wait="{HERE}/sources?' in page.html


async def test_names_from_elsewhere_stay_text(owner: Browser, inner: Inner) -> None:
    nasty = '"><script>alert(1)</script>'
    group = raw({"url": "https://a.example/1", "behaviorHints": {"bingeGroup": nasty}})
    inner.streams["tt0017136"] = StreamsPage(
        items=(stream(nasty, "https://a.example/1", nasty, id=nasty, raw=group),)
    )
    inner.titles["tt0017136"] = {"id": "tt0017136", "type": "movie", "name": nasty}
    page = await owner.open(f"{HERE}?title={'%22%3E%3Cscript%3E'}")
    assert "<script>alert" not in page.html


async def test_without_javascript_the_film_is_one_way_away(owner: Browser, inner: Inner) -> None:
    inner.plans["one"] = PlaybackPlan(method="direct", reason="", url="/media/signed/film.mp4")
    inner.places["tt0017136"] = place("tt0017136", 2590)
    inner.streams["tt0017136"] = StreamsPage(items=(stream("One", "https://a.example/1", "Near", id="one"),))
    assert f'src="{HERE}/file?source=one#t=2590"' in (await owner.open(HERE)).html
    async with owner.client.get(f"{HERE}/file?source=one", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "/media/signed/film.mp4")
        assert answer.headers["Cache-Control"] == "no-store"
    assert inner.played[0].proof.kind == "sessions"


@pytest.mark.parametrize("source", ["gone", "never", "", "x" * 201])
async def test_a_film_that_can_not_be_played_is_a_page(owner: Browser, inner: Inner, source: str) -> None:
    inner.plans["never"] = PlaybackPlan(method="impossible", reason="Nothing here plays it.")
    page = await owner.open(f"{HERE}/file?source={source}")
    assert page.status in (404, 422)
    assert "Request id" in page.words


THEIRS = stream("Theirs", "https://embed.example/embed/movie/19", "Theirs", kind="external")


async def test_no_site_is_framed_unless_the_operator_set_it(owner: Browser, inner: Inner) -> None:
    inner.streams["tt0017136"] = StreamsPage(items=(THEIRS,))
    page = await owner.open(HERE)
    assert "frame-src" not in page.headers["content-security-policy"]
    assert "Open the page" in page.words


async def test_sites_that_the_operator_set_are_framed(owner: Browser, inner: Inner) -> None:
    inner.streams["tt0017136"] = StreamsPage(items=(THEIRS,))
    sites = ("https://embed.example", "https://x.example; script-src *")
    inner.embed_sites = EmbedSites(
        tuple(EmbedSiteView(id=each, name=each, origin=each, status="up") for each in sites)
    )
    page = await owner.open(HERE)
    assert page.headers["content-security-policy"].endswith("; frame-src https://embed.example")
    assert "Play in its own player" in page.words
