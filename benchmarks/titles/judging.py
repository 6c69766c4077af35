"""Entries put together, held against the truth pair by pair."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from benchmarks.titles.addons import Sighting


@dataclass(frozen=True, slots=True)
class Verdict:
    """Pairs of entries: `joined` and true, `joined` and false, and true ones that were not joined."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


@dataclass(frozen=True, slots=True)
class Judgement:
    """`by_name` counts only pairs that share no id, for which there is nothing but what they say."""

    every: Verdict = Verdict()
    by_name: Verdict = Verdict()

    def __add__(self, other: Judgement) -> Judgement:
        return Judgement(self.every + other.every, self.by_name + other.by_name)


def judged(sightings: Sequence[Sighting], titles: Sequence[Hashable]) -> Judgement:
    """`titles` says for each sighting which title it was put to."""
    joined, true = defaultdict(list), defaultdict(list)
    for number, (sighting, title) in enumerate(zip(sightings, titles, strict=True)):
        joined[title].append(number)
        true[sighting.truth].append(number)
    every: Counter[str] = Counter()
    by_name: Counter[str] = Counter()
    for one, other in _pairs(joined.values()):
        outcome = "right" if sightings[one].truth == sightings[other].truth else "wrong"
        every[outcome] += 1
        by_name[outcome] += not sightings[one].ids & sightings[other].ids
    for one, other in _pairs(true.values()):
        missed = titles[one] != titles[other]
        every["missed"] += missed
        by_name["missed"] += missed and not sightings[one].ids & sightings[other].ids
    return Judgement(Verdict(**every), Verdict(**by_name))


def _pairs(groups: Iterable[list[int]]) -> Iterable[tuple[int, int]]:
    for group in groups:
        yield from combinations(group, 2)
