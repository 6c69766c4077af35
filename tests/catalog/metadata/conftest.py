"""TMDB as a server, and what is known of it, on both engines and on a clock that moves when told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.common.cache import Cache
from libs.common.db import Database
from libs.common.deadline import Deadline
from libs.common.http import Fetcher, Guard, make_session
from libs.common.metrics import Metrics
from libs.common.ratelimit import MemoryEngine
from libs.common.resilience import ResilienceSettings, RetryPolicy, Upstreams
from libs.common.tasks import Tasks
from libs.protocols.tmdb.client import TmdbClient
from libs.protocols.tmdb.key import TmdbKey
from services.catalog.metadata.known import Knowledge, Known
from services.catalog.metadata.model import HeldKey, Question, asked_by, question_of
from services.catalog.sources.tmdb import UPSTREAM, Pace, TmdbSource
from services.catalog.store.title_ids import TitleIdStore
from services.catalog.store.tmdb_titles import TmdbTitleStore
from tests.catalog.hub import Catalog, running_catalog
from tests.fakes.clock import ManualClock
from tests.fakes.tmdb import API_KEY, FakeTmdb

HELD = HeldKey(account_id="account", key=TmdbKey(API_KEY), saved_at=1, checked_at=1, refused_at=None)
STRANGER = HeldKey(account_id="other", key=TmdbKey("f" * 32), saved_at=1, checked_at=1, refused_at=None)


@dataclass
class Asking:
    """Everything between a question and TMDB. `restarted` has lost what was in memory."""

    tmdb: FakeTmdb
    source: TmdbSource
    store: TmdbTitleStore
    ids: TitleIdStore
    clock: ManualClock
    tasks: Tasks
    refused: list[HeldKey] = field(default_factory=list)
    knowledge: Knowledge = field(init=False)
    cache: Cache = field(init=False)

    def __post_init__(self) -> None:
        self.restarted()

    def restarted(self) -> None:
        self.cache = Cache(
            "tmdb", clock=self.clock, tasks=self.tasks, metrics=Metrics("test"), random=lambda: 0.0
        )
        self.knowledge = Knowledge(
            self.source, self.store, self.ids, cache=self.cache, clock=self.clock, refused=self._note
        )

    async def of(
        self, id_: str = "tt0017136", type_: str = "movie", *, language: str = "", held: HeldKey = HELD
    ) -> Known:
        question = question_of(type_, id_, language)
        assert question is not None
        return await self.ask(question, held=held)

    async def named(self, name: str, type_: str = "movie", *, language: str = "") -> Known:
        question = asked_by(type_, "name", name, language)
        assert question is not None
        return await self.ask(question)

    async def ask(self, question: Question, *, held: HeldKey = HELD) -> Known:
        return await self.knowledge.of(held, question, deadline=Deadline.after(self.clock, 5))

    async def _note(self, held: HeldKey) -> None:
        self.refused.append(held)


@pytest.fixture
async def tmdb() -> AsyncIterator[FakeTmdb]:
    async with FakeTmdb() as tmdb:
        tmdb.add(
            "movie",
            19,
            imdb_id="tt0017136",
            title="Metropolis",
            overview="A city of the future.",
            release_date="1927-02-06",
            runtime=153,
            translations={"de-DE": {"title": "Die Stadt", "overview": "Eine Stadt der Zukunft."}},
        )
        tmdb.add("tv", 19, tvdb_id=81189, imdb_id="tt0903747", name="The Line", first_air_date="2001-01-01")
        yield tmdb


@pytest.fixture
async def asking(tmdb: FakeTmdb, database: Database, clock: ManualClock) -> AsyncIterator[Asking]:
    guard = Guard(allow_private=True)
    tasks = Tasks()
    limits = ResilienceSettings(attempt_s=5, retry=RetryPolicy(attempts=1))
    upstreams = Upstreams(clock=clock, metrics=Metrics("test"), settings=limits)
    async with make_session(guard=guard) as session:
        client = TmdbClient(Fetcher(session, guard, clock), tmdb.url)
        source = TmdbSource(client, upstreams.get(UPSTREAM), Pace(MemoryEngine(clock), 400, clock))
        yield Asking(tmdb, source, TmdbTitleStore(database), TitleIdStore(database), clock, tasks)
        await tasks.aclose()


@pytest.fixture(params=["embedded", "clustered"])
def stores(request: pytest.FixtureRequest) -> dict[str, str]:
    """SQLite and memory, then PostgreSQL and Redis."""
    if request.param == "embedded":
        return {}
    return {
        "HEADGATE_DATABASE_URL": request.getfixturevalue("postgres_url"),
        "HEADGATE_REDIS_URL": request.getfixturevalue("redis_url"),
    }


@pytest.fixture
async def catalog(
    tmp_path: Path, tmdb: FakeTmdb, stores: dict[str, str], clock: ManualClock
) -> AsyncIterator[Catalog]:
    """A catalog that finds TMDB, on a clock of its own. Nobody has a key yet."""
    settings = {"HEADGATE_TMDB_URL": tmdb.url, "HEADGATE_TMDB_RATE": "400"}
    async with running_catalog(tmp_path, clock=clock, **settings, **stores) as running:
        yield running


async def save_key(catalog: Catalog, key: str = API_KEY) -> Any:
    answer = await catalog.send("PUT", "/api/v1/settings/tmdb/key", {"key": key})
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body)
