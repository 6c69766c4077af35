"""The same file by several addons is one; another file never is."""

from __future__ import annotations

from benchmarks.sources.made import sightings
from benchmarks.sources.sameness import judged


def test_no_other_file_is_taken_for_one_and_hardly_any_same_is_missed() -> None:
    counts = [judged(sightings(seed, files=40, is_episode=seed % 2 == 0)) for seed in range(12)]
    right, wrong, missed = (sum(each) for each in zip(*counts, strict=True))
    assert wrong == 0
    assert right / (right + missed) >= 0.98
