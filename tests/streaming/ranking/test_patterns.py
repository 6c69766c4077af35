"""Expressions that people write, among them such as would take for ever elsewhere."""

from __future__ import annotations

import time

import pytest

from services.streaming.ranking.patterns import Expression, PatternRefused, refusals
from tests.fakes.clock import ManualClock
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


def test_looking_ends_when_its_time_is_up() -> None:
    clock = ManualClock()

    class Slow(ManualClock):
        def monotonic(self) -> float:
            clock.advance(0.011)
            return clock.monotonic()

    files = [link(f"Film.{number}.2020.1080p.mkv") for number in range(5)]
    ranked = rank(offered(addon(), *files), clock=Slow(), exclude_patterns=("film",))
    assert (len(ranked.dropped), len(ranked.entries)) == (1, 4)
