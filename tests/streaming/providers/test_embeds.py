"""Pages of embed sites: sources elsewhere, off unless the operator set a site, never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.fakes.addon import FakeAddon, stream
from tests.fakes.clock import ManualClock
from tests.fakes.embed import FakeEmbed
from tests.streaming.hub import OWNER, Streaming, streaming
from tests.waiting import until


@pytest.fixture
async def site() -> AsyncIterator[FakeEmbed]:
    async with FakeEmbed() as site:
        yield site


@pytest.fixture
async def hub(tmp_path: Path, site: FakeEmbed) -> AsyncIterator[Streaming]:
    async with streaming(tmp_path, HEADGATE_EMBED_URL=site.url) as service:
        service.catalog.tmdb["tt0017136"] = 19
        service.catalog.tmdb["tt0944947"] = 1399
        yield service


async def get(service: Streaming, tail: str = "") -> Any:
    answer = await service.raw(f"/api/v1/embeds{tail}", identity=OWNER)
    return msgspec.json.decode(answer.body)


async def seen(service: Streaming, status: str) -> Any:
    """The first site, once it was found so."""

    async def is_seen() -> bool:
        return bool((await get(service))["items"][0]["status"] == status)

    await until(is_seen)
    return (await get(service))["items"][0]


async def test_hub_without_a_site_has_no_embeds(service: Streaming) -> None:
    assert (await get(service))["items"] == []
    assert (await get(service, "/movie/tmdb:19")) == {"items": [], "problems": []}
    assert (await get(service, "/search?q=metropolis"))["items"] == []


async def test_film_and_episode_are_pages_of_the_site(hub: Streaming, site: FakeEmbed) -> None:
    (film,) = (await get(hub, "/movie/tt0017136"))["items"]
    (episode,) = (await get(hub, "/series/tt0944947:1:2?start_s=90"))["items"]
    (by_number,) = (await get(hub, "/movie/tmdb:603"))["items"]
    assert film == {
        "provider_id": film["provider_id"],
        "provider_name": site.url.removeprefix("http://"),
        "url": f"{site.url}/embed/movie/19",
        "origin": site.url,
        "messages": {
            "type": "PLAYER_EVENT",
            "event": "data.event",
            "position_s": "data.currentTime",
            "duration_s": "data.duration",
        },
    }
    assert episode["url"] == f"{site.url}/embed/tv/1399/1/2?progress=90"
    assert by_number["url"] == f"{site.url}/embed/movie/603"


@pytest.mark.parametrize(
    "video", ["movie/tt9", "movie/kitsu:1", "series/tt0944947", "movie/tt0944947:1:2", "movie/tmdb:x"]
)
async def test_what_has_no_number_has_no_page(hub: Streaming, video: str) -> None:
    assert await get(hub, f"/{video}") == {"items": [], "problems": []}


async def test_nobody_without_a_key_of_tmdb_has_pages_but_by_its_numbers(hub: Streaming) -> None:
    hub.catalog.has_tmdb_key = False
    assert (await get(hub, "/movie/tt0017136"))["items"] == []
    assert len((await get(hub, "/movie/tmdb:19"))["items"]) == 1
    answer = await hub.raw("/api/v1/embeds/search?q=x", identity=OWNER)
    assert (answer.status, msgspec.json.decode(answer.body)["code"]) == (409, "tmdb_key_missing")


async def test_titles_are_found_by_words(hub: Streaming) -> None:
    (title,) = (await get(hub, "/search?q=Metropolis"))["items"]
    assert (title["id"], title["type"], title["name"], title["year"]) == (
        "tmdb:19",
        "movie",
        "Metropolis",
        1927,
    )


async def test_page_is_an_external_source_behind_addons(hub: Streaming, site: FakeEmbed) -> None:
    async with FakeAddon(streams={"tt0017136": [stream("https://a.example/1")]}) as addon:
        hub.catalog.add(addon, "Far")
        page = await hub.page("movie", "tt0017136")
    assert [(item.addon_name, item.kind) for item in page.items] == [
        ("Far", "url"),
        (site.url.removeprefix("http://"), "external"),
    ]
    assert page.items[1].url == f"{site.url}/embed/movie/19"
    assert page.problems == ()


async def test_site_is_looked_at_and_said_to_be_up(hub: Streaming, site: FakeEmbed) -> None:
    found = await seen(hub, "up")
    assert found["detail"] == ""
    assert found["checked_at"]
    assert site.asked == ["/embed/movie/603"]


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        (503, "text/html", "x"),
        (404, "text/html", "x"),
        (200, "application/json", "{}"),
        (200, "text/html", ""),
    ],
)
async def test_site_without_its_page_is_down_and_the_others_answer(
    tmp_path: Path, site: FakeEmbed, status: int, content_type: str, body: str
) -> None:
    site.status, site.content_type, site.body = status, content_type, body
    async with (
        FakeEmbed() as other,
        FakeAddon(streams={"tt0017136": [stream("https://a.example/1")]}) as addon,
        streaming(tmp_path, HEADGATE_EMBED_URL=f"{site.url},{other.url}") as service,
    ):
        service.catalog.add(addon, "Far")
        service.catalog.tmdb["tt0017136"] = 19
        down = await seen(service, "down")
        titles = await get(service, "/search?q=Metropolis")
        up = (await get(service))["items"][1]
        assert [title["provider_ids"] for title in titles["items"]] == [[up["id"]]]
        assert [problem["addon_id"] for problem in titles["problems"]] == [down["id"]]
        assert down["detail"]
        page = await service.page("movie", "tt0017136")
        assert [item.url for item in page.items] == ["https://a.example/1", f"{other.url}/embed/movie/19"]
        assert [(problem.addon_id, problem.reason) for problem in page.problems] == [
            (down["id"], "embed_down")
        ]
        embeds = await get(service, "/movie/tmdb:19")
        assert [len(embeds["items"]), len(embeds["problems"])] == [1, 1]


async def test_site_comes_back_by_itself(tmp_path: Path, site: FakeEmbed, clock: ManualClock) -> None:
    site.status = 404
    async with streaming(tmp_path, clock, HEADGATE_EMBED_URL=site.url) as service:
        await seen(service, "down")
        site.status = 200

        async def is_up() -> bool:
            clock.advance(60)
            return bool((await get(service))["items"][0]["status"] == "up")

        await until(is_up)


async def test_slow_site_is_not_waited_for(tmp_path: Path, site: FakeEmbed) -> None:
    site.hold = asyncio.Event()
    async with streaming(tmp_path, HEADGATE_EMBED_URL=site.url) as service:
        assert (await get(service))["items"][0]["status"] == "unknown"
        assert len((await service.page("movie", "tmdb:19")).items) == 1
        site.hold.set()


async def test_refused_address_is_never_asked(tmp_path: Path) -> None:
    async with streaming(tmp_path, HEADGATE_EMBED_URL="http://169.254.169.254") as service:
        assert "never asked" in (await seen(service, "down"))["detail"]
