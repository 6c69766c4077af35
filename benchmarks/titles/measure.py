"""How many of the pairs that are put together are right, and how many of the right ones are."""

from __future__ import annotations

import time
from statistics import median

from benchmarks.figures import Figure
from benchmarks.titles.addons import Sighting, listed
from benchmarks.titles.judging import Judgement, judged
from benchmarks.titles.truth import Half, truths
from services.catalog.identity.entry import read_entry
from services.catalog.identity.titles import put_together

SEED = 1
ENTRIES = 10_000
ROUNDS = 5


def measure() -> list[Figure]:
    return [*_quality(), _speed()]


def judgement(half: Half) -> tuple[Judgement, int]:
    """Of all entries of one half, each list for itself, and how many entries that were."""
    total, count = Judgement(), 0
    for number, titles in enumerate(truths(half, seed=SEED)):
        sightings = listed(titles, seed=SEED + number)
        total += judged(sightings, _titles(sightings))
        count += len(sightings)
    return total, count


def _titles(sightings: list[Sighting]) -> list[tuple[tuple[str, str], ...]]:
    entries = [read_entry(sighting.raw) for sighting in sightings]
    titles = put_together(entries)
    return [titles[entry.key].keys for entry in entries]


def _quality() -> list[Figure]:
    result, count = judgement("held out")
    figures = []
    for of, verdict in (
        (f"all pairs among {count:,} entries of four made-up addons", result.every),
        ("pairs with no id in common", result.by_name),
    ):
        counts = f"{verdict.right:,} right, {verdict.wrong:,} wrong, {verdict.missed:,} missed"
        note = f"{of}, held-out half: {counts}"
        by = "" if verdict is result.every else " by name"
        figures += [
            Figure(f"titles put together{by}, precision", verdict.precision, "", "at least", 0.995, note),
            Figure(f"titles put together{by}, recall", verdict.recall, "", "at least", 0.97, note),
        ]
    return figures


def _speed() -> Figure:
    sightings = [
        sighting
        for number, titles in enumerate(truths("tuning", seed=SEED))
        for sighting in listed(titles, seed=SEED + number)
    ][:ENTRIES]
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        _titles(sightings)
        took.append(time.process_time() - began)
    note = f"CPU of reading and putting together {len(sightings):,} entries, median of {ROUNDS}"
    return Figure("10 000 entries put together", median(took), "s", "at most", 1, note)
