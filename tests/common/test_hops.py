"""The chain of hubs a question went through."""

from __future__ import annotations

import pytest

from libs.common.hops import HEADER, MOST_HOPS, is_loop, outgoing, own_name, read_hops
from libs.common.secrets import SecretKey
from libs.common.trace import Trace, current_trace

OURS = own_name(SecretKey.from_text("a" * 32))
THEIRS = own_name(SecretKey.from_text("b" * 32))


def test_a_name_belongs_to_one_installation_and_stays() -> None:
    assert own_name(SecretKey.from_text("a" * 32)) == OURS
    assert OURS != THEIRS
    assert read_hops(OURS) == (OURS,)


@pytest.mark.parametrize(
    ("header", "hops"),
    [
        ("", ()),
        ("cloudflare; loops=1", ()),
        (f"cloudflare; loops=1, {THEIRS}, fastly", (THEIRS,)),
        (f"{THEIRS},{OURS}; v=1", (THEIRS, OURS)),
        ("headgate-xyz, headgate-0123456789abcdef0", ()),
    ],
)
def test_only_hubs_count(header: str, hops: tuple[str, ...]) -> None:
    assert read_hops(header) == hops


def test_a_chain_without_end_is_read_as_far_as_it_is_refused() -> None:
    hops = read_hops(", ".join([THEIRS] * 10_000))
    assert len(hops) == MOST_HOPS + 1
    assert is_loop(hops, OURS)


def test_only_a_question_of_our_own_is_a_loop() -> None:
    assert is_loop((THEIRS, OURS), OURS)
    assert not is_loop((THEIRS,), OURS)
    assert not is_loop((), OURS)


async def test_what_leaves_the_hub_names_it_after_those_before() -> None:
    assert outgoing() == {}
    assert outgoing(OURS) == {HEADER: OURS}
    current_trace.set(Trace("r1", hops=(THEIRS,)))
    assert outgoing() == {HEADER: THEIRS}
    assert outgoing(OURS) == {HEADER: f"{THEIRS}, {OURS}"}
