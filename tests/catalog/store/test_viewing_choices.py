"""What owners' rows show of what they watched, on both engines: each owner's own, and gone with them."""

from __future__ import annotations

from libs.common.contracts.viewing_settings import ViewingSettings
from libs.common.db import Database
from services.catalog.model import Owner
from services.catalog.store.addons import AddonStore
from services.catalog.store.viewing_choices import ViewingChoiceStore, viewing_choices

ADA = Owner("ada", "first")
GRACE = Owner("grace", "first")
SECOND = Owner("ada", "second")
CHOSEN = ViewingSettings(hide_watched=True, description=True)


async def test_a_choice_is_read_as_it_was_made(database: Database, store: AddonStore) -> None:
    choices = ViewingChoiceStore(database)
    assert await viewing_choices(database, ADA) == ViewingSettings()
    await choices.choose(ADA, CHOSEN)
    assert (await store.shelf(ADA)).viewing == CHOSEN
    again = ViewingSettings(release_info=True)
    await choices.choose(ADA, again)
    assert await viewing_choices(database, ADA) == again


async def test_it_belongs_to_one_profile_of_one_account(database: Database) -> None:
    await ViewingChoiceStore(database).choose(ADA, CHOSEN)
    for other in (GRACE, SECOND):
        assert await viewing_choices(database, other) == ViewingSettings()


async def test_each_choice_raises_the_revision_of_its_owner_alone(
    database: Database, store: AddonStore
) -> None:
    before = await store.revision(ADA), await store.revision(SECOND)
    await ViewingChoiceStore(database).choose(ADA, CHOSEN)
    assert (await store.revision(ADA), await store.revision(SECOND)) == (before[0] + 1, before[1])


async def test_it_goes_with_its_owner(database: Database, store: AddonStore) -> None:
    choices = ViewingChoiceStore(database)
    for owner in (ADA, SECOND, GRACE):
        await choices.choose(owner, CHOSEN)
    await store.forget("ada", "second")
    assert [await viewing_choices(database, owner) for owner in (SECOND, ADA)] == [ViewingSettings(), CHOSEN]
    await store.forget("ada", None)
    assert [await viewing_choices(database, owner) for owner in (ADA, GRACE)] == [ViewingSettings(), CHOSEN]
