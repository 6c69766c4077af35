"""Lists of addons: order, choices, revisions, and that each is its owner's alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import MetaData, create_engine

from libs.common.clock import SystemClock
from libs.common.db import UniqueViolation, open_database
from libs.common.db.migrate import downgrade, upgrade
from services.catalog.errors import AddonExists, AddonNotFound, OrderMismatch, TooManyAddons
from services.catalog.model import Owner
from services.catalog.store.addons import AddonStore
from services.catalog.store.library.providers import ProviderStore
from services.catalog.store.manifests import ManifestStore, StoredManifest
from tests.catalog.store.rows import OTHERS, OWNER, add, addon


async def ids(store: AddonStore, owner: Owner = OWNER) -> list[str]:
    return [each.id for each in (await store.shelf(owner)).addons]


async def test_what_is_added_reads_back(store: AddonStore) -> None:
    one = replace(addon("one"), manifest_error="é", enabled=False, builtin=True)
    await add(store, one)
    assert (await store.shelf(OWNER)).addons == (one,)


async def test_addons_stand_in_the_order_they_came_and_then_as_ordered(store: AddonStore) -> None:
    one, two, three = addon("one"), addon("two"), addon("thre")
    await add(store, one, two, three)
    assert await ids(store) == [one.id, two.id, three.id]
    await store.order(OWNER, [three.id, one.id, two.id])
    await store.remove(OWNER, one.id)
    await add(store, one)
    assert await ids(store) == [three.id, two.id, one.id]


async def test_a_refused_change_leaves_everything_as_it_was(store: AddonStore) -> None:
    one, two = addon("one"), addon("two")
    await add(store, one)
    before = await store.shelf(OWNER)
    with pytest.raises(AddonExists):
        await add(store, replace(two, transport_hash=one.transport_hash))
    with pytest.raises(TooManyAddons):
        await add(store, two, at_most=1)
    with pytest.raises(OrderMismatch):
        await store.order(OWNER, [one.id, one.id])
    assert await store.shelf(OWNER) == before


async def test_every_change_raises_the_revision(store: AddonStore, manifests: ManifestStore) -> None:
    one = addon("one")
    assert await store.revision(OWNER) == 0
    await add(store, one)
    await store.describe(OWNER, one.id, name="Mine", enabled=False, pinned=True, asked_again=False)
    other = StoredManifest(manifest=b"{}", manifest_hash="other", next_at=5, failures=0)
    await manifests.put_manifest(OWNER, one.id, transport_hash=one.transport_hash, stored=other)
    await store.remove(OWNER, one.id)
    assert await store.revision(OWNER) == 4


@pytest.mark.parametrize("owner", OTHERS)
async def test_another_owner_changes_nothing(
    store: AddonStore, manifests: ManifestStore, owner: Owner
) -> None:
    one = addon("one")
    await add(store, one)
    stored = StoredManifest(manifest=b"{}", manifest_hash="x", next_at=1, failures=0)
    before = await store.shelf(OWNER)
    for change in (
        store.describe(owner, one.id, name="Stolen", enabled=False, pinned=True, asked_again=True),
        store.move(owner, one.id, sealed_url=b"", transport_hash="h", stored=stored),
        store.remove(owner, one.id),
    ):
        with pytest.raises(AddonNotFound):
            await change
    assert not await manifests.put_manifest(owner, one.id, transport_hash=one.transport_hash, stored=stored)
    assert await ids(store, owner) == []
    assert await store.shelf(OWNER) == before


async def test_an_owner_is_welcomed_once_in_their_life(store: AddonStore) -> None:
    one, two = addon("one"), addon("two")
    assert not (await store.shelf(OWNER)).welcomed
    await store.welcome(one, at=1)
    await store.welcome(two, at=2)
    shelf = await store.shelf(OWNER)
    assert (shelf.welcomed, shelf.addons) == (True, (one,))
    await store.remove(OWNER, one.id)
    await store.welcome(two, at=3)
    assert await ids(store) == []
    assert not (await store.shelf(OTHERS[0])).welcomed


async def test_who_has_addons_is_welcomed_without_another(store: AddonStore) -> None:
    one, two = addon("one"), addon("two")
    await add(store, one)
    await store.welcome(two, at=1)
    shelf = await store.shelf(OWNER)
    assert (shelf.welcomed, shelf.addons) == (True, (one,))


async def test_a_welcome_that_could_not_be_stored_is_not_over(store: AddonStore) -> None:
    """The mark and the addon were once stored one after the other, and the addon could get lost."""
    taken = addon("one", OTHERS[0])
    await add(store, taken)
    with pytest.raises(UniqueViolation):
        await store.welcome(replace(addon("one"), id=taken.id), at=1)
    assert not (await store.shelf(OWNER)).welcomed
    await store.welcome(addon("two"), at=2)
    assert len(await ids(store)) == 1


async def test_the_schema_goes_down_and_up_again(database_url: str) -> None:
    await upgrade(database_url, service="catalog")
    await downgrade(database_url, service="catalog", to=None)
    await upgrade(database_url, service="catalog")
    database = await open_database(database_url, schema="catalog", clock=SystemClock())
    assert await AddonStore(database).revision(OWNER) == 0
    await database.aclose()


async def test_a_removed_profile_takes_only_its_own_along(store: AddonStore) -> None:
    for owner in (OWNER, *OTHERS):
        await add(store, addon("one", owner=owner))

    await store.forget(OWNER.account_id, OWNER.profile_id)

    assert (await store.shelf(OWNER)).addons == ()
    assert await store.revision(OWNER) == 0
    for owner in OTHERS:
        assert len(await ids(store, owner)) == 1


async def test_a_removed_account_takes_all_its_profiles_along(store: AddonStore) -> None:
    for owner in (OWNER, *OTHERS):
        await add(store, addon("one", owner=owner))

    await store.forget(OWNER.account_id, None)
    await store.forget(OWNER.account_id, None)

    sibling, stranger = OTHERS
    assert await ids(store) == await ids(store, sibling) == []
    assert len(await ids(store, stranger)) == 1


async def test_no_table_keeps_anything_of_whoever_was_removed(sqlite_url: str) -> None:
    """Also those that are added later: each gets one row of the owner x, who has everything."""
    engine, tables = create_engine(sqlite_url), MetaData()
    tables.reflect(engine)
    theirs = [table for table in tables.sorted_tables if "account_id" in table.columns]
    of_type: dict[type, object] = {str: "x", bytes: b"x", int: 0, bool: False}
    with engine.begin() as connection:
        for table in theirs:
            row = {column.name: of_type[column.type.python_type] for column in table.columns}
            connection.execute(table.insert(), row)
    database = await open_database(sqlite_url, schema="catalog", clock=SystemClock())
    await AddonStore(database).forget("x", None)
    await ProviderStore(database).forget("x", None)
    await database.aclose()
    with engine.connect() as connection:
        assert {table.name: connection.execute(table.select()).all() for table in theirs} == {
            table.name: [] for table in theirs
        }
    engine.dispose()
