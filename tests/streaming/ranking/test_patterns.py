"""Expressions that people write, among them such as would take for ever elsewhere."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from services.streaming.ranking.patterns import Expression, PatternRefused, refusals
from services.streaming.ranking.rank import NOT_LOOKED_THROUGH
from tests.streaming.ranking.making import addon, link, offered, rank


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)*b", r"(.*)*x", r"(x+x+)+y", r".*.*.*.*.*=.*"])
def test_expression_that_is_a_catastrophe_elsewhere_takes_no_time(pattern: str) -> None:
    expression = Expression(pattern)
    began = time.process_time()
    expression.is_in("a" * 599 + "!")
    assert time.process_time() - began < 0.05


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "number 1 is not an expression that is understood: missing ): ("),
        (r"(a)\1", "number 1 is not an expression that is understood"),
        (r"[a-z]{1000}", "number 1 is too large: make its repetitions fewer or shorter"),
        (r"(((.{0,30}){0,30}))$", "number 1 is too large"),
    ],
)
def test_expression_that_cannot_be_used_says_why(pattern: str, reason: str) -> None:
    (said,) = refusals([pattern])
    assert said.startswith(reason)
    with pytest.raises(PatternRefused):
        Expression(pattern)


def test_case_of_letters_does_not_matter() -> None:
    assert Expression("ReMux").is_in("a remux")


def test_what_there_is_no_time_to_look_through_is_left_out_with_the_reason() -> None:
    """All of them are what is not wanted, of 600 letters each."""
    files = [link(f"Film.{number}.2020.1080p.mkv", description="b " * 280 + "film") for number in range(400)]
    ranked = rank(offered(addon(), *files), exclude_patterns=(r"a[ab ]{400}q|film",))
    assert not ranked.entries
    reasons = Counter(each.reason for each in ranked.dropped)
    assert set(reasons) == {"“a[ab ]{400}q|film” is in it", NOT_LOOKED_THROUGH}
    assert reasons[NOT_LOOKED_THROUGH] > 100


def test_all_sources_are_looked_through_for_what_people_write() -> None:
    patterns = tuple(rf"\b(remux|group{number}|h-?ou)\b" for number in range(10))
    files = [link(f"Film.{number}.2020.1080p.mkv", description="b " * 100) for number in range(500)]
    ranked = rank(offered(addon(), *files), exclude_patterns=patterns, prefer_patterns=(r"film\.4\b",))
    assert (len(ranked.entries), ranked.dropped) == (500, ())
