"""More strangers sign in than can be seen to: they are refused, nobody else notices, and then it is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import uuid4

import aiohttp
import pytest

from services.auth.passwords import AT_ONCE, TARGET_S, WAITING
from tests.fakes.addon import FakeAddon, films
from tests.harness.clients import PLAIN, Answer, Api, Json, Player
from tests.journeys.conftest import PASSWORD
from tests.waiting import until

CROWD = AT_ONCE + WAITING - 6
"""As many as may wait for a password to be checked, but for a few: the line is long on any machine."""
PATIENCE_S = 0.5
"""Nobody in this crowd waits for as long as it is told to."""
REFUSALS = 20
ROUNDS = 5
"""Of questions that somebody signed in asks meanwhile."""
Session: TypeAlias = aiohttp.ClientSession  # noqa: TID251  no session of ours has an address to choose


@dataclass
class Crowd:
    """Strangers, each at an address of its own, that sign in again and again; how they were answered."""

    url: str
    credentials: Json
    let_in: int = 0
    refused: list[Answer] = field(default_factory=list)
    others: list[Answer] = field(default_factory=list)

    @asynccontextmanager
    async def pressing(self) -> AsyncIterator[None]:
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for number in range(CROWD):
                group.create_task(self._repeat(number, over))
            try:
                yield
            finally:
                over.set()

    async def is_let_in(self) -> bool:
        async with _stranger(CROWD) as session:
            return (await self._sign_in(session)).status == 200

    async def _repeat(self, number: int, over: asyncio.Event) -> None:
        async with _stranger(number) as session:
            while not over.is_set():
                answer = await self._sign_in(session)
                if answer.status == 200:
                    self.let_in += 1
                    continue
                (self.refused if answer.status == 503 else self.others).append(answer)
                await asyncio.sleep(PATIENCE_S)

    async def _sign_in(self, session: Session) -> Answer:
        async with session.post(self.url, json=self.credentials, headers=PLAIN) as response:
            return await Answer.of(response)


def _stranger(number: int) -> Session:
    """Each address may only do so much by itself."""
    own = aiohttp.TCPConnector(local_addr=(f"127.0.0.{number + 2}", 0))
    return Session(connector=own)


@dataclass
class Somebody:
    """Whoever is signed in, by REST and in a player: how everything they ask was answered."""

    api: Api
    player: Player
    statuses: dict[str, set[int]] = field(default_factory=dict)
    rounds: int = 0
    queued_s: float = 0.0
    """How long the line was at most."""

    async def ask(self) -> None:
        for path in ("/livez", "/readyz", "/healthz", "/api/v1/me", "/api/v1/addons", "/api/v1/profiles"):
            self._note(path, await self.api.send("GET", path))
        self._note("a player's manifest", await self.player.ask("manifest.json"))
        self.queued_s = max(self.queued_s, await queued_s(self.api))
        self.rounds += 1

    def _note(self, what: str, answer: Answer) -> None:
        self.statuses.setdefault(what, set()).add(answer.status)


async def queued_s(api: Api) -> float:
    """The longest that anybody stands in a line of the hub."""
    state = await api.get("/api/v1/admin/state")
    return max(float(process["load"]["queued_s"]) for process in state["processes"])


@pytest.fixture
async def crowd(api: Api) -> Crowd:
    """All of one account, since one that signs in all the time is signed out of what it did first."""
    username = f"crowd{uuid4().hex[:8]}"
    credentials = {"username": username, "password": PASSWORD}
    await api.post("/api/v1/accounts", {**credentials, "tier": "free"})
    return Crowd(api.base + "/api/v1/auth/login", credentials)


@pytest.fixture
async def somebody(api: Api, player: Player) -> AsyncIterator[Somebody]:
    async with FakeAddon(catalogs={"top": films(3)}) as addon:
        await api.add(addon.manifest_url)
        await player.get("manifest.json")
        yield Somebody(api, player)


async def test_a_crowd_that_signs_in_is_refused_while_everybody_else_is_answered(
    api: Api, crowd: Crowd, somebody: Somebody
) -> None:
    async def has_gone_on() -> bool:
        await somebody.ask()
        enough = len(crowd.refused) >= REFUSALS and somebody.rounds >= ROUNDS
        return enough and somebody.queued_s >= TARGET_S

    async def is_over() -> bool:
        return await queued_s(api) == 0 and await crowd.is_let_in()

    async with crowd.pressing():
        await until(has_gone_on)

    assert somebody.statuses == {what: {200} for what in somebody.statuses}
    assert crowd.let_in
    assert not crowd.others
    assert "overloaded" in {answer.json["code"] for answer in crowd.refused}
    for answer in crowd.refused:
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) >= 1
    await until(is_over)
