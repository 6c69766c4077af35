"""Keys: which are taken, and that none of them ever prints."""

from __future__ import annotations

import copy
import pickle

import pytest

from libs.protocols.tmdb.errors import InvalidKey
from libs.protocols.tmdb.key import TmdbKey
from tests.fakes.tmdb import API_KEY, READ_TOKEN


@pytest.mark.parametrize(("text", "kind"), [(f"  {API_KEY}\n", "api_key"), (READ_TOKEN, "read_token")])
def test_both_kinds_are_told_apart(text: str, kind: str) -> None:
    key = TmdbKey(text)
    assert key.kind == kind
    assert key.reveal() == text.strip()
    assert key == TmdbKey(text.strip())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "short",
        "g" * 32,
        API_KEY + "0",
        "eyJ.a.b c",
        "eyJ",
        f"{READ_TOKEN}\r\nX: y",
        "eyJa.b." + "c" * 3000,
    ],
)
def test_anything_else_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidKey) as refused:
        TmdbKey(text)
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize("text", [API_KEY, READ_TOKEN])
def test_no_key_prints(text: str) -> None:
    key = TmdbKey(text)
    assert text not in f"{key!r} {key} {[key]}"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(TypeError):
        copy.copy(key)
