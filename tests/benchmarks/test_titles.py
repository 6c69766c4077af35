"""The labelled set is what it says, and what it was tuned on meets the bars."""

from __future__ import annotations

from collections import Counter
from random import Random

from benchmarks.titles.addons import listed
from benchmarks.titles.judging import judged
from benchmarks.titles.measure import judgement
from benchmarks.titles.truth import truths
from services.catalog.identity.entry import read_entry
from services.catalog.identity.titles import put_together


def test_the_halves_have_no_name_in_common() -> None:
    tuning, held_out = (
        {truth.name.casefold() for titles in truths(half, seed=1) for truth in titles}
        for half in ("tuning", "held out")
    )
    assert len(tuning) > 3000
    assert not tuning & held_out


def test_a_seed_makes_the_same_set_again() -> None:
    (films, _), (again, _) = truths("tuning", seed=1), truths("tuning", seed=1)
    assert films == again
    assert listed(films, seed=1) == listed(again, seed=1)


def test_every_title_has_a_number_of_its_own_and_many_have_namesakes() -> None:
    for titles in truths("tuning", seed=1):
        assert len({truth.number for truth in titles}) == len(titles)
        names = Counter((truth.kind, truth.name) for truth in titles)
        assert sum(count > 1 for count in names.values()) > 40


def test_pairs_are_counted() -> None:
    films = truths("tuning", seed=1)[0][:50]
    seen = listed(films, seed=1)
    perfect = judged(seen, [sighting.truth for sighting in seen])
    assert (perfect.every.precision, perfect.every.recall) == (1, 1)
    assert 0 < perfect.by_name.right < perfect.every.right
    apart = judged(seen, list(range(len(seen))))
    assert apart.every.missed == perfect.every.right
    one_heap = judged(seen, [1] * len(seen))
    assert one_heap.every.recall == 1
    assert one_heap.every.precision < 0.1


def test_the_order_of_entries_makes_no_difference() -> None:
    films = truths("tuning", seed=1)[0][:400]
    entries = [read_entry(sighting.raw) for sighting in listed(films, seed=1)]
    first = put_together(entries)
    for seed in range(3):
        Random(seed).shuffle(entries)
        assert put_together(entries) == first


def test_precision_and_recall_hold_on_the_half_that_was_tuned_on() -> None:
    result, _ = judgement("tuning")
    for verdict in (result.every, result.by_name):
        assert verdict.precision >= 0.995
        assert verdict.recall >= 0.97
