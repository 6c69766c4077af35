"""Accounts at providers on both engines: whose they are, how many, which run writes, what they count."""

from __future__ import annotations

from dataclasses import replace

import pytest

from libs.common.contracts.handover import ProviderState
from libs.common.contracts.library import ItemTotals
from libs.common.db import Database
from services.catalog.errors import ProviderExists, ProviderNotFound, TooManyProviders
from services.catalog.library_model import Provider
from services.catalog.model import Owner
from services.catalog.store.library.providers import ProviderStore

OWNER = Owner("account", "profile")
OTHERS = (Owner("account", "other"), Owner("other", "profile"))
PROVIDER = Provider(
    number=0,
    id="one",
    owner=OWNER,
    kind="xtream",
    name="Home",
    host="tv.example",
    sealed=b"\x00sealed",
    play="proxy",
    first_sync=False,
    created_at=1,
    status="active",
    problem="",
    checked_at=2,
    expires_at=3,
    max_connections=4,
    formats=("ts", "m3u8"),
    zone="Europe/London",
    run="",
    run_number=0,
    synced_at=None,
    guide_synced_at=None,
    revision=0,
)


@pytest.fixture
def store(database: Database) -> ProviderStore:
    return ProviderStore(database)


async def add(store: ProviderStore, provider: Provider = PROVIDER, *, at_most: int = 9) -> Provider:
    await store.add(provider, address_hash=f"hash of {provider.id}", at_most=at_most)
    found = await store.owned(provider.owner, provider.id)
    assert found is not None
    return found


async def test_what_is_added_reads_back_under_a_number_of_its_own(store: ProviderStore) -> None:
    one = await add(store)
    two = await add(store, replace(PROVIDER, id="two"))

    assert one == replace(PROVIDER, number=one.number)
    assert two.number > one.number
    assert await store.visible(OWNER) == [one, two]
    assert await store.after(one.number, limit=5) == [two]


async def test_numbers_are_never_given_out_twice(store: ProviderStore) -> None:
    one = await add(store)
    await store.remove(OWNER, one.id)

    assert (await add(store)).number > one.number


async def test_an_account_is_there_once_for_each_profile(store: ProviderStore) -> None:
    await add(store)

    with pytest.raises(ProviderExists):
        await store.add(replace(PROVIDER, id="two"), address_hash="hash of one", at_most=9)
    with pytest.raises(TooManyProviders):
        await store.add(replace(PROVIDER, id="two"), address_hash="hash of two", at_most=1)
    for owner in OTHERS:
        theirs = replace(PROVIDER, id=owner.account_id + owner.profile_id, owner=owner)
        await store.add(theirs, address_hash="hash of one", at_most=1)
    assert len(await store.visible(OWNER)) == 1


@pytest.mark.parametrize("owner", OTHERS)
async def test_nobody_else_reads_or_changes_it(store: ProviderStore, owner: Owner) -> None:
    one = await add(store)

    assert await store.owned(owner, one.id) is None
    assert await store.visible(owner) == []
    with pytest.raises(ProviderNotFound):
        await store.describe(owner, one.id, name="Mine", play="redirect")
    with pytest.raises(ProviderNotFound):
        await store.move(owner, one.id, host="evil.example", sealed=b"", address_hash="mine")
    with pytest.raises(ProviderNotFound):
        await store.remove(owner, one.id)
    assert await store.visible(OWNER) == [one]


async def test_a_state_that_tells_nothing_of_limits_leaves_those_that_are_known(store: ProviderStore) -> None:
    one = await add(store)

    await store.put_state(one.id, ProviderState(status="unreachable", problem="Away."), at=9)

    (found,) = await store.visible(OWNER)
    assert found == replace(one, status="unreachable", problem="Away.", checked_at=9)
    await store.put_state(one.id, ProviderState(status="active", max_connections=1), at=10)
    (found,) = await store.visible(OWNER)
    assert (found.max_connections, found.expires_at, found.formats) == (1, None, ())


async def test_the_last_run_that_began_is_who_writes(store: ProviderStore) -> None:
    one = await add(store)

    first, again, second = [await store.begin(one.id, run) for run in ("a", "a", "b")]

    assert first is not None
    assert again is not None
    assert second is not None
    assert (first.run_number, again.run_number, second.run_number) == (1, 1, 2)
    assert await store.begin("nobody", "a") is None


async def test_totals_are_counted_for_each_account(store: ProviderStore, database: Database) -> None:
    one, two = await add(store), await add(store, replace(PROVIDER, id="two"))
    await database.insert_rows(
        "library_facets",
        ("provider", "kind", "facet", "value", "items"),
        [
            (one.number, 1, "all", 0, 5),
            (one.number, 2, "all", 0, 7),
            (one.number, 2, "year", 2001, 3),
            (two.number, 3, "all", 0, 2),
        ],
    )
    await database.insert_rows(
        "library_episodes",
        ("id", "provider", "series", "season", "panel_id", "hash", "added"),
        [(1, two.number, 9, 1, 1, 0, 0), (2, two.number, 9, 1, 2, 0, 0)],
    )

    totals = await store.totals([one, two])

    assert totals == {
        one.number: ItemTotals(channels=5, movies=7),
        two.number: ItemTotals(series=2, episodes=2),
    }
    assert await store.totals([]) == {}


@pytest.mark.parametrize(("profile_id", "left"), [("profile", 1), (None, 0)])
async def test_accounts_go_with_their_profile_or_account_and_their_rows_after_them(
    store: ProviderStore, database: Database, profile_id: str | None, left: int
) -> None:
    for owner in (OWNER, OTHERS[0]):
        await add(store, replace(PROVIDER, id=owner.profile_id, owner=owner))

    await store.forget("account", profile_id)

    assert len(await store.after(0, limit=9)) == left
    assert len(await database.fetch_all("SELECT * FROM library_removed")) == 2 - left
