"""A streaming service, a panel that it plays from, and a player."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.library import PlayMode
from libs.common.contracts.playing import Playable
from libs.common.http import ClientSession, make_session
from libs.common.identity import Identity
from libs.common.media import MediaKind, MediaPaths, Proof, Wish
from libs.common.secrets import SecretKey
from libs.common.web.app import METRICS
from tests.fakes.panel.accounts import Account
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.streaming.hub import SECRET, Streaming, streaming

ACCOUNT, PROFILE = "a1", "p1"
PROOF = Proof("player-logins", "ada/abcdefgh2345")


@dataclass
class Media:
    """What a test has in hand. Items have the numbers that the panel gives them."""

    service: Streaming
    panel: FakePanel
    player: ClientSession
    paths: MediaPaths = field(default_factory=lambda: MediaPaths(SecretKey.from_text(SECRET), SystemClock()))

    def __post_init__(self) -> None:
        self.service.catalog.proofs[f"{PROOF.kind} {PROOF.token}"] = Identity(ACCOUNT, PROFILE)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.service.running.port}"

    def offer(
        self,
        kind: MediaKind,
        item: int,
        *addresses: str,
        play: PlayMode = "proxy",
        headers: tuple[tuple[str, str], ...] = (),
        formats: tuple[str, ...] = (),
        most: int | None = None,
    ) -> Wish:
        """Lets catalog tell that the profile has it at `addresses` below the panel."""
        playable = Playable(
            provider="provider",
            name="My panel",
            play=play,
            addresses=tuple(f"{self.panel.url}{address}" for address in addresses),
            headers=headers,
            formats=formats,
            max_connections=most,
        )
        self.service.catalog.playable[ACCOUNT, PROFILE, kind, item] = playable
        return Wish(ACCOUNT, PROFILE, kind, item)

    def film(self, *, most: int | None = None, play: PlayMode = "proxy") -> Wish:
        id_ = self.film_id
        return self.offer("movie", id_, f"/movie/u1/p1/{id_}.mkv", most=most, play=play)

    def channel(self, extension: str = "ts", *, most: int | None = None, nth: int = 0) -> Wish:
        id_ = self.channel_id(nth)
        return self.offer("live", id_, f"/live/u1/p1/{id_}.{extension}", most=most)

    @property
    def film_id(self) -> int:
        return int(next(self.panel.library.rows("vod"))["stream_id"])

    def channel_id(self, nth: int = 0) -> int:
        rows = list(self.panel.library.rows("live"))
        return int(rows[nth]["stream_id"])

    def address(self, wish: Wish, extension: str = "mkv") -> str:
        return self.url + self.paths.path(wish, PROOF, extension)

    async def is_left(self) -> bool:
        return not self.panel.open_streams["u1"]

    async def passes_nothing(self) -> bool:
        """Whether it tells of no stream that is being passed on."""
        values = self.service.running.app[METRICS].values("media_streams")
        return bool(values) and not any(value for _, value in values)

    def open(
        self, wish: Wish, extension: str = "mkv", **headers: str
    ) -> aiohttp.client._RequestContextManager:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.player.get(self.address(wish, extension), headers=told, allow_redirects=False)


@pytest.fixture
async def panel() -> AsyncIterator[FakePanel]:
    async with FakePanel(Library(), Account(max_connections=10), clock=SystemClock()) as panel:
        yield panel


@pytest.fixture
async def impatient(tmp_path: Path, panel: FakePanel) -> AsyncIterator[Media]:
    """A service that bears no second of silence."""
    async with (
        streaming(tmp_path, HEADGATE_MEDIA_START_S="0.5", HEADGATE_MEDIA_STALL_S="0.5") as service,
        make_session() as player,
    ):
        yield Media(service, panel, player)


@pytest.fixture
async def media(tmp_path: Path, panel: FakePanel) -> AsyncIterator[Media]:
    async with (
        streaming(tmp_path) as service,
        make_session() as player,
    ):
        yield Media(service, panel, player)
