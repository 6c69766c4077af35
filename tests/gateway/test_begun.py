"""What a player of Stremio begins is told to viewing state, and no player waits for that."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from yarl import URL

from libs.common.contracts.viewing import INTERNAL
from services.gateway import begun
from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client
from tests.gateway.inner import INSTALL_TOKEN, OWNER, STRANGER, Call, Canned, Inner
from tests.waiting import until

BASE = f"/stremio/{INSTALL_TOKEN}"
BEGUN = f"{INTERNAL}/begun"
SUBTITLES = "subtitles/series/tt1:2:3.json"
TAKEN = Canned(b"", status=204)


@pytest.fixture
def opened(inner: Inner) -> Inner:
    inner.canned[BEGUN] = TAKEN
    inner.canned[f"/internal/stremio/{SUBTITLES}"] = Canned(b'{"subtitles":[]}')
    return inner


async def told(inner: Inner, count: int = 1) -> list[Call]:
    async def enough() -> bool:
        return len(inner.calls_to(BEGUN)) >= count

    await until(enough)
    return inner.calls_to(BEGUN)


def said(call: Call) -> Any:
    return msgspec.json.decode(call.body)


async def test_a_question_for_subtitles_says_that_a_video_was_begun(gateway: Client, opened: Inner) -> None:
    assert (await gateway.get(f"{BASE}/{SUBTITLES}")).status == 200
    (call,) = await told(opened)
    assert said(call) == {"video_id": "tt1:2:3", "type": "series"}
    assert (call.service, call.identity) == ("streaming", OWNER.as_service())


async def test_it_is_told_once_for_a_while_of_each_profile_and_video(
    gateway: Client, opened: Inner, clock: ManualClock
) -> None:
    opened.installs["another"] = STRANGER
    other = "subtitles/movie/tt2.json"
    opened.canned[f"/internal/stremio/{other}"] = Canned(b'{"subtitles":[]}')
    for tail in (SUBTITLES, SUBTITLES, other):
        await gateway.get(f"{BASE}/{tail}")
    await gateway.get(f"/stremio/another/{other}")
    calls = await told(opened, 3)
    assert sorted((said(call)["video_id"], call.identity.account_id) for call in calls) == [
        ("tt1:2:3", "acc1"),
        ("tt2", "acc1"),
        ("tt2", "acc2"),
    ]
    clock.advance(begun.TOLD_S + 1)
    await gateway.get(f"{BASE}/{SUBTITLES}")
    assert len(await told(opened, 4)) == 4


async def test_no_player_waits_for_it_and_what_is_too_much_is_lost(
    gateway: Client, inner: Inner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(begun, "AT_ONCE", 2)
    inner.canned[BEGUN] = Canned(b"", status=204, gate=asyncio.Event())
    for number in range(5):
        inner.canned[f"/internal/stremio/subtitles/movie/tt{number}.json"] = Canned(b'{"subtitles":[]}')
        assert (await gateway.get(f"{BASE}/subtitles/movie/tt{number}.json")).status == 200
    assert len(await told(inner, 2)) == 2
    inner.canned[BEGUN].gate.set()  # type: ignore[union-attr]  # set two lines above


async def test_viewing_state_being_away_is_no_concern_of_a_players(gateway: Client, inner: Inner) -> None:
    inner.canned[f"/internal/stremio/{SUBTITLES}"] = Canned(b'{"subtitles":[]}')
    inner.canned[BEGUN] = Canned(b"{}", status=503)
    assert (await gateway.get(f"{BASE}/{SUBTITLES}")).status == 200
    await told(inner)


@pytest.mark.parametrize("tail", ["subtitles/tv/hg:1.json", "stream/movie/tt1.json", "meta/movie/tt1.json"])
async def test_what_begins_nothing_tells_nothing(gateway: Client, opened: Inner, tail: str) -> None:
    opened.canned[f"/internal/stremio/{tail}"] = Canned(b"{}")
    await gateway.get(f"{BASE}/{tail}")
    await gateway.get(f"{BASE}/{SUBTITLES}")
    assert [said(call)["video_id"] for call in await told(opened)] == ["tt1:2:3"]


async def test_what_is_played_by_an_address_of_its_streams_was_begun(gateway: Client, opened: Inner) -> None:
    opened.canned["/internal/stremio/stream/series/tt1:2:3.json"] = Canned(
        b'{"streams":[{"url":"headgate:play/series/26.mkv"}]}'
    )
    streams = (await (await gateway.get(f"{BASE}/stream/series/tt1:2:3.json")).json())["streams"]
    url = URL(streams[0]["url"], encoded=True)
    assert url.raw_path == f"{BASE}/play/series/tt1%3A2%3A3/series/26.mkv"
    for _ in range(2):
        answer = await gateway.get(url.relative(), allow_redirects=False)
        assert (answer.status, answer.headers["Location"].endswith("/26.mkv")) == (302, True)
    (call,) = await told(opened)
    assert said(call) == {"video_id": "tt1:2:3", "type": "series"}


async def test_an_address_that_plays_nothing_tells_nothing(gateway: Client, opened: Inner) -> None:
    for tail in ("play/movie/tt1/music/7.mp3", "play/movie/7.mkv"):
        await gateway.get(f"{BASE}/{tail}", allow_redirects=False)
    assert opened.calls_to(BEGUN) == []


async def test_a_guess_at_an_address_tells_nothing(gateway: Client, opened: Inner) -> None:
    assert (await gateway.get(f"/stremio/somebodys-guess/{SUBTITLES}")).status == 404
    assert opened.calls_to(BEGUN) == []
