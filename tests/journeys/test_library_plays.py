"""From an account at a provider to a picture: synced, listed to a player, and played through the hub."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from libs.common.clock import SystemClock
from tests.fakes.panel.accounts import Account
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.harness.clients import Api, Json, Player
from tests.harness.hub import Hub
from tests.waiting import until

DATA = Path(__file__).parent / "data"
USERNAME, PASSWORD = "viewer-at-panel", "hunter2-at-panel"
MATRIX = "tt0133093"
PLAYLIST = """#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:1
#EXTINF:1.0,
{channel}_0.ts
#EXT-X-ENDLIST
"""


@dataclass
class Mine:
    """The owner's library, and what it is of."""

    api: Api
    player: Player
    panel: FakePanel

    async def row(self, name: str) -> list[Json]:
        metas: list[Json] = (await self.player.get(f"catalog/{await self.player.row(name)}.json"))["metas"]
        return metas

    async def urls(self, tail: str) -> list[str]:
        return [stream["url"] for stream in (await self.player.get(f"stream/{tail}.json"))["streams"]]


@pytest.fixture
async def panel() -> AsyncIterator[FakePanel]:
    library = Library(films=3, channels=1, series=1)
    async with FakePanel(
        library, Account(USERNAME, PASSWORD, max_connections=3), clock=SystemClock()
    ) as panel:
        film, channel = (DATA / "short.mkv").read_bytes(), (DATA / "short.ts").read_bytes()
        (row,) = library.rows("live")
        playlist = PLAYLIST.format(channel=row["stream_id"]).encode()
        panel.media = {"mkv": film, "mp4": film, "avi": film, "ts": channel, "m3u8": playlist}
        yield panel


@pytest.fixture
async def mine(api: Api, player: Player, panel: FakePanel) -> AsyncIterator[Mine]:
    account = {"url": panel.url, "username": USERNAME, "password": PASSWORD, "name": "Home", "sync": False}
    added = await api.post("/api/v1/xtream-accounts", account)
    job = await api.post("/api/v1/sync/jobs", {"kind": "xtream", "account_id": added["id"]})

    async def is_over() -> bool:
        state: str = (await api.get(f"/api/v1/sync/jobs/{job['id']}"))["state"]
        return state == "succeeded"

    try:
        await until(is_over)
        yield Mine(api, player, panel)
    finally:
        await api.delete(f"/api/v1/xtream-accounts/{added['id']}")


async def test_everything_in_the_library_is_played(mine: Mine) -> None:
    film, channel, series = [(await mine.row(name))[0] for name in ("Films", "Channels", "Series")]
    meta = (await mine.player.get(f"meta/series/{series['id']}.json"))["meta"]
    films = await mine.urls(f"movie/{film['id']}")
    channels = await mine.urls(f"tv/{channel['id']}")
    episodes = await mine.urls(f"series/{meta['videos'][0]['id']}")

    assert film["id"].startswith("hg:")
    assert [url.rpartition(".")[2] for url in channels] == ["m3u8", "ts"]
    for url in (*films, *channels, episodes[0]):
        await shows_a_picture(url)
    await jumps(mine, films[0])


async def test_a_film_that_was_found_to_be_a_title_is_listed_there(mine: Mine) -> None:
    film = (await mine.row("Films"))[0]
    await mine.api.put(f"/api/v1/library/matches/{film['id']}", {"imdb_id": MATRIX, "only_this": True})

    (url,) = await mine.urls(f"movie/{MATRIX}")

    await shows_a_picture(url)
    rest = (await mine.api.get(f"/api/v1/streams/movie/{MATRIX}"))["items"]
    assert rest[0]["url"].startswith(f"{mine.api.base}/api/v1/library/play/movie/")


async def test_nobody_else_plays_it_and_no_log_tells_how(mine: Mine, hub: Hub) -> None:
    film = (await mine.row("Films"))[0]
    (url,) = await mine.urls(f"movie/{film['id']}")
    await another_profile_plays_nothing(mine, f"movie/{film['id']}", url)

    await mine.panel.stop()
    async with mine.player.session.get(url) as answer:
        problem = await answer.json(content_type=None)

    assert (answer.status, problem["code"]) == (502, "provider_failed")
    assert problem["detail"].startswith("Home:")
    told = (await mine.api.send("GET", "/metrics")).body.decode() + hub.logs() + problem["detail"]
    assert PASSWORD not in told


async def test_the_library_leaves_with_its_account(api: Api, player: Player, panel: FakePanel) -> None:
    account = {"url": panel.url, "username": USERNAME, "password": PASSWORD, "sync": False}
    added = await api.post("/api/v1/xtream-accounts", account)
    assert [each["name"] for each in await api.addons()] == ["Library"]
    await api.delete(f"/api/v1/xtream-accounts/{added['id']}")
    assert await api.addons() == []


async def jumps(mine: Mine, url: str) -> None:
    async with mine.player.session.get(url, headers={"Range": "bytes=10-19"}) as answer:
        assert answer.status == 206
        assert await answer.read() == (DATA / "short.mkv").read_bytes()[10:20]
        assert answer.url.path.startswith("/media/")
        assert PASSWORD not in str(answer.url)


async def another_profile_plays_nothing(mine: Mine, video: str, url: str) -> None:
    made = await mine.api.post("/api/v1/profiles", {"name": "Children"})
    try:
        async with Api.of(mine.api.base) as children:
            await children.sign_in("owner", "correct horse battery staple")
            await children.post(f"/api/v1/profiles/{made['id']}/select")
            other = Player(children.session, await children.stremio_url())
            assert (await other.get(f"stream/{video}.json"))["streams"] == []
            theirs = other.manifest_url.replace("stremio://", "http://").removesuffix("manifest.json")
            async with children.session.get(theirs + "play/" + url.partition("/play/")[2]) as answer:
                assert answer.status == 404
    finally:
        await mine.api.delete(f"/api/v1/profiles/{made['id']}")


async def shows_a_picture(url: str) -> None:
    """A player that people use takes it for what it is."""
    if shutil.which("mpv"):
        command = [
            "mpv",
            "--no-config",
            "--vo=null",
            "--ao=null",
            "--really-quiet",
            "--untimed",
            "--frames=1",
            url,
        ]
    else:
        command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv", url]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, said.decode()
