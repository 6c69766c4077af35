"""The envelope: whole or refused, small when it can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.cache.entry import EnvelopeBroken, Lives, Loaded, decode, encode, make_entry

texts = st.text(max_size=20)


@given(
    value=st.binary(max_size=5000),
    tags=st.lists(texts, max_size=4).map(tuple),
    info=st.dictionaries(texts, texts, max_size=3),
    stamp=st.integers(0, 2**53),
    fresh_s=st.floats(0, 1e7),
)
def test_an_envelope_gives_back_exactly_what_went_in(
    value: bytes, tags: tuple[str, ...], info: dict[str, str], stamp: int, fresh_s: float
) -> None:
    loaded = Loaded(value, Lives(fresh_s, 5, 7), tags=tags, info=info)
    entry = make_entry(loaded, now=1000.0, stamp=stamp)
    assert decode(encode(entry)) == entry


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused_and_never_crash(data: bytes) -> None:
    with pytest.raises(EnvelopeBroken):
        decode(data)


@given(cut=st.integers(1, 60))
def test_a_cut_envelope_is_refused(cut: int) -> None:
    whole = encode(make_entry(Loaded(b"abc" * 1000, Lives(1)), now=1.0, stamp=1))
    with pytest.raises(EnvelopeBroken):
        decode(whole[:-cut])


def test_large_bodies_are_compressed_and_small_ones_are_not() -> None:
    large = make_entry(Loaded(b"abc" * 10_000, Lives(1)), now=1.0, stamp=1)
    small = make_entry(Loaded(b"abc", Lives(1)), now=1.0, stamp=1)
    assert len(encode(large)) < 1000
    assert encode(small).endswith(b"abc")


def test_a_body_larger_than_announced_is_not_expanded() -> None:
    honest = encode(make_entry(Loaded(b"\0" * 2000, Lives(1)), now=1.0, stamp=1))
    bomb = encode(make_entry(Loaded(b"\0" * 50_000_000, Lives(1)), now=1.0, stamp=1))
    head = 5 + int.from_bytes(honest[1:5])
    bomb_head = 5 + int.from_bytes(bomb[1:5])
    with pytest.raises(EnvelopeBroken):
        decode(honest[:head] + bomb[bomb_head:])


def test_jitter_shortens_the_fresh_time_and_never_stretches_it() -> None:
    entry = make_entry(Loaded(b"", Lives(100, 10, 20)), now=0.0, stamp=1, share=0.9)
    assert (entry.fresh_until, entry.stale_until, entry.error_until) == (90.0, 100.0, 110.0)


def test_the_etag_is_quoted_and_follows_the_bytes() -> None:
    first, same, other = (
        make_entry(Loaded(value, Lives(1)), now=1.0, stamp=1).etag for value in (b"a", b"a", b"b")
    )
    assert first == same != other
    assert first.startswith('"')
    assert first.endswith('"')
