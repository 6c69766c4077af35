"""Subtitles of addons: listed with signed paths, loaded through the guard, sent as WebVTT."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from libs.common.clock import SystemClock
from libs.common.contracts.playback import PlaybackClient, SubtitleList
from libs.common.deadline import Deadline
from libs.common.http import ClientSession, FetchLimits, make_session
from libs.common.identity import Identity
from libs.common.media import Proof
from libs.common.serve import start_site
from services.streaming.sources import subtitles as source
from tests.fakes.addon import FakeAddon
from tests.streaming.hub import OWNER, Streaming, streaming

PROOF = Proof("sessions", "a session of the owner's")
SUBRIP = "1\n00:00:01,500 --> 00:00:03,000\nGood evening.\n"


@dataclass
class Files:
    """A server of files, and what it was asked for. With `hold` no answer ends before it."""

    files: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    hold: asyncio.Event | None = None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.asked.append(name)
        status, body = self.files[name]
        response = web.StreamResponse(status=status)
        await response.prepare(request)
        await response.write(body[:1] if self.hold else body)
        if self.hold:
            await self.hold.wait()
        return response

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{name}", self.answer)
        return app


@dataclass
class Given:
    """What a test has in hand."""

    service: Streaming
    addon: FakeAddon
    files: Files
    url: str
    player: ClientSession

    def has(self, name: str, body: bytes = SUBRIP.encode(), *, lang: str = "eng", status: int = 200) -> None:
        """Lets the addon offer a file by that name."""
        self.files.files[name] = (status, body)
        self.addon.subtitles.setdefault("tt1", []).append(
            {"id": name, "lang": lang, "url": f"{self.url}/{name}"}
        )

    async def offered(self, identity: Identity = OWNER) -> SubtitleList:
        deadline = Deadline.after(SystemClock(), 10)
        client = PlaybackClient(self.service.client)
        return await client.subtitles(identity, "movie", "tt1", PROOF, deadline=deadline)

    async def get(self, path: str) -> tuple[int, str]:
        address = f"http://127.0.0.1:{self.service.running.port}{path}"
        async with self.player.get(address) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def given(tmp_path: Path) -> AsyncIterator[Given]:
    files = Files()
    site = await start_site(files.app(), "127.0.0.1:0", shutdown_s=0.1)
    async with (
        FakeAddon() as addon,
        make_session() as player,
        streaming(tmp_path) as service,
    ):
        service.catalog.add(addon, "Words")
        service.catalog.proofs[f"{PROOF.kind} {PROOF.token}"] = OWNER
        yield Given(service, addon, files, f"http://127.0.0.1:{site.port}", player)
    await site.aclose()


async def test_an_addons_subtitles_are_webvtt_from_the_hub_alone(given: Given) -> None:
    given.has("a.srt")
    given.has("b.srt", lang="pob")
    found = await given.offered()
    assert [(each.language, each.addon_name) for each in found.items] == [("eng", "Words"), ("pob", "Words")]
    assert given.files.asked == []
    assert all(re.fullmatch(r"/media/[\w-]+/0\.vtt", each.url) for each in found.items)
    status, text = await given.get(found.items[0].url)
    assert (status, text) == (200, "WEBVTT\n\n00:00:01.500 --> 00:00:03.000\nGood evening.\n\n")
    assert given.files.asked == ["a.srt"]


async def test_of_one_language_no_more_are_listed_than_anybody_tries(given: Given) -> None:
    for number in range(30):
        given.has(f"{number}.srt", lang="eng" if number < 29 else "fre")
    languages = [each.language for each in (await given.offered()).items]
    assert (languages.count("eng"), languages.count("fre")) == (8, 1)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (404, b"", (404, "gone_at_provider")),
        (500, b"", (502, "provider_failed")),
        (200, b"<html>Sign in</html>", (502, "provider_failed")),
        (200, b"x" * 3_000_000, (502, "provider_failed")),
    ],
    ids=("gone", "failing", "a page", "too large"),
)
async def test_what_can_not_be_shown_says_why(
    given: Given, status: int, body: bytes, told: tuple[int, str]
) -> None:
    given.has("a.srt", body, status=status)
    found = await given.offered()
    answered, text = await given.get(found.items[0].url)
    assert answered == told[0]
    assert f'"{told[1]}"' in text
    assert given.url not in text


async def test_a_server_that_never_ends_is_left(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "LIMITS", FetchLimits(max_bytes=1024, total_s=0.2))
    given.has("a.srt")
    found = await given.offered()
    given.files.hold = asyncio.Event()
    status, text = await given.get(found.items[0].url)
    given.files.hold.set()
    assert (status, "provider_timed_out" in text) == (504, True)


async def test_addresses_that_the_guard_refuses_are_not_asked(given: Given) -> None:
    own = f"http://127.0.0.1:{given.service.running.port}/livez"
    for url in ("http://169.254.169.254/latest/meta-data", own, "file:///etc/passwd"):
        given.addon.subtitles.setdefault("tt1", []).append({"id": url, "lang": "eng", "url": url})
    found = await given.offered()
    answers = [await given.get(each.url) for each in found.items]
    assert [status for status, _ in answers] == [502] * len(answers)
    assert not any("root:" in text for _, text in answers)


async def test_a_path_ends_with_what_it_was_asked_with(given: Given) -> None:
    given.has("a.srt")
    found = await given.offered()
    given.service.catalog.proofs.clear()
    status, text = await given.get(found.items[0].url)
    assert (status, "media_path_over" in text) == (403, True)
    assert given.files.asked == []
