"""Keys, sealed values and tokens."""

from __future__ import annotations

import pickle
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from libs.common.errors import SettingsError, StartupRefused
from libs.common.secrets import (
    SecretBox,
    SecretKey,
    SecretsError,
    hash_token,
    load_or_create_key_file,
    new_token,
)

KEY = SecretKey.from_text("k" * 32)
OTHER = SecretKey.from_text("o" * 32)
PLACE = "addons:transport_url:42"


def test_a_short_secret_is_refused_with_a_way_to_make_one() -> None:
    with pytest.raises(SettingsError, match=r"31 characters.*openssl rand"):
        SecretKey.from_text("k" * 31)


def test_purposes_get_different_keys_and_the_same_purpose_the_same() -> None:
    assert KEY.derive("a") == KEY.derive("a")
    assert KEY.derive("a") != KEY.derive("b")
    assert len(KEY.derive("a")) == 32


def test_a_key_shows_itself_to_nobody() -> None:
    assert "k" * 32 not in f"{KEY!r} {KEY}"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


def test_what_is_sealed_opens_again() -> None:
    box = SecretBox(KEY)
    assert box.open(box.seal(b"https://addon", context=PLACE), context=PLACE) == b"https://addon"


def test_the_same_value_is_never_sealed_the_same_way() -> None:
    box = SecretBox(KEY)
    assert box.seal(b"x", context=PLACE) != box.seal(b"x", context=PLACE)


def test_a_value_moved_to_another_row_does_not_open() -> None:
    box = SecretBox(KEY)
    with pytest.raises(SecretsError, match="another row"):
        box.open(box.seal(b"x", context=PLACE), context="addons:transport_url:43")


def test_another_key_is_told_from_damage() -> None:
    sealed = SecretBox(KEY).seal(b"x", context=PLACE)
    with pytest.raises(SecretsError, match="another key"):
        SecretBox(OTHER).open(sealed, context=PLACE)


@pytest.mark.parametrize("cut", [0, 1, 5, 13, 20])
def test_a_truncated_value_is_refused(cut: int) -> None:
    box = SecretBox(KEY)
    with pytest.raises(SecretsError):
        box.open(box.seal(b"x", context=PLACE)[:cut], context=PLACE)


def test_the_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret.key"
    first = load_or_create_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_key_file(path).derive("x") == first.derive("x")
    assert [entry.name for entry in path.parent.iterdir()] == ["secret.key"]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: load_or_create_key_file(path).derive("x"), range(8)))
    assert len(set(keys)) == 1


def test_a_damaged_key_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_text("short")
    with pytest.raises(StartupRefused, match="damaged; put the former file back"):
        load_or_create_key_file(path)
    assert path.read_text() == "short"


def test_a_file_in_place_of_the_directory_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartupRefused, match=r"file is no directory.*HEADGATE_DATA_DIR"):
        load_or_create_key_file(tmp_path / "file" / "secret.key")


def test_a_key_that_can_not_be_read_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "secret.key").mkdir()
    with pytest.raises(StartupRefused, match=r"secret\.key can't be read or made .*HEADGATE_DATA_DIR"):
        load_or_create_key_file(tmp_path / "secret.key")


def test_tokens_are_random_prefixed_and_safe_in_urls() -> None:
    token = new_token("hg_")
    assert token.startswith("hg_")
    assert token != new_token("hg_")
    assert len(token) == 3 + 43
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_equal_tokens_have_equal_hashes() -> None:
    assert hash_token("a") == hash_token("a") != hash_token("b")
    assert len(hash_token("a")) == 32
