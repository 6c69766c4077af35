"""An outage as a course of events: everything is asked before, at once, while it lasts and afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from tests.fakes.addon import FakeAddon, film, films, manifest, stream
from tests.fakes.addon import catalog as row_of
from tests.harness.clients import Answer, Api, Json, Player
from tests.harness.hub import Hub
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.servers import PostgresServer, RedisServer
from tests.waiting import until

ANSWERED_WITHIN_S = 10.0
"""No player waits longer, whoever is away."""


@dataclass
class Door:
    """A TCP port in front of `behind`. Closed, it looks like a service that is being restarted."""

    behind: int
    port: int = 0
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._enter, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Whoever is inside is thrown out, and nobody is let in."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError):
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.behind)
            self._writers.add(inner_writer)
            await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
        writer.transport.abort()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Until the source ends; then the sink is told so."""
    with suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


@dataclass
class World:
    """A split hub, the stores it stands on, and one addon with enough titles for many cold questions."""

    hub: Hub
    redis: RedisServer
    postgres: PostgresServer
    addon: FakeAddon
    api: Api
    player: Player
    addon_id: str
    row: str
    sync_door: Door
    asked: int = 0

    async def health(self) -> Json:
        return (await self.api.send("GET", "/healthz?verbose")).json

    async def ask(self, *, change: bool = False) -> dict[str, Answer]:
        """One answer to every question; the cold ones are about something never asked before."""
        self.asked += 1
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            answers = await asyncio.gather(*(question(self) for question in QUESTIONS.values()))
            named = dict(zip(QUESTIONS, answers, strict=True))
            if change:
                named["change"] = await CHANGE(self)
        return named

    async def questions_waiting(self) -> bool:
        """Whether the gateway has been at work on something for a while: at two looks in a row."""
        return all([await self.api.waiting_requests() > 0 for _ in range(2)])

    def links(self) -> int:
        """How many caches are told by Redis what others change."""
        return len(self.redis.command("CLIENT", "LIST", "TYPE", "pubsub").splitlines())


Question = Callable[[World], Awaitable[Answer]]


def _player(tail: Callable[[World], str]) -> Question:
    return lambda world: world.player.ask(tail(world))


def _rest(method: str, path: Callable[[World], str], body: Callable[[World], Json] | None = None) -> Question:
    return lambda world: world.api.send(method, path(world), body(world) if body is not None else None)


OF_PLAYERS: Mapping[str, Question] = {
    "manifest": _player(lambda world: "manifest.json"),
    "warm row": _player(lambda world: f"catalog/{world.row}.json"),
    "cold row": _player(
        lambda world: f"catalog/{world.row}/search={film(world.asked + 1)['name'].replace(' ', '%20')}.json"
    ),
    "warm title": _player(lambda world: "meta/movie/tt0000001.json"),
    "cold title": _player(lambda world: f"meta/movie/{film(world.asked + 1)['id']}.json"),
    "warm sources": _player(lambda world: "stream/movie/tt0000001.json"),
    "cold sources": _player(lambda world: f"stream/movie/{film(world.asked + 1)['id']}.json"),
}
OF_THE_OWNER: Mapping[str, Question] = {
    "addons": _rest("GET", lambda world: "/api/v1/addons"),
    "jobs": _rest("GET", lambda world: "/api/v1/sync/jobs"),
    "sign-in": _rest(
        "POST",
        lambda world: "/api/v1/auth/login",
        lambda world: {"username": USERNAME, "password": PASSWORD},
    ),
    "me": _rest("GET", lambda world: "/api/v1/me"),
}
QUESTIONS = {**OF_PLAYERS, **OF_THE_OWNER}
CHANGE: Question = _rest(
    "PATCH",
    lambda world: f"/api/v1/addons/{world.addon_id}",
    lambda world: {"name": f"Name {world.asked}"},
)
"""Asked last, since the gateway forgets the account's answers with every change, even one that fails."""


@dataclass(frozen=True)
class Victim:
    """What goes away. `goes_on` is answered all the same; `named` is said by the hub's health."""

    strike: Callable[[World], None]
    heal: Callable[[World], None]
    goes_on: frozenset[str]
    named: str
    status: str


@dataclass
class Course:
    """How one outage went: the answers by phase, and what the hub's health said meanwhile."""

    victim: Victim
    answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    health: Json = None

    async def run(self, world: World) -> None:
        links = world.links()
        self.answers["before"] = await world.ask()
        self.victim.strike(world)
        try:
            self.answers["at once"] = await world.ask()
            await until(lambda: self._is_noticed(world))
            self.answers["meanwhile"] = await world.ask(change=True)
        finally:
            self.victim.heal(world)
        await until(lambda: self._is_over(world, links))

    async def _is_noticed(self, world: World) -> bool:
        self.health = await world.health()
        return self.victim.named in str(self.faults).lower()

    @property
    def faults(self) -> Json:
        """What the hub's health says is wrong."""
        return {name: check for name, check in self.health["checks"].items() if check["status"] != "pass"}

    async def _is_over(self, world: World, links: int) -> bool:
        """The hub says so, every cache hears Redis again, and no breaker keeps anything back any more."""
        if (await world.health())["status"] != "pass" or world.links() < links:
            return False
        self.answers["after"] = await world.ask(change=True)
        return all(answer.status == 200 for answer in self.answers["after"].values())


def addon_with_much() -> FakeAddon:
    """One addon for all phases of all courses."""
    titles = films(5000)
    return FakeAddon(
        manifest=manifest("org.much", catalogs=[row_of("top", extra=("search",))]),
        catalogs={"top": titles},
        metas={title["id"]: title for title in titles},
        streams={title["id"]: [stream(f"https://cdn.example/{title['id']}.mp4")] for title in titles},
    )
