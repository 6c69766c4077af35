"""How a source is played: asked of streaming together with what the caller was let in by."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from libs.common.contracts.accounts import API_KEY_PREFIX
from libs.common.contracts.playback import (
    PREFIX,
    SUBTITLES_PREFIX,
    PlaybackAsked,
    PlaybackPlan,
    SubtitlesAsked,
)
from libs.common.identity import HEADER
from libs.common.media import Proof
from tests.gateway.conftest import Client
from tests.gateway.inner import OWNER, Canned, Inner

KEY = f"{API_KEY_PREFIX}of-the-owner"
ASKED = {"source": "5f00", "player": {"codecs": ["h264"], "max_height": 720}}


async def test_streaming_is_told_what_the_caller_was_let_in_by(gateway: Client, inner: Inner) -> None:
    inner.keys[KEY] = replace(OWNER, key_id="k1", scopes=("read", "write"))
    answered = PlaybackPlan(method="hls", reason="So.", url="/media/hls/x/master.m3u8")
    inner.canned[f"{PREFIX}/movie/tt1"] = Canned(msgspec.json.encode(answered))
    answer = await gateway.post(
        "/api/v1/playback/movie/tt1",
        json=ASKED,
        headers={"X-Api-Key": KEY},
    )
    assert answer.status == 200, await answer.text()
    assert (await answer.json())["url"] == "/media/hls/x/master.m3u8"
    assert answer.headers["Cache-Control"] == "no-store"
    (call,) = inner.calls_to(f"{PREFIX}/movie/tt1")
    told = msgspec.json.decode(call.body, type=PlaybackAsked)
    assert told.proof == Proof("api-keys", KEY)
    assert (told.question.source, told.question.player.max_height) == ("5f00", 720)
    assert "service" in inner.signer.verify(call.headers[HEADER]).roles


async def test_nobody_is_told_to_sign_in(gateway: Client, inner: Inner) -> None:
    assert (await gateway.post("/api/v1/playback/movie/tt1", json=ASKED)).status == 401
    assert not inner.calls_to(f"{PREFIX}/movie/tt1")


async def test_segments_are_passed_on_by_a_hub_of_one_process(gateway: Client, inner: Inner) -> None:
    inner.canned["/media/hls/signed/v0-1.m4s"] = Canned(b"pictures")
    answer = await gateway.get("/media/hls/signed/v0-1.m4s")
    assert (answer.status, await answer.read()) == (200, b"pictures")


async def test_subtitles_are_signed_with_what_the_caller_was_let_in_by(gateway: Client, inner: Inner) -> None:
    inner.keys[KEY] = replace(OWNER, key_id="k1", scopes=("read", "write"))
    inner.canned[f"{SUBTITLES_PREFIX}/series/tt1%3A1%3A2"] = Canned(
        b'{"items":[{"language":"eng","addon_name":"A","url":"/media/x/0.vtt"}]}'
    )
    answer = await gateway.get("/api/v1/subtitles/series/tt1%3A1%3A2", headers={"X-Api-Key": KEY})
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert (await answer.json())["items"][0]["url"] == "/media/x/0.vtt"
    (call,) = inner.calls_to(f"{SUBTITLES_PREFIX}/series/tt1%3A1%3A2")
    assert msgspec.json.decode(call.body, type=SubtitlesAsked).proof == Proof("api-keys", KEY)
    assert (await gateway.get("/api/v1/subtitles/movie/tt1")).status == 401
