"""The replayed day is what it says, and loses nothing."""

from __future__ import annotations

from collections import Counter

from benchmarks import replay


def test_few_things_are_most_of_what_is_asked_for() -> None:
    asked = replay.asked("movie/abcd.", 20_000)
    assert asked == replay.asked("movie/abcd.", 20_000)
    counts = Counter(asked)
    assert len(counts) > 550
    assert sum(count for _, count in counts.most_common(60)) > 10_000
    assert {path.partition("/")[0] for path in counts} == {"catalog", "meta"}


def test_what_was_seen_is_there_while_the_addon_is_down() -> None:
    cached, calls, failed = replay.replayed("replay", {}, 600)
    assert failed.value == 0
    assert cached.value > 30
    assert calls.value < 100
