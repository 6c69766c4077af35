"""What could not be sent, from outside: its owner sends it again or gives it up, and nobody else sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.outgoing import OutgoingClient, OutgoingView
from libs.common.contracts.removals import Removal
from libs.common.db import open_database
from libs.common.deadline import Deadline
from libs.common.errors import NotFound
from libs.common.identity import Identity, IdentitySigner
from libs.common.serve import start_site
from services.sync.app import create_app
from services.sync.model import Owner
from services.sync.outgoing_model import NewOutgoing, Thing
from services.sync.settings import Settings
from services.sync.store.outgoing import OutgoingStore
from tests.sync.conftest import FakeCatalog
from tests.sync.test_api import environment

ADA = Identity("account-1", "profile-1", "free", ("owner",))
SIBLING = Identity("account-1", "profile-2", "free", ("owner",))
STRANGER = Identity("account-2", "profile-3", "free", ("owner", "admin"))
OWNER = Owner("account-1", "profile-1")
NOW = 1_800_000_000_000
FILM = Thing(type="movie", scheme="imdb", id="tt0000001")
EPISODE = Thing(type="episode", scheme="tmdb", id="42", season=1, number=2)


@dataclass
class Asked:
    client: OutgoingClient
    store: OutgoingStore

    async def bury(self, thing: Thing, seq: int) -> None:
        """Never waiting for long enough to be looked at."""
        new = NewOutgoing(owner=OWNER, seq=seq, at=NOW + seq, kind="mark", thing=thing)
        await self.store.take([new], NOW)
        one = await self.store.head(OWNER)
        assert one is not None
        await self.store.bury(one, "Trakt does not know this title.", NOW)

    async def view(self, by: Identity = ADA) -> OutgoingView:
        return await self.client.view(by, deadline=_soon())


@pytest.fixture
async def asked(sqlite_url: str, tmp_path: Path, catalog: FakeCatalog) -> AsyncIterator[Asked]:
    settings = Settings.from_env(environment(sqlite_url, tmp_path, catalog))
    running = await start_site(create_app(settings), "127.0.0.1:0", shutdown_s=0.5)
    database = await open_database(sqlite_url, schema="sync", clock=SystemClock())
    signer = IdentitySigner(settings.common.secret_key, SystemClock())
    async with ServiceClient.connected("sync", f"http://127.0.0.1:{running.port}", signer=signer) as client:
        yield Asked(OutgoingClient(client), OutgoingStore(database))
    await database.aclose()
    await running.aclose()


async def test_what_was_not_taken_is_listed_with_its_reason(asked: Asked) -> None:
    assert await asked.view() == OutgoingView()
    await asked.bury(FILM, 1)
    await asked.bury(EPISODE, 2)
    view = await asked.view()
    assert (view.waiting, view.undelivered) == (0, 2)
    episode, film = view.items
    assert (film.type, film.title_id, film.season) == ("movie", "tt0000001", None)
    assert (episode.title_id, episode.season, episode.episode) == ("tmdb:42", 1, 2)
    assert film.reason == "Trakt does not know this title."


async def test_each_is_sent_again_or_given_up_once(asked: Asked) -> None:
    await asked.bury(FILM, 1)
    await asked.bury(EPISODE, 2)
    episode, film = (await asked.view()).items
    await asked.client.drop(ADA, episode.id, deadline=_soon())
    assert [one.id for one in (await asked.view()).items] == [film.id]
    await asked.client.resend(ADA, film.id, deadline=_soon())
    assert not (await asked.view()).items
    with pytest.raises(NotFound):
        await asked.client.resend(ADA, film.id, deadline=_soon())
    with pytest.raises(NotFound):
        await asked.client.drop(ADA, episode.id, deadline=_soon())


@pytest.mark.parametrize("other", [SIBLING, STRANGER], ids=["sibling", "stranger"])
async def test_another_profile_neither_sees_nor_touches_it(asked: Asked, other: Identity) -> None:
    await asked.bury(FILM, 1)
    (film,) = (await asked.view()).items
    assert await asked.view(other) == OutgoingView()
    with pytest.raises(NotFound):
        await asked.client.resend(other, film.id, deadline=_soon())
    with pytest.raises(NotFound):
        await asked.client.drop(other, film.id, deadline=_soon())
    assert (await asked.view()).items == (film,)


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30, "%2e%2e"])
async def test_numbers_of_nothing_are_not_found(asked: Asked, number: str) -> None:
    service = asked.client._service
    with pytest.raises(NotFound):
        await service.call(
            "DELETE",
            f"/api/v1/connections/trakt/outgoing/{number}",
            identity=ADA,
            deadline=_soon(),
            into=type(None),
        )


async def test_nothing_is_left_of_a_profile_that_is_gone(asked: Asked) -> None:
    await asked.bury(FILM, 1)
    removal = Removal(id="r1", account_id="account-1", profile_id="profile-2", at=SystemClock().now())
    await asked.store.forget_owner(removal, _soon())
    assert (await asked.view()).undelivered == 1
    removal = Removal(id="r2", account_id="account-1", profile_id="profile-1", at=SystemClock().now())
    await asked.store.forget_owner(removal, _soon())
    assert await asked.view() == OutgoingView()


def _soon() -> Deadline:
    return Deadline.after(SystemClock(), 10)
