"""Keys of accounts and choices of profiles."""

from __future__ import annotations

import pytest

from libs.common.contracts.tmdb import TmdbChoice
from libs.common.db import Database
from services.catalog.store.addons import AddonStore
from services.catalog.store.tmdb_choices import StoredKey, TmdbChoiceStore
from tests.catalog.store.rows import OTHERS, OWNER

SIBLING, STRANGER = OTHERS
IN_GERMAN = TmdbChoice(language="de-DE", poster_size="w780", background_size="original")


@pytest.fixture
def choices(database: Database) -> TmdbChoiceStore:
    return TmdbChoiceStore(database)


async def keys(store: AddonStore) -> list[bytes | None]:
    """Of the owner, a sibling's profile and a stranger."""
    shelves = [await store.shelf(owner) for owner in (OWNER, SIBLING, STRANGER)]
    return [shelf.tmdb_key.sealed if shelf.tmdb_key is not None else None for shelf in shelves]


async def revisions(store: AddonStore) -> list[int]:
    return [await store.revision(owner) for owner in (OWNER, SIBLING, STRANGER)]


async def with_lists(choices: TmdbChoiceStore) -> None:
    for owner in (OWNER, SIBLING, STRANGER):
        await choices.choose(owner, TmdbChoice())


async def test_who_chose_nothing_has_no_key_and_the_defaults(store: AddonStore) -> None:
    shelf = await store.shelf(OWNER)
    assert (shelf.tmdb, shelf.tmdb_key) == (TmdbChoice(), None)


async def test_a_choice_is_its_profiles_alone(choices: TmdbChoiceStore, store: AddonStore) -> None:
    await choices.choose(OWNER, TmdbChoice(language="fr"))
    await choices.choose(OWNER, IN_GERMAN)
    assert (await store.shelf(OWNER)).tmdb == IN_GERMAN
    assert (await store.shelf(SIBLING)).tmdb == TmdbChoice()
    assert await revisions(store) == [2, 0, 0]


async def test_a_key_is_its_accounts_and_every_profile_hears_of_it(
    choices: TmdbChoiceStore, store: AddonStore
) -> None:
    await with_lists(choices)
    await choices.save_key("account", b"\x00sealed", at=7)
    assert await keys(store) == [b"\x00sealed", b"\x00sealed", None]
    assert await revisions(store) == [2, 2, 1]
    await choices.save_key("account", b"next", at=9)
    assert (await store.shelf(OWNER)).tmdb_key == StoredKey(
        sealed=b"next", saved_at=9, checked_at=9, refused_at=None
    )
    await choices.remove_key("account")
    assert await keys(store) == [None, None, None]
    assert await revisions(store) == [4, 4, 1]


async def test_since_when_a_key_is_refused_stays_until_it_is_taken_again(
    choices: TmdbChoiceStore, store: AddonStore
) -> None:
    await choices.save_key("account", b"key", at=7)
    await choices.note_refused("account", 7, at=10)
    await choices.note_refused("account", 7, at=11)
    held = (await store.shelf(OWNER)).tmdb_key
    assert held is not None
    assert (held.refused_at, held.checked_at) == (10, 7)
    await choices.note_taken("account", 7, at=12)
    held = (await store.shelf(OWNER)).tmdb_key
    assert held is not None
    assert (held.refused_at, held.checked_at) == (None, 12)


async def test_a_refusal_of_the_former_key_says_nothing_of_the_next(
    choices: TmdbChoiceStore, store: AddonStore
) -> None:
    await choices.save_key("account", b"key", at=7)
    await choices.save_key("account", b"next", at=8)
    await choices.note_refused("account", 7, at=10)
    held = (await store.shelf(OWNER)).tmdb_key
    assert held is not None
    assert held.refused_at is None


async def test_a_key_goes_with_its_account_and_stays_when_a_profile_goes(
    choices: TmdbChoiceStore, store: AddonStore
) -> None:
    await with_lists(choices)
    await choices.choose(SIBLING, IN_GERMAN)
    for account_id in ("account", "other"):
        await choices.save_key(account_id, account_id.encode(), at=7)
    await store.forget("account", SIBLING.profile_id)
    assert (await store.shelf(SIBLING)).tmdb == TmdbChoice()
    assert await keys(store) == [b"account", b"account", b"other"]
    await store.forget("account", None)
    assert await keys(store) == [None, None, b"other"]


def test_what_is_stored_does_not_print() -> None:
    assert "secret" not in repr(StoredKey(sealed=b"secret", saved_at=1, checked_at=None, refused_at=None))
