"""Media passed on: whole, in part, as playlists, and what becomes of players and panels that leave."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import pytest

from libs.common.media import Wish
from tests.fakes.panel.streams import FILM_BYTES, film_bytes
from tests.streaming.media.conftest import ACCOUNT, Media
from tests.waiting import until


async def test_a_film_comes_whole(media: Media) -> None:
    async with media.open(media.film()) as answer:
        body = await answer.read()
    assert answer.status == 200
    assert body == film_bytes(media.film_id)
    assert answer.headers["Content-Length"] == str(FILM_BYTES)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Type"] == "video/x-matroska"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_part_of_a_film_comes_as_asked(media: Media) -> None:
    async with media.open(media.film(), Range="bytes=100-199") as answer:
        body = await answer.read()
    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes 100-199/{FILM_BYTES}"
    assert body == film_bytes(media.film_id)[100:200]


async def test_a_part_beyond_the_end_is_told_so(media: Media) -> None:
    async with media.open(media.film(), Range=f"bytes={FILM_BYTES}-") as answer:
        assert answer.status == 416
        assert answer.headers["Content-Range"] == f"bytes */{FILM_BYTES}"


async def test_head_tells_how_long_a_film_is(media: Media) -> None:
    async with media.player.head(media.address(media.film())) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Length"] == str(FILM_BYTES)
        assert "Content-Range" not in answer.headers
    assert [asked.method for asked in media.panel.asked] == ["GET"]


async def test_head_of_a_channel_opens_nothing(media: Media) -> None:
    async with media.player.head(media.address(media.channel(), "ts")) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "video/mp2t"
    assert not media.panel.asked


async def test_a_channel_comes_as_it_is_sent(media: Media) -> None:
    async with media.open(media.channel(), "ts", Range="bytes=0-") as answer:
        body = await answer.read()
    assert answer.status == 200
    assert body.startswith(b"\x47")


async def test_another_profile_has_nothing_to_play(media: Media) -> None:
    wish = media.film()
    async with media.open(Wish(ACCOUNT, "somebody else", wish.kind, wish.item)) as answer:
        assert answer.status == 404
    assert not media.panel.asked


async def test_a_path_of_somebodys_making_is_not_found(media: Media) -> None:
    async with media.player.get(f"{media.url}/media/AAAA/1.mkv") as answer:
        assert answer.status == 404


async def test_the_panels_redirects_are_followed_with_the_range(media: Media) -> None:
    media.panel.fail("redirect_302", "stream")
    async with media.open(media.film(), Range="bytes=0-9") as answer:
        assert answer.status == 206
        assert await answer.read() == film_bytes(media.film_id)[:10]
    assert media.panel.asked[-1].is_at_edge


async def test_an_account_may_send_players_to_the_provider(media: Media) -> None:
    async with media.open(media.film(play="redirect")) as answer:
        assert answer.status == 302
        assert answer.headers["Location"] == f"{media.panel.url}/movie/u1/p1/{media.film_id}.mkv"


async def test_a_format_that_the_provider_does_not_allow_is_refused(media: Media) -> None:
    wish = media.offer("live", 1, "/live/u1/p1/1.m3u8", formats=("ts",))
    async with media.open(wish, "m3u8") as answer:
        assert answer.status == 405
        assert "ts" in (await answer.json())["detail"]
    assert not media.panel.asked


async def test_a_format_that_the_panel_refuses_is_refused(media: Media) -> None:
    media.panel.accounts["u1"].formats = ("ts",)
    async with media.open(media.channel("m3u8"), "m3u8") as answer:
        assert answer.status == 405


async def test_addresses_in_a_playlist_are_ours(media: Media) -> None:
    async with media.open(media.channel("m3u8"), "m3u8") as answer:
        text = await answer.text()
    assert answer.headers["Content-Type"] == "application/vnd.apple.mpegurl"
    parts = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(parts) == 3
    assert all(part.startswith("/media/") and part.endswith(".ts") for part in parts)
    assert "p1" not in re.sub(r"/media/\S+", "", text)


async def test_a_part_of_a_playlist_is_played_from_its_own_address(media: Media) -> None:
    async with media.open(media.channel("m3u8"), "m3u8") as answer:
        part = next(line for line in (await answer.text()).splitlines() if not line.startswith("#"))
    async with media.player.get(media.url + part) as answer:
        assert answer.status == 200
    assert media.panel.asked[-1].path.endswith("_0.ts")


async def test_catch_up_is_asked_for_in_each_form_until_one_is_known(media: Media) -> None:
    forms = ("/timeshift/u1/p1/60/nonsense/{id}.ts", "/timeshift/u1/p1/60/{start}/{id}.ts")
    id_ = next(int(r["stream_id"]) for r in media.panel.library.rows("live") if int(r["tv_archive"]))
    start = str(int(media.panel.clock.time()) - 7200)
    wish = media.offer("live", id_, *(form.format(id=id_, start=start) for form in forms))
    for calls in (2, 3):  # the second time it is known which one works
        async with media.open(wish, "ts") as answer:
            assert answer.status == 200
        assert media.panel.calls["stream"] == calls


async def test_headers_of_the_entry_are_sent(media: Media) -> None:
    id_ = media.film_id
    wish = media.offer("movie", id_, f"/movie/u1/p1/{id_}.mkv", headers=(("User-Agent", "Special/1"),))
    async with media.open(wish) as answer:
        assert answer.status == 200
    assert media.panel.asked[-1].agent == "Special/1"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("html_200", 502, "provider_failed"),
        ("http_403_bad_UA", 502, "provider_refused"),
        ("slow_first_byte", 504, "provider_timed_out"),
    ],
)
async def test_what_is_wrong_at_the_provider_is_told(
    impatient: Media, fault: str, status: int, code: str
) -> None:
    media = impatient
    media.panel.fail(fault, "stream")
    async with media.open(media.film()) as answer:
        problem = await answer.json()
    assert (answer.status, problem["code"]) == (status, code)
    assert "My panel" in problem["detail"]
    assert "p1" not in problem["detail"]


async def test_a_panel_that_falls_silent_ends_the_stream(impatient: Media) -> None:
    media = impatient
    media.panel.hold_streams()
    async with media.open(media.channel(), "ts") as answer:
        with pytest.raises(aiohttp.ClientError):
            await answer.read()
    await until(media.is_left)


async def test_a_panel_that_breaks_off_breaks_the_answer(media: Media) -> None:
    media.panel.fail("connection_reset_midway", "stream")
    async with media.open(media.film()) as answer:
        with pytest.raises(aiohttp.ClientError):
            await answer.read()


async def test_the_panel_is_left_as_soon_as_the_player_leaves(media: Media) -> None:
    media.panel.hold_streams()
    async with media.open(media.channel(), "ts") as answer:
        await answer.content.readany()
        assert media.panel.open_streams["u1"] == 1
        answer.close()
    await until(media.is_left)


async def test_the_panel_is_left_although_it_has_not_answered(media: Media) -> None:
    media.panel.fail("slow_first_byte", "stream")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await media.open(media.film())
    media.panel.heal("slow_first_byte")
    await until(media.passes_nothing)
