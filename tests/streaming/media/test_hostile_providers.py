"""What is passed on from a provider that means harm to whoever plays it, or to the hub."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from msgspec.structs import replace

from libs.common.contracts.playing import Playable
from libs.common.media import Wish
from services.streaming.media.playlists import MOST_ADDRESSES
from tests.fakes.misbehaving import MisbehavingServer
from tests.streaming.media.conftest import ACCOUNT, PROFILE, Media

ITEM = 7


def offered(
    media: Media, address: str, *, redirect: bool = False, headers: tuple[tuple[str, str], ...] = ()
) -> Wish:
    media.service.catalog.playable[ACCOUNT, PROFILE, "movie", ITEM] = Playable(
        provider="provider",
        name="My panel",
        play="redirect" if redirect else "proxy",
        addresses=(address,),
        headers=headers,
        formats=(),
        max_connections=None,
    )
    return Wish(ACCOUNT, PROFILE, "movie", ITEM)


@asynccontextmanager
async def answered(
    media: Media, content_type: str, body: bytes, path: str = "/7"
) -> AsyncIterator[aiohttp.ClientResponse]:
    headers = {"Content-Type": content_type}
    async with (
        MisbehavingServer("ok", body=body, headers=headers) as server,
        media.open(offered(media, server.url(path))) as answer,
    ):
        yield answer


@pytest.mark.parametrize("content_type", ["image/svg+xml", "application/xhtml+xml", "text/xml", "text/html"])
async def test_no_page_is_passed_on_in_place_of_media(media: Media, content_type: str) -> None:
    async with answered(media, content_type, b"<script/>") as answer:
        assert answer.status in {405, 502}
        assert b"script" not in await answer.read()


async def test_a_manifest_that_is_not_rewritten_is_not_passed_on(media: Media) -> None:
    async with answered(media, "video/mp4", b"<BaseURL>http://p/u1/p1</BaseURL>", "/7.mpd") as answer:
        assert answer.status == 405


@pytest.mark.parametrize("content_type", ["text/javascript", "text/css", "application/wasm", "image/x"])
async def test_what_is_no_media_by_its_type_is_named_by_its_ending(media: Media, content_type: str) -> None:
    async with answered(media, content_type, b"alert(1)") as answer:
        assert answer.headers["Content-Type"] == "video/x-matroska"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox"


async def test_a_playlist_of_more_than_anybody_plays_is_refused(media: Media) -> None:
    body = b"#EXTM3U\n" + b"1.ts\n" * (MOST_ADDRESSES + 1)
    async with answered(media, "application/x-mpegurl", body) as answer:
        assert answer.status == 502


async def test_a_playlist_that_names_an_address_too_long_for_a_path_is_told_in_words(media: Media) -> None:
    body = f"#EXTM3U\n1.ts?{'x' * 6500}\n".encode()
    async with answered(media, "application/x-mpegurl", body) as answer:
        assert (answer.status, "longer than the hub takes" in await answer.text()) == (502, True)


async def test_a_part_of_a_playlist_is_rewritten_too(media: Media) -> None:
    body = b"#EXTM3U\nhttp://panel.example/u1/p1/1.ts\n"
    headers = {"Content-Type": "application/x-mpegurl"}
    async with (
        MisbehavingServer("partial", body=body, headers=headers) as server,
        media.open(offered(media, server.url("/7")), Range="bytes=0-") as answer,
    ):
        assert answer.status == 200
        assert b"/u1/p1/" not in await answer.read()


async def test_an_address_that_none_can_read_is_left_out_of_a_playlist(media: Media) -> None:
    async with answered(media, "application/x-mpegurl", b"#EXTM3U\nhttp://[bad/1.ts\n") as answer:
        assert await answer.text() == "#EXTM3U\n"


@pytest.mark.parametrize("at", ["entry", "elsewhere"])
async def test_what_proves_an_entry_goes_to_its_own_server_alone(media: Media, at: str) -> None:
    sent = (("Authorization", "Basic c2VjcmV0"), ("Cookie", "sid=secret"), ("User-Agent", "Special/1"))
    film = {"Content-Type": "video/mp2t"}
    async with MisbehavingServer("ok", headers=film) as entry, MisbehavingServer("ok", headers=film) as other:
        wish = offered(media, entry.url("/7.m3u8"), headers=sent)
        server = entry if at == "entry" else other
        async with media.open(replace(wish, part=server.url("/1.ts"))) as answer:
            assert answer.status == 200
        (asked,) = server.requests
    assert asked.headers["user-agent"] == "Special/1"
    assert ("authorization" in asked.headers, "cookie" in asked.headers) == (at == "entry", at == "entry")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript://x/%0aalert(1)", "smb://nas/x"])
async def test_nobody_is_sent_to_what_is_no_address_of_media(media: Media, address: str) -> None:
    async with media.open(offered(media, address, redirect=True)) as answer:
        assert answer.status == 404
        assert "Location" not in answer.headers
