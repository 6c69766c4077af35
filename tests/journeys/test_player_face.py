"""An IPTV app with the hub as its panel: signed in, listed, guided, played; in both forms of a hub."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pyxtream import XTream
from yarl import URL

from libs.common.clock import SystemClock
from libs.common.http import Fetcher, Guard
from libs.protocols.m3u.reading import Reader as M3uReader
from libs.protocols.m3u.rows import Entry
from libs.protocols.xmltv.reading import Reader as GuideReader
from libs.protocols.xmltv.rows import Channel, Programme
from libs.protocols.xtream.addresses import Credentials, Kind, XtreamAddress
from libs.protocols.xtream.client import XtreamClient
from libs.protocols.xtream.errors import CredentialsRefused
from tests.fakes.panel.accounts import Account
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.harness.clients import Answer, Api, Json
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.waiting import until

DATA = Path(__file__).parent / "data"
LIBRARY = Library(seed=5, films=12, channels=6, series=3)


@dataclass
class App:
    """An app that was given what the hub's page shows. It talks to the hub as the hub talks to panels."""

    api: Api
    me: Json
    xtream: XtreamClient

    @classmethod
    async def of(cls, api: Api) -> App:
        me = await api.get("/api/v1/me")
        login = me["xtream"]
        address = XtreamAddress(login["url"], Credentials(login["username"], login["password"]))
        clock = SystemClock()
        fetcher = Fetcher(api.session, Guard(allow_private=True), clock)
        return cls(api, me, XtreamClient(fetcher, clock, address))

    async def get(self, url: str, **headers: str) -> Answer:
        sent = {"Accept-Encoding": "identity", **headers}
        async with self.api.session.get(URL(url, encoded=True), headers=sent) as response:
            return await Answer.of(response)

    async def playlist(self, more: str = "") -> list[Entry]:
        reader = M3uReader()
        batches = reader.feed((await self.get(self.me["m3u_url"] + more)).body)
        return [*itertools.chain(*batches), *reader.finish()]


@pytest.fixture
async def panel() -> AsyncIterator[FakePanel]:
    async with FakePanel(LIBRARY, Account(max_connections=3), clock=SystemClock()) as panel:
        film, channel = (DATA / "short.mkv").read_bytes(), (DATA / "short.ts").read_bytes()
        panel.media = {"mkv": film, "mp4": film, "avi": film, "ts": channel}
        yield panel


@pytest.fixture
async def app(api: Api, panel: FakePanel) -> AsyncIterator[App]:
    wanted = {"url": panel.url, "username": "u1", "password": "p1", "name": "Home"}
    added = await api.post("/api/v1/xtream-accounts", wanted)
    one = f"/api/v1/xtream-accounts/{added['id']}"

    async def is_whole() -> bool:
        return (await api.get(one))["guide_synced_at"] is not None

    try:
        await until(is_whole)
        yield await App.of(api)
    finally:
        await api.delete(one)


