"""What an account leaves behind goes in steps, once, and nothing of another account with it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.db import Database
from services.catalog.library.removals import CLAIM_MS, Removals
from services.catalog.store.library.items import ItemStore
from services.catalog.store.library.providers import ProviderStore
from services.catalog.store.library.removal import RemovalStore
from tests.catalog.library.asking import OWNER, Asking, LeapingClock, asking_of
from tests.fakes.panel.accounts import Account
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel

LIBRARY = Library(seed=7, films=10, channels=5, series=10)
TABLES = (
    "library_items",
    "library_details",
    "library_seasons",
    "library_episodes",
    "library_removed",
)


@pytest.fixture
async def asking(database: Database) -> AsyncIterator[Asking]:
    clock = LeapingClock()
    async with FakePanel(LIBRARY, clock=clock) as panel, asking_of(database, panel, clock) as asking:
        yield asking


@pytest.fixture
def removals(asking: Asking) -> Removals:
    database = asking.database
    store = RemovalStore(database, ItemStore(database))
    return Removals(store, ProviderStore(database), asking.clock)


async def rows(asking: Asking) -> dict[str, int]:
    counts = {}
    for table in TABLES:
        row = await asking.database.fetch_one(f"SELECT count(*) AS n FROM {table}")
        counts[table] = 0 if row is None else int(row["n"])
    return counts


async def filled(asking: Asking, username: str) -> str:
    asking.panel.accounts[username] = Account(username=username)
    provider = await asking.account(username=username)
    await asking.shelve(provider, "series", LIBRARY.id_of("series", 0), LIBRARY.id_of("series", 1))
    await asking.shelve(provider, "vod", LIBRARY.id_of("vod", 0))
    step = await asking.details.fill(provider.id, limit=5, deadline=asking.deadline)
    assert step.done == 3
    return provider.id


async def test_a_removed_account_leaves_nothing_and_others_keep_theirs(
    asking: Asking, removals: Removals
) -> None:
    await filled(asking, "stays")
    alone = await rows(asking)
    gone = await filled(asking, "goes")

    await asking.providers.remove(OWNER, gone)
    await removals.look()

    assert await rows(asking) == alone
    assert alone["library_episodes"] > 0


async def test_rows_that_another_replica_removes_are_left_to_it_while_it_lives(
    asking: Asking, removals: Removals
) -> None:
    gone = await filled(asking, "goes")
    await asking.providers.remove(OWNER, gone)
    held = await rows(asking)
    store, now = ProviderStore(asking.database), int(asking.clock.time() * 1000)
    (removed,) = await asking.database.fetch_all("SELECT number FROM library_removed")
    assert await store.claim_removed(removed["number"], now=now, until=now + CLAIM_MS)

    await removals.look()
    assert await rows(asking) == held

    asking.clock.advance(CLAIM_MS / 1000 + 1)
    await removals.look()
    assert not any((await rows(asking)).values())
