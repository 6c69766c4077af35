"""What owners chose about their rows: kept, theirs alone, and gone with what it is about."""

from __future__ import annotations

import pytest

from libs.common.db import Database
from services.catalog.errors import AddonNotFound, CatalogNotFound, ChangedMeanwhile
from services.catalog.model import MergedRow, Owner, RowChange, RowChoice, RowKey
from services.catalog.store.addons import AddonStore
from services.catalog.store.row_choices import RowStore, arrangement
from tests.catalog.store.rows import OTHERS, OWNER, add, addon


def key(addon_id: str, catalog_id: str = "top") -> RowKey:
    return RowKey(addon_id, "catalog", "movie", catalog_id)


def merged(
    *members: RowKey, named: str = "aaaa", name: str = "Both", position: int | None = None
) -> MergedRow:
    choice = RowChoice(name=name, position=position)
    return MergedRow(key=named, type="movie", mode="interleaved", choice=choice, members=members)


@pytest.fixture
def rows(database: Database) -> RowStore:
    return RowStore(database)


async def test_a_choice_is_kept_member_by_member_and_goes_with_its_addon(
    store: AddonStore, rows: RowStore
) -> None:
    one = addon("one")
    await add(store, one)
    await rows.change(OWNER, key(one.id), RowChange(included=False))
    await rows.change(OWNER, key(one.id), RowChange(name="Mine", searchable=False))
    chosen = (await store.shelf(OWNER)).arrangement.choices
    assert chosen == {key(one.id): RowChoice(included=False, name="Mine", searchable=False)}
    await store.remove(OWNER, one.id)
    assert (await store.shelf(OWNER)).arrangement.choices == {}


async def test_every_change_raises_the_revision(store: AddonStore, rows: RowStore) -> None:
    one = addon("one")
    await add(store, one)
    await rows.change(OWNER, key(one.id), RowChange(included=False))
    await rows.merge(OWNER, merged(key(one.id), key(one.id, "new")), seen=2)
    await rows.arrange(OWNER, ["aaaa", key(one.id)], seen=3)
    await rows.change_merged(OWNER, merged(key(one.id)), seen=4)
    await rows.disarrange(OWNER)
    await rows.take_apart(OWNER, "aaaa")
    assert await store.revision(OWNER) == 7


async def test_places_are_given_and_taken_without_touching_other_choices(
    store: AddonStore, rows: RowStore
) -> None:
    one = addon("one")
    await add(store, one)
    await rows.change(OWNER, key(one.id), RowChange(name="Mine"))
    await rows.merge(OWNER, merged(key(one.id, "new")), seen=2)
    await rows.arrange(OWNER, ["aaaa", key(one.id)], seen=3)
    placed = (await store.shelf(OWNER)).arrangement
    assert placed.choices == {key(one.id): RowChoice(name="Mine", position=1)}
    assert placed.merged == (merged(key(one.id, "new"), position=0),)
    await rows.disarrange(OWNER)
    free = (await store.shelf(OWNER)).arrangement
    assert free.choices == {key(one.id): RowChoice(name="Mine")}
    assert free.merged == (merged(key(one.id, "new")),)


async def test_a_merged_row_reads_back_in_order_and_loses_the_members_of_a_removed_addon(
    store: AddonStore, rows: RowStore
) -> None:
    one, two = addon("one"), addon("two")
    await add(store, one, two)
    row = merged(key(two.id), key(one.id), position=4)
    await rows.merge(OWNER, row, seen=2)
    assert (await store.shelf(OWNER)).arrangement.merged == (row,)
    await store.remove(OWNER, two.id)
    assert (await store.shelf(OWNER)).arrangement.merged == (merged(key(one.id), position=4),)


async def test_a_merged_row_goes_with_the_last_addon_it_is_made_of(store: AddonStore, rows: RowStore) -> None:
    one, two = addon("one"), addon("two")
    await add(store, one, two)
    await rows.merge(OWNER, merged(key(one.id)), seen=2)
    await rows.merge(OWNER, merged(key(two.id), named="bbbb"), seen=3)
    await store.remove(OWNER, two.id)
    assert [row.key for row in (await store.shelf(OWNER)).arrangement.merged] == ["aaaa"]


async def test_a_change_that_was_overtaken_is_not_made(store: AddonStore, rows: RowStore) -> None:
    one = addon("one")
    await add(store, one)
    before = await store.shelf(OWNER)
    for change in (
        rows.arrange(OWNER, [key(one.id)], seen=0),
        rows.merge(OWNER, merged(key(one.id)), seen=0),
        rows.change_merged(OWNER, merged(key(one.id)), seen=0),
    ):
        with pytest.raises(ChangedMeanwhile):
            await change
    assert await store.shelf(OWNER) == before


@pytest.mark.parametrize("other", OTHERS)
async def test_another_owner_sees_and_changes_nothing(
    store: AddonStore, rows: RowStore, database: Database, other: Owner
) -> None:
    one = addon("one")
    await add(store, one)
    await rows.change(OWNER, key(one.id), RowChange(name="Mine"))
    await rows.merge(OWNER, merged(key(one.id, "new")), seen=2)
    before = await store.shelf(OWNER)
    for change, refusal in (
        (rows.change(other, key(one.id), RowChange(included=False)), AddonNotFound),
        (rows.merge(other, merged(key(one.id), named="bbbb"), seen=0), AddonNotFound),
        (rows.change_merged(other, merged(key(one.id)), seen=0), CatalogNotFound),
        (rows.take_apart(other, "aaaa"), CatalogNotFound),
    ):
        with pytest.raises(refusal):
            await change
    await rows.arrange(other, [key(one.id), "aaaa"], seen=0)
    await rows.disarrange(other)
    assert await store.shelf(OWNER) == before
    theirs = await arrangement(database, other)
    assert (dict(theirs.choices), theirs.merged) == ({}, ())


async def test_what_a_removed_profile_chose_goes_and_what_others_chose_stays(
    store: AddonStore, rows: RowStore
) -> None:
    for owner in (OWNER, *OTHERS):
        one = addon("one", owner=owner)
        await add(store, one)
        await rows.change(owner, key(one.id), RowChange(included=False))
        await rows.merge(owner, merged(key(one.id, "new")), seen=2)

    await store.forget(OWNER.account_id, OWNER.profile_id)

    gone = (await store.shelf(OWNER)).arrangement
    assert (dict(gone.choices), gone.merged) == ({}, ())
    for owner in OTHERS:
        kept = (await store.shelf(owner)).arrangement
        assert len(kept.choices) == len(kept.merged) == 1
