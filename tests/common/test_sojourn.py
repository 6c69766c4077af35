"""A line that only makes everybody late is told from one that does its work."""

from __future__ import annotations

import pytest

from libs.common.metrics import Metrics
from libs.common.sojourn import STUCK_S, TARGET_S, Sojourn, Sojourns
from tests.fakes.clock import ManualClock

LONG_S = 10 * TARGET_S


@pytest.fixture
def line(clock: ManualClock) -> Sojourn:
    return Sojourn(clock, TARGET_S)


def waits(line: Sojourn, clock: ManualClock, for_s: float, *, behind: int = 1) -> None:
    """Somebody comes through after `for_s`, with so many others still in line."""
    joined_at = line.join()
    others = [line.join() for _ in range(behind)]
    clock.advance(for_s)
    line.leave(joined_at)
    line.look()
    for other in others:
        line.leave(other, served=False)


def test_a_line_that_nobody_comes_through_quickly_stands(line: Sojourn, clock: ManualClock) -> None:
    waits(line, clock, LONG_S)
    assert line.stands
    assert line.least_s == pytest.approx(LONG_S)


def test_one_who_comes_through_at_once_makes_it_a_burst(line: Sojourn, clock: ManualClock) -> None:
    early, behind = line.join(), line.join()
    clock.advance(LONG_S)
    line.leave(early)
    line.leave(line.join())
    line.look()
    assert not line.stands
    line.leave(behind)


def test_a_line_that_empties_is_a_burst_however_long_its_last_one_waited(
    line: Sojourn, clock: ManualClock
) -> None:
    joined_at = line.join()
    clock.advance(LONG_S)
    assert line.leave(joined_at) == pytest.approx(LONG_S)
    line.look()
    assert not line.stands


def test_a_line_stands_on_until_somebody_comes_through_sooner(line: Sojourn, clock: ManualClock) -> None:
    first, second, _third = line.join(), line.join(), line.join()
    clock.advance(LONG_S)
    line.leave(first)
    for _ in range(3):
        line.look()
        assert line.stands
    line.leave(second)
    line.leave(line.join())
    line.look()
    assert not line.stands


def test_who_gives_up_says_nothing_about_how_fast_it_moves(line: Sojourn, clock: ManualClock) -> None:
    first, impatient, _last = line.join(), line.join(), line.join()
    clock.advance(LONG_S)
    line.leave(first)
    line.leave(line.join(), served=False)
    line.leave(impatient, served=False)
    line.look()
    assert line.stands
    assert line.waiting == 1


def test_when_the_last_one_gives_up_nobody_stands_any_more(line: Sojourn, clock: ManualClock) -> None:
    waits(line, clock, LONG_S)
    assert line.stands
    line.look()
    assert line.waiting == 0
    assert not line.stands


def test_a_line_that_nobody_comes_through_at_all_stands_after_a_while(
    line: Sojourn, clock: ManualClock
) -> None:
    """Those who hang for good are never timed: a database held up for minutes looked idle."""
    line.join()
    clock.advance(STUCK_S / 2)
    line.look()
    assert not line.stands
    clock.advance(STUCK_S / 2)
    line.look()
    assert line.stands
    assert line.least_s == pytest.approx(STUCK_S)


def test_one_line_that_stands_is_enough_and_the_longest_is_shown(clock: ManualClock) -> None:
    metrics = Metrics("auth", clock=clock)
    sojourns = Sojourns(clock, metrics)
    patient, other = sojourns.line("patient", target_s=1), sojourns.line("other")
    waits(patient, clock, 0.5)
    assert not sojourns.look()
    waits(patient, clock, 0.5)
    joined_at, _behind = other.join(), other.join()
    clock.advance(LONG_S)
    other.leave(joined_at)
    assert sojourns.look()
    assert sojourns.longest_s == pytest.approx(LONG_S)
    shown = metrics.registry.get_sample_value("headgate_queue_wait_seconds", {"line": "other"})
    assert shown == pytest.approx(LONG_S)


def test_an_app_without_lines_never_waits(clock: ManualClock) -> None:
    sojourns = Sojourns(clock, Metrics("auth", clock=clock))
    assert not sojourns.look()
    assert sojourns.longest_s == 0.0
