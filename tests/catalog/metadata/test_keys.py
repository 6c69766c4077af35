"""Keys sealed for one account, and opened for that account alone."""

from __future__ import annotations

import pytest

from libs.common.secrets import SecretBox, SecretKey
from libs.protocols.tmdb.key import TmdbKey
from services.catalog.metadata.keys import held, sealed
from services.catalog.store.tmdb_choices import StoredKey
from tests.fakes.settings import SECRET
from tests.fakes.tmdb import API_KEY, READ_TOKEN

BOX = SecretBox(SecretKey.from_text(SECRET))


def stored(sealed_key: bytes) -> StoredKey:
    return StoredKey(sealed=sealed_key, saved_at=1, checked_at=2, refused_at=None)


@pytest.mark.parametrize("text", [API_KEY, READ_TOKEN])
def test_a_key_opens_for_its_account_and_never_prints(text: str) -> None:
    key = TmdbKey(text)
    locked = sealed(BOX, "account", key)
    assert text.encode() not in locked
    opened = held(BOX, "account", stored(locked))
    assert (opened.key, opened.usable) == (key, True)
    assert text not in repr(opened)


@pytest.mark.parametrize("change", ["another account", "another secret", "damage", "no key"])
def test_what_can_not_be_opened_is_there_and_not_used(change: str) -> None:
    box, account_id = BOX, "account"
    locked = sealed(BOX, "account", TmdbKey(API_KEY))
    if change == "another account":
        account_id = "other"
    elif change == "another secret":
        box = SecretBox(SecretKey.from_text(SECRET[::-1]))
    elif change == "damage":
        locked = locked[:-1]
    else:
        locked = BOX.seal(b"not a key", context="tmdb_keys:sealed_key:account")
    opened = held(box, account_id, stored(locked))
    assert (opened.key, opened.usable) == (None, False)
