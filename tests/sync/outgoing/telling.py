"""Replicas of sync that tell a Trakt what an outbox says happened, over real HTTP; their time is a test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import msgspec
from aiohttp import web

from libs.common.contracts.client import ServiceClient
from libs.common.contracts.connections import TraktChoices
from libs.common.contracts.viewing import EventKind, ViewingEvent, ViewingEvents, ViewingEventsDone
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.db import Database
from libs.common.http import Fetcher, Guard, make_session
from libs.common.identity import IdentitySigner
from libs.common.metrics import Metrics
from libs.common.secrets import SecretBox, SecretKey
from libs.common.serve import start_site
from libs.common.tasks import Tasks
from libs.common.web import json_response
from libs.protocols.trakt.app import TraktApp
from libs.protocols.trakt.auth import TraktAuth
from services.sync.model import Owner
from services.sync.outgoing.graph import OutgoingGraph, outgoing_graph
from services.sync.store.budgets import BudgetStore
from services.sync.store.connections import ConnectionStore, Pair
from services.sync.store.trakt_codes import Code, CodeStore
from services.sync.trakt.access import Access
from services.sync.trakt.budget import Budget
from services.sync.trakt.sealing import Sealing, TokenPair
from services.sync.trakt.tokens import TokenKeeper
from tests.fakes.clock import ManualClock
from tests.fakes.settings import SECRET
from tests.fakes.trakt import FakeTrakt

KEY = SecretKey.from_text(SECRET)
ADA, BOB = Owner("a1", "p1"), Owner("a1", "p2")
LEASE_S = 15.0
FILM_S = 6000.0


class Leaping(ManualClock):
    """Whoever sleeps wakes at once, so much later."""

    async def sleep(self, delay_s: float) -> None:
        self.advance(max(0.0, delay_s))
        await asyncio.sleep(0)


@dataclass
class Outbox:
    """Streaming's, over HTTP. What was used is gone; with `forgetful` it is told again and again."""

    clock: Leaping
    events: dict[int, ViewingEvent] = field(default_factory=dict)
    forgetful: bool = False
    url: str = ""
    _seqs: count[int] = field(default_factory=lambda: count(1))

    def tell(
        self,
        kind: EventKind,
        video_id: str = "tt0000001",
        *,
        owner: Owner = ADA,
        share: float = 0.0,
        ago_s: float = 0.0,
        type_: str = "",
    ) -> ViewingEvent:
        title_id, *place = video_id.split(":") if video_id.startswith("tt") else [video_id]
        season, episode = map(int, place) if place else (None, None)
        event = ViewingEvent(
            seq=next(self._seqs),
            account_id=owner.account_id,
            profile_id=owner.profile_id,
            kind=kind,
            video_id=video_id,
            title_id=title_id,
            type=type_ or ("series" if place else "movie"),
            season=season,
            episode=episode,
            position_s=share * FILM_S,
            duration_s=FILM_S if share else 0.0,
            at=datetime.fromtimestamp(self.clock.time() - ago_s, UTC),
        )
        self.events[event.seq] = event
        return event

    async def listed(self, request: web.Request) -> web.Response:
        after, limit = int(request.query["after"]), int(request.query["limit"])
        items = [event for seq, event in sorted(self.events.items()) if seq > after][:limit]
        return json_response(ViewingEvents(tuple(items)))

    async def done(self, request: web.Request) -> web.Response:
        done = msgspec.json.decode(await request.read(), type=ViewingEventsDone)
        for seq in () if self.forgetful else done.seqs:
            self.events.pop(seq, None)
        return web.Response(status=204)


@dataclass
class Replica:
    graph: OutgoingGraph
    clock: Leaping

    async def read(self) -> None:
        await self.graph.reading.look()

    async def send(self) -> None:
        """One look, and all that comes of it."""
        await self.graph.lanes.look()
        await self.graph.lanes.settled()

    async def tell(self, *, within_s: float = 600.0) -> None:
        """Until nothing waits any more, or that much time is over."""
        await self.read()
        until = self.clock.time() + within_s
        while self.clock.time() < until:
            await self.send()
            if not (await self.graph.store.queue(ADA)).waiting:
                return
            self.clock.advance(1.0)


@dataclass
class Telling:
    trakt: FakeTrakt
    outbox: Outbox
    clock: Leaping
    connections: ConnectionStore
    codes: CodeStore
    sealing: Sealing
    replicas: list[Replica]

    @property
    def writes(self) -> dict[str, int]:
        """What was asked to be changed, and how often."""
        return {name: times for name, times in self.trakt.calls.items() if not name.startswith("GET ")}

    async def connect(
        self, name: str, owner: Owner, choices: TraktChoices | None = None, *, id_: str = ""
    ) -> None:
        token = self.trakt.sign_in(self.trakt.person(name))
        app = self.sealing.seal_app(owner, TraktApp(token.client_id, "secret-1"))
        code = Code(sealed=b"", user_code="", verification_url="", ends_at=0, poll_every_ms=0, poll_at=0)
        await self.codes.begin(id_ or f"c-{name}", owner, app, code)
        seen = await self.connections.of(owner)
        assert seen is not None
        ends_at = int(token.ends_at * 1000)
        sealed = self.sealing.seal_tokens(owner, TokenPair(token.access, token.refresh))
        pair = Pair(sealed=sealed, refresh_at=ends_at - 1000, ends_at=ends_at)
        # Long ago: what happened before is none of Trakt's business.
        await self.codes.signed_in(seen, pair, at=round(self.clock.time() * 1000) - 400 * 86_400_000)
        await self.connections.name(seen, name, name.title())
        if choices is not None:
            await self.connections.settle(owner, lambda _: choices)

    async def disconnect(self, owner: Owner) -> None:
        left = await self.connections.leave(owner, until=0)
        assert left is not None
        await self.connections.gone(left)


@asynccontextmanager
async def telling(database: Database, *, replicas: int = 2) -> AsyncIterator[Telling]:
    clock = Leaping()
    outbox, tasks = Outbox(clock), Tasks()
    app = web.Application()
    app.router.add_get("/internal/streaming/viewing/events", outbox.listed)
    app.router.add_post("/internal/streaming/viewing/events/done", outbox.done)
    running = await start_site(app, "127.0.0.1:0", shutdown_s=0.1)
    guard = Guard(allow_private=True)
    sealing, connections = Sealing(SecretBox(KEY)), ConnectionStore(database)
    async with (
        FakeTrakt(clock=clock) as trakt,
        make_session(guard=guard) as session,
        ServiceClient.connected(
            "streaming", f"http://127.0.0.1:{running.port}", signer=IdentitySigner(KEY, clock)
        ) as service,
    ):
        fetcher = Fetcher(session, guard, clock)
        keeper = TokenKeeper(connections, TraktAuth(fetcher, trakt.url), sealing, tasks=tasks, clock=clock)
        budget = Budget(BudgetStore(database), clock)
        graphs = [
            outgoing_graph(
                database,
                ViewingClient(service),
                connections,
                Access(connections, keeper, budget, sealing, fetcher, base_url=trakt.url, clock=clock),
                tasks=tasks,
                clock=clock,
                lease_s=LEASE_S,
                watched_share=0.9,
                metrics=Metrics("sync"),
                call_s=2.0,
            )
            for _ in range(replicas)
        ]
        told = [Replica(one, clock) for one in graphs]
        yield Telling(trakt, outbox, clock, connections, CodeStore(database), sealing, told)
        await tasks.aclose()
    await running.aclose()