async def test_an_app_finds_the_whole_library_and_plays_it(
    app: App, panel: FakePanel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await lists_everything(app)
    await reads_the_guide(app)
    await plays(app)
    await is_told_what_plays(app, panel)
    await pyxtream_loads_and_plays(app, tmp_path, capsys)
    channels = app.me["m3u_url"] + "&key=live"
    first = await app.get(channels)
    again = await app.get(channels, **{"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


async def lists_everything(app: App) -> None:
    assert (await app.xtream.account()).max_connections == 3
    counts: dict[Kind, int] = {"live": 6, "movie": 12, "series": 3}
    for kind, count in counts.items():
        categories = {category.id for category in await app.xtream.categories(kind)}
        rows = [row async for batch in app.xtream.items(kind) for row in batch]
        assert len({row.id for row in rows}) == count
        assert all(set(row.category_ids) <= categories for row in rows)

    series = [row async for batch in app.xtream.items("series") for row in batch]
    details = [await app.xtream.series(row.id) for row in series]
    episodes = sum(len(each.episodes) for each in details)
    films = [row async for batch in app.xtream.items("movie") for row in batch]
    assert (await app.xtream.movie(films[0].id)).id == films[0].id

    listed = await app.playlist()
    assert Counter(entry.kind for entry in listed) == {"live": 6, "movie": 12, "episode": episodes}
    assert "p1" not in {urlsplit(entry.address).path.split("/")[3] for entry in listed}


async def reads_the_guide(app: App) -> None:
    channels = [row async for batch in app.xtream.items("live") for row in batch]
    reader = GuideReader()
    batches = [*reader.feed((await app.get(app.me["xmltv_url"])).body), *reader.finish()]
    rows = list(itertools.chain(*batches))
    told = {row.id for row in rows if isinstance(row, Channel)}
    assert told == {channel.guide_id for channel in channels if channel.guide_id}
    guided = next(channel for channel in channels if channel.guide_id)
    titles = {
        row.titles[0].text for row in rows if isinstance(row, Programme) and row.channel == guided.guide_id
    }
    shown = await app.xtream.short_guide(guided.id, UTC)
    assert {programme.title.partition(": ")[0] for programme in shown.programmes} <= titles


async def plays(app: App) -> None:
    listed = await app.playlist()
    film = next(entry for entry in listed if entry.kind == "movie")
    part = await app.get(film.address, Range="bytes=10-19")
    assert (part.status, part.body) == (206, (DATA / "short.mkv").read_bytes()[10:20])
    assert (await app.get(next(one for one in listed if one.kind == "live").address)).status == 200

    kept = next(entry for entry in listed if entry.catchup is not None)
    assert kept.catchup is not None
    begun = int(SystemClock().time()) - 3600
    source = kept.catchup.source.replace("{utc}", str(begun)).replace("{duration}", "600")
    assert (await app.get(source)).status == 200


async def is_told_what_plays(app: App, panel: FakePanel) -> None:
    async def nothing_plays() -> bool:
        return (await app.xtream.account()).active_connections == 0

    # Playlists of whoever played before hold their places a while.
    await until(nothing_plays)
    file, released = panel.media.pop("ts"), panel.hold_streams()
    channel = next(entry for entry in await app.playlist() if entry.kind == "live")
    async with app.api.session.get(URL(channel.address, encoded=True)) as playing:
        await playing.content.readany()
        assert (await app.xtream.account()).active_connections == 1
    released.set()
    panel.media["ts"] = file


async def pyxtream_loads_and_plays(app: App, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A client that knows nothing of ours, and that checks each row against a schema of its own."""
    theirs = await asyncio.to_thread(_loaded, app.me["xtream"], tmp_path)
    assert (len(theirs.channels), len(theirs.movies), len(theirs.series)) == (6, 12, 3)
    listed = [row for group in theirs.groups for row in (*group.channels, *group.series)]
    assert len(listed) == len({id(row) for row in listed}) == 21
    assert {channel.name for channel in theirs.channels} == {row["name"] for row in LIBRARY.rows("live")}
    assert {film.name for film in theirs.movies} == {row["name"] for row in LIBRARY.rows("vod")}

    series = theirs.series[0]
    await asyncio.to_thread(theirs.get_series_info_by_id, series)
    episodes = [episode for season in series.seasons.values() for episode in season.episodes.values()]
    assert episodes
    assert len({episode.id for episode in episodes}) == len(episodes)

    head = await app.api.session.head(URL(theirs.movies[0].url, encoded=True), allow_redirects=True)
    assert (head.status, head.content_length) == (200, (DATA / "short.mkv").stat().st_size)
    for played, file in (
        (theirs.movies[0], "short.mkv"),
        (episodes[0], "short.mkv"),
        (theirs.channels[0], "short.ts"),
    ):
        assert (await app.get(played.url)).body[:100] == (DATA / file).read_bytes()[:100]
    assert not [
        line for line in capsys.readouterr().out.splitlines() if "alidat" in line or "Bad URL" in line
    ]


def _loaded(login: Json, cache: Path) -> XTream:
    """As programs use it: signed in when it is made, then everything at once."""
    made = XTream(
        "Home", login["username"], login["password"], login["url"], cache_path=str(cache), validate_json=True
    )
    assert made.load_iptv()
    return made


async def test_a_login_is_a_profiles_own_and_dies_at_once(app: App) -> None:
    await is_alone_in_its_profile(app)
    await loses_its_password(app)


async def loses_its_password(app: App) -> None:
    listed = await app.playlist("&key=movie")
    await app.api.post("/api/v1/player-login/rotate")
    with pytest.raises(CredentialsRefused):
        await app.xtream.account()
    assert (await app.get(app.me["xmltv_url"])).status == 401
    assert (await app.get(listed[0].address)).status == 401
    assert (await (await App.of(app.api)).xtream.account()).max_connections == 3


async def is_alone_in_its_profile(app: App) -> None:
    film = (await app.playlist("&key=movie"))[0]
    made = await app.api.post("/api/v1/profiles", {"name": "Children"})
    try:
        async with Api.of(app.api.base) as children:
            await children.sign_in(USERNAME, PASSWORD)
            await children.post(f"/api/v1/profiles/{made['id']}/select")
            other = await App.of(children)
            assert other.me["xtream"]["username"] == f"{USERNAME}-children"
            assert [row async for batch in other.xtream.items("movie") for row in batch] == []
            assert b"EXTINF" not in (await other.get(other.me["m3u_url"])).body
            theirs = film.address.replace(
                "{username}/{password}".format(**app.me["xtream"]),
                "{username}/{password}".format(**other.me["xtream"]),
            )
            assert theirs != film.address
            assert (await other.get(theirs)).status == 404
    finally:
        await app.api.delete(f"/api/v1/profiles/{made['id']}")
