"""What may be claimed about the age of an answer."""

from __future__ import annotations

from libs.addons.freshness import RETRY_S, Freshness, freshness_of, worst
from libs.common.cache import Entry, Lookup

NOW = 1000.0


def lookup(state: str, *, fresh_for: float, stale_for: float = 0, error_for: float = 0) -> Freshness:
    """The freshness of an entry whose lives end so long after now."""
    entry = Entry(
        value=b"",
        stored_at=NOW - 100,
        fresh_until=NOW + fresh_for,
        stale_until=NOW + stale_for,
        error_until=NOW + error_for,
        tags=(),
        etag="",
        info={},
    )
    return freshness_of(Lookup(entry, state), NOW)  # type: ignore[arg-type]


def test_what_is_left_of_each_life_is_told() -> None:
    assert lookup("hit", fresh_for=10, stale_for=30, error_for=60) == Freshness(10, 20, 50, age_s=100)


def test_a_stale_answer_may_be_shown_only_while_it_is_renewed() -> None:
    assert lookup("stale", fresh_for=-5, stale_for=30, error_for=60) == Freshness(0, 30, 60, age_s=100)


def test_an_answer_past_its_stale_time_may_be_shown_for_seconds() -> None:
    assert lookup("stale", fresh_for=-50, stale_for=-10, error_for=60) == Freshness(0, RETRY_S, 60, age_s=100)


def test_what_may_not_be_stored_may_not_be_kept_by_others() -> None:
    assert lookup("bypass", fresh_for=10, stale_for=30, error_for=60) == Freshness(0, 0, 0)


def test_the_header_names_only_what_is_allowed() -> None:
    assert Freshness(10, 0, 0).headers() == {"Cache-Control": "private, max-age=10", "Age": "0"}
    stated = "private, max-age=10, stale-while-revalidate=20, stale-if-error=30"
    assert Freshness(10, 20, 30).headers()["Cache-Control"] == stated


def test_the_header_counts_from_when_the_answer_was_made() -> None:
    assert Freshness(10, 0, 0, age_s=5).headers() == {"Cache-Control": "private, max-age=15", "Age": "5"}


def test_least_of_each_bound_counts() -> None:
    assert Freshness(10, 0, 30).least(Freshness(5, 20, 40)) == Freshness(5, 0, 30)
    assert Freshness(10, 0, 0, age_s=3).least(Freshness(10, 0, 0, age_s=7)).age_s == 7


def test_state_of_the_whole_is_its_worst_part() -> None:
    assert worst(["hit", "miss"], partial=False) == "miss"
    assert worst(["hit", "stale"], partial=False) == "stale"
    assert worst(["hit", "hit"], partial=False) == "hit"
    assert worst(["hit"], partial=True) == "partial"
    assert worst(["stale", "bypass"], partial=False) == "stale"
    assert worst([], partial=False) == "miss"
