"""Trakt over real HTTP, one account there, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock
from libs.common.http import Fetcher, Guard, make_session
from libs.protocols.trakt.app import TraktApp
from libs.protocols.trakt.auth import TraktAuth
from libs.protocols.trakt.client import TraktClient
from tests.fakes.clock import ManualClock
from tests.fakes.trakt import FakeTrakt, Person


@pytest.fixture
def app() -> TraktApp:
    return TraktApp("client-1", "secret-1")


@pytest.fixture
async def trakt(clock: ManualClock) -> AsyncIterator[FakeTrakt]:
    async with FakeTrakt(clock=clock) as trakt:
        # Pace is whoever asks's business, and is tested there.
        trakt.limits.writes = 1000
        yield trakt


@pytest.fixture
def ada(trakt: FakeTrakt) -> Person:
    return trakt.person("ada")


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    guard = Guard(allow_private=True)
    async with make_session(guard=guard) as session:
        yield Fetcher(session, guard, SystemClock())


@pytest.fixture
def auth(fetcher: Fetcher, trakt: FakeTrakt) -> TraktAuth:
    return TraktAuth(fetcher, trakt.url, timeout_s=2)


@pytest.fixture
def client(fetcher: Fetcher, trakt: FakeTrakt, app: TraktApp, ada: Person) -> TraktClient:
    return TraktClient(fetcher, app, trakt.sign_in(ada).access, trakt.url, timeout_s=2, max_bytes=1024 * 1024)
