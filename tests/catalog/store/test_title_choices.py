"""What owners say about entries: the latest counts, and each is its owner's alone."""

from __future__ import annotations

import pytest

from libs.common.db import Database
from services.catalog.errors import TitleChoiceNotFound, TooManyTitleChoices
from services.catalog.identity.choices import Chosen
from services.catalog.model import Owner
from services.catalog.store.addons import AddonStore
from services.catalog.store.title_choices import TitleChoiceStore
from tests.catalog.store.rows import OTHERS, OWNER


@pytest.fixture
def choices(database: Database) -> TitleChoiceStore:
    return TitleChoiceStore(database)


def said(one: str = "own:7", other: str = "tt0133093", *, same: bool = True, at: int = 5) -> Chosen:
    return Chosen(kind="movie", one=one, other=other, same=same, at=at)


async def test_what_was_said_reads_back_and_is_on_the_shelf(
    choices: TitleChoiceStore, store: AddonStore
) -> None:
    await choices.choose(OWNER, said(), at_most=10)
    await choices.choose(OWNER, said("a", same=False, at=4), at_most=10)
    assert await choices.all_of(OWNER) == (said("a", same=False, at=4), said())
    assert (await store.shelf(OWNER)).titles == await choices.all_of(OWNER)


async def test_the_latest_word_counts(choices: TitleChoiceStore) -> None:
    await choices.choose(OWNER, said(), at_most=1)
    await choices.choose(OWNER, said(same=False, at=6), at_most=1)
    assert await choices.all_of(OWNER) == (said(same=False, at=6),)


async def test_one_too_many_is_not_stored(choices: TitleChoiceStore, store: AddonStore) -> None:
    await choices.choose(OWNER, said(), at_most=1)
    before = await store.shelf(OWNER)
    with pytest.raises(TooManyTitleChoices):
        await choices.choose(OWNER, said("a"), at_most=1)
    assert await store.shelf(OWNER) == before


async def test_every_change_raises_the_revision(choices: TitleChoiceStore, store: AddonStore) -> None:
    await choices.choose(OWNER, said(), at_most=10)
    await choices.take_back(OWNER, "movie", "own:7", "tt0133093")
    assert await store.revision(OWNER) == 2
    assert await choices.all_of(OWNER) == ()


@pytest.mark.parametrize("owner", OTHERS)
async def test_another_owner_sees_and_changes_nothing(choices: TitleChoiceStore, owner: Owner) -> None:
    await choices.choose(OWNER, said(), at_most=10)
    assert await choices.all_of(owner) == ()
    with pytest.raises(TitleChoiceNotFound):
        await choices.take_back(owner, "movie", "own:7", "tt0133093")
    await choices.choose(owner, said(same=False), at_most=10)
    assert await choices.all_of(OWNER) == (said(),)


async def test_choices_go_with_their_profile(choices: TitleChoiceStore, store: AddonStore) -> None:
    for owner in (OWNER, *OTHERS):
        await choices.choose(owner, said(), at_most=10)
    await store.forget(OWNER.account_id, OWNER.profile_id)
    assert [len(await choices.all_of(owner)) for owner in (OWNER, *OTHERS)] == [0, 1, 1]
    await store.forget(OWNER.account_id, None)
    assert [len(await choices.all_of(owner)) for owner in (OWNER, *OTHERS)] == [0, 0, 1]
