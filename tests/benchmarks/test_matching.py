"""The labelled rows are what they say, and what the rules were tuned on meets the bars."""

from __future__ import annotations

import asyncio

from benchmarks.matching.measure import Answer, matched, verdict
from benchmarks.matching.panels import PANELS, made


def test_a_seed_makes_the_same_rows_again() -> None:
    assert made("tuning", rows=200, seed=1) == made("tuning", rows=200, seed=1)


def test_rows_are_of_all_panels_and_some_are_of_no_title() -> None:
    world = made("tuning", rows=600, seed=1)

    assert {row.panel for row in world.rows} == {panel.name for panel in PANELS}
    assert 10 < sum(row.truth is None for row in world.rows) < 120
    assert 100 < sum(not row.says_year for row in world.rows) < 300
    listed = {title.number for title in world.titles}
    assert all(row.truth is None or row.truth in listed for row in world.rows)


def test_answers_are_counted() -> None:
    right, wrong, missed, left = made("tuning", rows=4, seed=2).rows
    answers = [
        Answer(right, right.truth, "name"),
        Answer(wrong, 10**6, "name"),
        Answer(missed, None, "none"),
        Answer(left, None, "several"),
    ]

    counted = verdict(answers)

    assert (counted.right, counted.wrong, counted.missed, counted.abstained) == (1, 1, 3, 1)


def test_precision_and_recall_hold_on_the_half_that_was_tuned_on() -> None:
    answers, _ = asyncio.run(matched(made("tuning", rows=2000, seed=1, crowded=False)))

    every = verdict(answers)
    assert every.precision >= 0.985
    assert every.recall >= 0.92
