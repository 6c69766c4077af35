"""What is counted of an addon, what fades, when it rests and when it is back."""

from __future__ import annotations

import random

import pytest

from services.catalog.health.told import badge_of, score_of
from services.catalog.health_model import (
    DAY_MS,
    Change,
    Figures,
    Rules,
    Span,
    applied,
    change_of,
    judged,
    probed,
)
from tests.catalog.health.seen import BAD, GOOD, NOW, RULES, after, seen
from tests.fakes.clock import START


def test_an_addon_that_fails_every_other_call_sinks_within_20() -> None:
    figures = after(*[GOOD] * 100)
    assert score_of(figures, NOW) == 100
    scores = []
    for number in range(20):
        figures = after(GOOD if number % 2 else BAD, known=figures)
        scores.append(score_of(figures, NOW))
    sunk = next(number for number, score in enumerate(scores, 1) if score is not None and score < 60)
    assert sunk == 7
    assert max(score or 0 for score in scores[15:]) < RULES.poor_below
    assert figures.out_since is None


def test_one_that_fails_half_of_its_calls_at_random_sinks_within_20_too() -> None:
    chance, needed = random.Random(6), []
    for _ in range(200):
        figures, calls = after(*[GOOD] * 100), 0
        while figures.out_since is None and (score_of(figures, NOW) or 0) >= RULES.poor_below:
            figures, calls = after(GOOD if chance.random() < 0.5 else BAD, known=figures), calls + 1
        needed.append(calls)
    needed.sort()
    median, most = needed[100], needed[190]
    assert (median, most) == (8, 18)


def test_one_that_dies_is_out_at_its_fifth_failure_running() -> None:
    alive = after(*[GOOD] * 100)
    assert after(*[BAD] * 4, known=alive).out_since is None
    dead = after(*[BAD] * 5, known=alive)
    assert (dead.out_since, dead.probe_at) == (NOW, NOW + 28_500)


def test_failures_with_an_answer_between_them_take_nobody_out() -> None:
    assert after(*[BAD, BAD, BAD, BAD, GOOD] * 10).out_since is None


def test_a_pinned_one_is_never_out() -> None:
    assert after(*[BAD] * 50, pinned=True).out_since is None


def test_resting_can_be_turned_off() -> None:
    change = change_of(BAD)
    figures = Figures(failing_in_a_row=100)
    rules = Rules(out_after=0)
    assert judged(figures, change, rules=rules, pinned=False, now=NOW, shorter=0).out_since is None


def test_an_answer_to_a_probe_brings_it_back_and_one_more_failure_takes_it_out_for_longer() -> None:
    dead = after(*[BAD] * 5)
    back = probed(dead, answered=True, rules=RULES, now=NOW, shorter=0.0)
    assert (back.out_since, back.probe_at, back.returned_at) == (None, None, NOW)
    again = after(BAD, known=back)
    assert again.probe_at == NOW + 57_000
    trusted = after(GOOD, known=back)
    assert after(*[BAD] * 4, known=trusted).out_since is None
    assert after(*[BAD] * 5, known=trusted).probe_at == NOW + 28_500


def test_waits_double_to_a_bound_and_chance_makes_them_shorter_only() -> None:
    dead, waits = after(*[BAD] * 5), []
    for _ in range(8):
        dead = probed(dead, answered=False, rules=RULES, now=NOW, shorter=0.0)
        waits.append(((dead.probe_at or 0) - NOW) / 950)
    assert waits == [60, 120, 240, 480, 900, 900, 900, 900]
    assert RULES.wait_ms(0, 0.999) == pytest.approx(22_500, rel=0.01)


def test_a_viewers_good_answer_ends_the_rest_at_once() -> None:
    back = after(GOOD, known=after(*[BAD] * 5))
    assert (back.out_since, back.returned_at, back.failing_in_a_row, back.probes) == (None, NOW, 0, 0)


def test_evidence_fades_with_time() -> None:
    bad = after(*[BAD] * 4)
    assert (score_of(bad, NOW) or 0) < 30
    assert (score_of(bad, NOW + 5 * DAY_MS) or 0) > 80


def test_an_empty_answer_is_counted_and_not_held_against_it() -> None:
    figures = after(*[seen(empty=True)] * 10)
    assert (figures.empty, figures.failures, score_of(figures, NOW)) == (10, 0, 100)


@pytest.mark.parametrize(("ms", "score"), [(100, 100), (500, 100), (1750, 90), (3000, 80), (20_000, 80)])
def test_speed_is_three_tenths_of_the_score(ms: float, score: int) -> None:
    assert score_of(after(*[seen(ms=ms)] * 30), NOW) == score


@pytest.mark.parametrize(
    ("score", "badge"),
    [
        (None, "unknown"),
        (100, "excellent"),
        (80, "excellent"),
        (79, "good"),
        (60, "good"),
        (30, "fair"),
        (29, "poor"),
    ],
)
def test_badges(score: int | None, badge: str) -> None:
    assert badge_of(score, 60) == badge


@pytest.mark.parametrize(("bound", "badge"), [(0, "good"), (40, "good"), (90, "fair"), (100, "poor")])
def test_badges_go_by_the_operators_bound(bound: int, badge: str) -> None:
    assert badge_of(49, bound) == badge


def test_the_average_leans_to_the_newest_answers() -> None:
    latency = after(*[seen(ms=100)] * 20, *[seen(ms=1000)] * 20).latency_ms
    assert latency is not None
    assert 950 < latency < 1000


def test_changes_put_together_say_what_one_after_the_other_would() -> None:
    one, two = [GOOD, BAD, GOOD, BAD], [BAD, seen(ms=900), BAD]
    together = Change()
    for each in (*one, *two):
        together = together.merged(change_of(each))
    at_once, stepwise = applied(Figures(), together), after(*one, *two)
    assert at_once.weight == pytest.approx(stepwise.weight)
    assert at_once.good == pytest.approx(stepwise.good)
    assert (at_once.calls, at_once.failures, at_once.failing_in_a_row) == (7, 4, 1)
    assert (stepwise.calls, stepwise.failures, stepwise.failing_in_a_row) == (7, 4, 1)


def test_hours_are_told_apart() -> None:
    change = change_of(seen(at=START)).merged(change_of(seen(at=START + 3600, ok=False)))
    assert list(change.spans.values()) == [Span(1, 0, 0, 100), Span(1, 1, 0, 0.0)]


def test_a_question_answered_well_is_kept_before_one_that_failed() -> None:
    well = after(seen(path="stream/movie/tt1.json"))
    assert after(seen(ok=False, path="stream/movie/tt2.json"), known=well).asked == "stream/movie/tt1.json"
    assert after(seen(path="stream/movie/tt3.json"), known=well).asked == "stream/movie/tt3.json"
    assert after(seen(ok=False, path="stream/movie/tt2.json")).asked == "stream/movie/tt2.json"
