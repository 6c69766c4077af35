"""How many descriptions of one file are found to be of one, and that no two files are taken for one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from benchmarks.figures import Figure
from benchmarks.sources.made import Sighting, sightings
from services.streaming.ranking.sameness import groups
from services.streaming.ranking.understanding import understood

LISTS: Final = 60
FILES: Final = 40


def measure() -> list[Figure]:
    right = wrong = missed = count = 0
    for seed in range(LISTS):
        listed = sightings(seed, files=FILES, is_episode=seed % 2 == 1)
        counts = judged(listed)
        right, wrong, missed = (a + b for a, b in zip((right, wrong, missed), counts, strict=True))
        count += len(listed)
    note = f"pairs among {count:,} descriptions by ten made-up addons: {right:,} right, {missed:,} missed"
    return [
        Figure("different files taken for one", wrong, "pairs", "at most", 0, note),
        Figure("descriptions of one file put together", right / (right + missed), "", "at least", 0.98, note),
    ]


def judged(listed: Sequence[Sighting]) -> tuple[int, int, int]:
    """Pairs put together that are one file, those that are not, and those of one file left apart."""
    sources = [understood(each.raw, each.addon) for each in listed]
    group_of = {
        place: number
        for number, group in enumerate(groups([source for source in sources if source is not None]))
        for place in group
    }
    right = wrong = missed = 0
    for one, other in combinations(range(len(listed)), 2):
        same = listed[one].file == listed[other].file
        together = group_of[one] == group_of[other]
        right += same and together
        wrong += together and not same
        missed += same and not together
    return right, wrong, missed
