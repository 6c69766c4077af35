"""How owners want to be shown ratings, on both engines: each owner's own, and gone with them."""

from __future__ import annotations

from libs.common.contracts.ratings import RatingSettings
from libs.common.db import Database
from services.catalog.model import Owner
from services.catalog.store.addons import AddonStore
from services.catalog.store.rating_choices import RatingChoiceStore, rating_choices

ADA = Owner("ada", "first")
GRACE = Owner("grace", "first")
SECOND = Owner("ada", "second")
CHOSEN = RatingSettings(
    rows=False, name=True, template="{rating} ({votes})", separator="\n", place="before", minimum_votes=20
)


async def test_a_choice_is_read_as_it_was_made(database: Database, store: AddonStore) -> None:
    choices = RatingChoiceStore(database)
    assert await rating_choices(database, ADA) == RatingSettings()
    await choices.choose(ADA, CHOSEN)
    assert (await store.shelf(ADA)).ratings == CHOSEN
    again = RatingSettings(description=True)
    await choices.choose(ADA, again)
    assert await rating_choices(database, ADA) == again


async def test_it_belongs_to_one_profile_of_one_account(database: Database) -> None:
    await RatingChoiceStore(database).choose(ADA, CHOSEN)
    for other in (GRACE, SECOND):
        assert await rating_choices(database, other) == RatingSettings()


async def test_each_choice_raises_the_revision_of_its_owner_alone(
    database: Database, store: AddonStore
) -> None:
    before = await store.revision(ADA), await store.revision(SECOND)
    await RatingChoiceStore(database).choose(ADA, CHOSEN)
    assert (await store.revision(ADA), await store.revision(SECOND)) == (before[0] + 1, before[1])


async def test_it_goes_with_its_owner(database: Database, store: AddonStore) -> None:
    choices = RatingChoiceStore(database)
    for owner in (ADA, SECOND, GRACE):
        await choices.choose(owner, CHOSEN)
    await store.forget("ada", "second")
    assert [await rating_choices(database, owner) for owner in (SECOND, ADA)] == [RatingSettings(), CHOSEN]
    await store.forget("ada", None)
    assert [await rating_choices(database, owner) for owner in (ADA, GRACE)] == [RatingSettings(), CHOSEN]
