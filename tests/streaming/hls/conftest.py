"""A streaming service, films, and an addon that offers them as direct links."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from multidict import CIMultiDict

from libs.common.clock import SystemClock
from libs.common.contracts.playback import PlaybackClient, PlaybackPlan, PlaybackQuestion, PlayerAbilities
from libs.common.deadline import Deadline
from libs.common.http import ClientSession, make_session
from libs.common.identity import Identity
from libs.common.media import Proof
from libs.common.serve import start_site
from tests.fakes.addon import FakeAddon, stream
from tests.streaming.hls.films import FilmServer, make_films
from tests.streaming.hub import OWNER, Streaming, streaming

PROOF = Proof("sessions", "a session of the owner's")
BROWSER = PlayerAbilities(containers=("mp4", "webm"), codecs=("h264", "aac", "mp3", "opus"))


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    make_films(folder)
    return folder


@dataclass
class Playing:
    """What a test has in hand."""

    service: Streaming
    films: FilmServer
    films_url: str
    addon: FakeAddon
    player: ClientSession

    async def plan(
        self,
        name: str = "",
        *,
        url: str = "",
        player: PlayerAbilities = BROWSER,
        headers: dict[str, str] | None = None,
        identity: Identity = OWNER,
        start_s: float = 0.0,
        within_s: float = 60,
    ) -> PlaybackPlan:
        """Offers the film by that name, or at that address, and asks how it is played."""
        offered = stream(url or f"{self.films_url}/{name}")
        if headers:
            offered["behaviorHints"] = {"notWebReady": True, "proxyHeaders": {"request": headers}}
        # An answer is kept: each film is another video's.
        video = f"tt{len(self.addon.streams) + 1}"
        self.addon.streams[video] = [offered]
        source = (await self.service.page("movie", video)).items[0].id
        return await self.ask(
            source, video, player=player, identity=identity, start_s=start_s, within_s=within_s
        )

    async def ask(
        self,
        source: str,
        video: str = "tt1",
        *,
        player: PlayerAbilities = BROWSER,
        identity: Identity = OWNER,
        start_s: float = 0.0,
        within_s: float = 60,
    ) -> PlaybackPlan:
        question = PlaybackQuestion(source=source, player=player, start_s=start_s)
        deadline = Deadline.after(SystemClock(), within_s)
        client = PlaybackClient(self.service.client)
        return await client.plan(identity, "movie", video, question, PROOF, deadline=deadline)

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.service.running.port}{path}"

    async def get(
        self, path: str, *, method: str = "GET", **headers: str
    ) -> tuple[int, CIMultiDict[str], bytes]:
        async with self.player.request(method, self.address(path), headers=headers) as answer:
            return answer.status, CIMultiDict(answer.headers), await answer.read()

    async def body(self, path: str) -> bytes:
        status, _, body = await self.get(path)
        assert status == 200, (status, body[:500])
        return body


@asynccontextmanager
async def playing_with(tmp_path: Path, films: Path, **variables: str) -> AsyncIterator[Playing]:
    server = FilmServer(films)
    site = await start_site(server.app(), "127.0.0.1:0", shutdown_s=0.1)
    async with (
        FakeAddon(streams={}) as addon,
        make_session() as player,
        streaming(tmp_path, None, **variables) as service,
    ):
        service.catalog.add(addon)
        service.catalog.proofs[f"{PROOF.kind} {PROOF.token}"] = OWNER
        yield Playing(service, server, f"http://127.0.0.1:{site.port}", addon, player)
    await site.aclose()


@pytest.fixture
async def playing(tmp_path: Path, films: Path) -> AsyncIterator[Playing]:
    async with playing_with(tmp_path, films) as playing:
        yield playing
