"""Deadlines shrink from hop to hop and never grow."""

from __future__ import annotations

import pytest

from libs.common.deadline import Deadline
from tests.fakes.clock import ManualClock


def test_time_that_passes_is_taken_off(clock: ManualClock) -> None:
    deadline = Deadline.after(clock, 4)
    clock.advance(1.5)
    assert deadline.remaining_s == pytest.approx(2.5)
    assert not deadline.expired


def test_past_the_deadline_nothing_remains(clock: ManualClock) -> None:
    deadline = Deadline.after(clock, 4)
    clock.advance(9)
    assert deadline.remaining_s == 0
    assert deadline.expired
    assert deadline.to_header() == "0"


def test_sooner_takes_the_earlier_of_both(clock: ManualClock) -> None:
    deadline = Deadline.after(clock, 4)
    assert deadline.sooner(1).remaining_s == pytest.approx(1)
    assert deadline.sooner(10).remaining_s == pytest.approx(4)


def test_the_header_carries_what_remains_to_the_next_hop(clock: ManualClock) -> None:
    deadline = Deadline.after(clock, 4)
    clock.advance(1)
    passed_on = Deadline.from_header(deadline.to_header(), ManualClock(start=5.0), default_s=30)
    assert passed_on.remaining_s == pytest.approx(3)


@pytest.mark.parametrize("value", [None, "", "soon", "-5", "1e9", "12.5", "٣", "9" * 40])
def test_a_header_that_is_no_number_of_milliseconds_counts_as_none(
    value: str | None, clock: ManualClock
) -> None:
    assert Deadline.from_header(value, clock, default_s=7).remaining_s == pytest.approx(7)


def test_a_caller_can_not_ask_for_more_than_the_default(clock: ManualClock) -> None:
    assert Deadline.from_header("900000", clock, default_s=7).remaining_s == pytest.approx(7)
