"""Streams, catch-up, playlists and the guide of the fake panel."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import aiohttp
import pytest
from yarl import URL

from tests.fakes.clock import START
from tests.fakes.conftest import LOGIN, Player, channel
from tests.fakes.panel.accounts import Account
from tests.fakes.panel.panel import FakePanel
from tests.fakes.panel.streams import FILM_BYTES, Replayed, film_bytes
from tests.waiting import until


async def test_the_m3u_lists_channels_films_and_episodes(player: Player, panel: FakePanel) -> None:
    response, body = await player.get("/get.php", params=LOGIN | {"type": "m3u_plus", "output": "ts"})
    lines = body.decode().splitlines()
    assert (response.content_type, lines[0]) == ("audio/x-mpegurl", "#EXTM3U")
    assert lines[1].startswith("#EXT-X-SESSION-DATA:")
    assert sum("/live/u1/p1/" in line for line in lines) == 200
    assert sum("/movie/u1/p1/" in line for line in lines) == 300
    assert re.search(r" S01 E01$", next(line for line in lines if " S01 E02" in line).replace("E02", "E01"))
    assert all(re.match(r'#EXTINF:-1 tvg-id="[^"]*" tvg-name="', line) for line in lines[2::2])
    for address in (lines[3], lines[-1]):
        response, _ = await player.get(address.removeprefix(panel.url))
        assert response.status == 200


async def test_the_bare_m3u_of_one_kind_and_a_panel_without_any(player: Player, panel: FakePanel) -> None:
    _, body = await player.get("/get.php", params=LOGIN | {"type": "m3u", "output": "m3u8", "key": "live"})
    lines = body.decode().splitlines()
    assert len(lines) == 1 + 2 * 200
    assert lines[1].startswith("#EXTINF:-1,")
    assert lines[2].endswith(".m3u8")
    panel.playlists = False
    response, _ = await player.get("/get.php", params=LOGIN)
    assert response.status == 403


async def test_the_guide_is_xmltv_in_the_panel_s_zone(player: Player, panel: FakePanel) -> None:
    panel.usual_zone = "America/New_York"
    _, body = await player.get("/xmltv.php", params=LOGIN)
    tv = ElementTree.fromstring(body)
    ids = {row["epg_channel_id"] for row in panel.library.rows("live")} - {None}
    assert {each.get("id") for each in tv.iter("channel")} == ids
    start = tv.find("programme").get("start")  # type: ignore[union-attr]  # there is one
    assert start is not None
    assert start.endswith(" -0500")
    assert datetime.strptime(start, "%Y%m%d%H%M%S %z").astimezone(UTC).timestamp() <= START
    assert b"\n" not in body


async def test_the_guide_may_be_packed_without_a_word_and_have_names_of_html(
    player: Player, panel: FakePanel
) -> None:
    panel.guide_gzip, panel.guide_entities = True, True
    response, body = await player.get("/xmltv.php", params=LOGIN)
    assert "Content-Encoding" not in response.headers
    assert b"&eacute;" in gzip.decompress(body)


@pytest.mark.parametrize("form", ["/live/u1/p1/{}.ts", "/u1/p1/{}.ts", "/u1/p1/{}", "/live/u1/p1/{}.m3u8"])
async def test_live_streams_have_several_addresses(player: Player, panel: FakePanel, form: str) -> None:
    response, body = await player.get(form.format(channel(panel)["stream_id"]))
    assert response.status == 200
    if form.endswith("m3u8"):
        assert response.headers["Content-Type"] == "application/vnd.apple.mpegurl"
        segment, _ = await player.get(f"/live/u1/p1/{body.decode().splitlines()[-1]}")
        assert segment.status == 200
    else:
        assert (body[0], len(body) % 188) == (0x47, 0)


async def test_streams_are_refused_by_the_statuses_of_panels(player: Player, panel: FakePanel) -> None:
    panel.accounts["u1"].formats = ("ts",)
    of = channel(panel)["stream_id"]
    statuses = [
        (await player.get(path))[0].status
        for path in (
            f"/live/u1/no/{of}.ts",
            "/live/u1/p1/5.ts",
            f"/live/u1/p1/{of}.m3u8",
            "/movie/u1/p1/x.mp4",
        )
    ]
    assert statuses == [401, 404, 405, 404]
    assert (await player.get("/admin"))[0].status == 404


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        (None, 200, slice(None)),
        ("bytes=0-99", 206, slice(0, 100)),
        ("bytes=65000-", 206, slice(65_000, None)),
        ("bytes=-16", 206, slice(-16, None)),
        ("bytes=65536-", 416, slice(0, 0)),
        ("lines=1-2", 200, slice(None)),
    ],
)
async def test_films_are_sent_in_parts(
    player: Player, panel: FakePanel, wanted: str | None, status: int, part: slice
) -> None:
    film = next(panel.library.rows("vod"))
    path = f"/movie/u1/p1/{film['stream_id']}.{film['container_extension']}"
    response, body = await player.get(path, headers={"Range": wanted} if wanted else {})
    assert (response.status, body) == (status, film_bytes(film["stream_id"])[part])
    async with player.client.head(f"{panel.url}{path}") as head:
        assert (head.status, head.content_length) == (200, FILM_BYTES)


async def test_episodes_are_streamed_by_their_own_ids(player: Player, panel: FakePanel) -> None:
    series = next(panel.library.rows("series"))
    told = await player.ask("get_series_info", series_id=series["series_id"])
    for listed in told["episodes"].values():
        for episode in listed:
            name = f"{episode['id']}.{episode['container_extension']}"
            assert (await player.get(f"/series/u1/p1/{name}"))[0].status == 200
    past_the_last = int(episode["id"]) + 1
    assert (await player.get(f"/series/u1/p1/{past_the_last}.mp4"))[0].status == 404


@pytest.mark.parametrize(
    "form",
    [
        "/timeshift/u1/p1/60/{0:%Y-%m-%d:%H-%M}/{1}.ts",
        "/timeshift/u1/p1/60/{0:%Y-%m-%d_%H-%M}/{1}.ts",
        "/timeshift/u1/p1/60/{0:%Y-%m-%d:%H:%M:%S}/{1}.m3u8",
        "/streaming/timeshift.php?username=u1&password=p1&stream={1}&start={0:%Y-%m-%d:%H-%M}&duration=60",
        "/streaming/timeshift.php?username=u1&password=p1&stream={1}&start={0:%Y-%m-%d %H:%M:%S}&duration=60",
        "/streaming/timeshift.php?username=u1&password=p1&stream={1}&start={0:%Y-%m-%d:%H:%M}&duration=60",
        "/streaming/timeshift.php?username=u1&password=p1&stream={1}&start={2}&duration=3600",
    ],
)
async def test_catch_up_starts_in_the_panel_s_zone(player: Player, panel: FakePanel, form: str) -> None:
    panel.usual_zone = "Asia/Kolkata"
    of = channel(panel, kept=True, told=True)["stream_id"]
    at = int(START) // 60 * 60 - 7200
    response, _ = await player.get(form.format(datetime.fromtimestamp(at, panel.zone), of, at))
    assert response.status == 200
    assert list(panel.replayed) == [Replayed(of, at, 60)]


async def test_catch_up_is_refused_in_other_forms_and_beyond_the_archive(
    player: Player, panel: FakePanel
) -> None:
    of = channel(panel, kept=True)["stream_id"]
    for start in ("yesterday", "2020-01-01:10-00"):
        assert (await player.get(f"/timeshift/u1/p1/60/{start}/{of}.ts"))[0].status == 404
    panel.catch_up_forms = ("%Y-%m-%d_%H-%M",)
    start = datetime.fromtimestamp(START - 7200, panel.zone).strftime("%Y-%m-%d:%H-%M")
    assert (await player.get(f"/timeshift/u1/p1/60/{start}/{of}.ts"))[0].status == 404


async def test_no_more_streams_are_open_than_the_account_may_have(player: Player, panel: FakePanel) -> None:
    gate = panel.hold_streams()
    path = f"/live/u1/p1/{channel(panel)['stream_id']}.ts"
    async with player.client.get(f"{panel.url}{path}") as first, player.client.get(f"{panel.url}{path}"):
        assert (await player.ask())["user_info"]["active_cons"] == "2"
        assert (await player.get(path))[0].status == 403
        gate.set()
        assert len(await first.read()) == 2 * 50 * 188
    assert (await player.get(path))[0].status == 200


async def test_a_player_that_leaves_frees_its_connection(player: Player, panel: FakePanel) -> None:
    panel.hold_streams()
    response = await player.client.get(f"{panel.url}/live/u1/p1/{channel(panel)['stream_id']}.ts")
    response.close()

    async def is_free() -> bool:
        return bool((await player.ask())["user_info"]["active_cons"] == "0")

    await until(is_free)


async def test_names_and_passwords_may_have_any_letters(client: aiohttp.ClientSession) -> None:  # noqa: TID251
    async with FakePanel(None, Account("a/b", "ü p+%")) as panel:
        of = channel(panel)["stream_id"]
        address = f"{panel.url}/live/a%2Fb/%C3%BC%20p%2B%25/{of}.ts"
        async with client.get(URL(address, encoded=True)) as response:
            assert response.status == 200
        assert "a/b" not in panel.asked[0].path
        login = {"username": "a/b", "password": "ü p+%", "key": "movie"}
        async with client.get(f"{panel.url}/get.php", params=login) as response:
            film = (await response.text()).splitlines()[2]
        async with client.get(URL(film, encoded=True)) as response:
            assert response.status == 200
