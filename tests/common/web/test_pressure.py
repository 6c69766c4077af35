"""A process that lags takes on less, anonymous requests first, and takes on more again when it doesn't."""

from __future__ import annotations

from typing import get_args

import pytest
from structlog.testing import capture_logs

from libs.common.errors import Overloaded
from libs.common.metrics import Metrics
from libs.common.sojourn import Sojourns
from libs.common.web.pressure import CALM_INTERVALS, FLOOR, LEAST, STEPS_BACK, TICK_S, Pressure, Priority
from tests.fakes.clock import ManualClock

LATE_S = 0.05
CEILING = 2000


@pytest.fixture
def sojourns(clock: ManualClock) -> Sojourns:
    return Sojourns(clock, Metrics("gateway", clock=clock))


@pytest.fixture
def pressure(clock: ManualClock, sojourns: Sojourns) -> Pressure:
    return pressure_of(CEILING, clock, sojourns)


def pressure_of(ceiling: int, clock: ManualClock, sojourns: Sojourns) -> Pressure:
    return Pressure(
        ceiling,
        clock=clock,
        metrics=Metrics("gateway", clock=clock),
        sojourns=sojourns,
        uniform=lambda low, _: low,
    )


def entered(pressure: Pressure, count: int) -> None:
    for _ in range(count):
        pressure.enter()


def left(pressure: Pressure, count: int) -> None:
    for _ in range(count):
        pressure.leave()


def ticks(pressure: Pressure, clock: ManualClock, count: int, lag_s: float = 0.0) -> None:
    for _ in range(count):
        clock.advance(TICK_S + lag_s)
        pressure.tick(lag_s)


def is_welcome(pressure: Pressure, priority: Priority) -> bool:
    """Whether one more is taken on; it leaves again."""
    pressure.enter()
    try:
        if pressure.in_flight > pressure.threshold:
            pressure.judge(priority)
    except Overloaded:
        return False
    finally:
        pressure.leave()
    return True


@pytest.mark.parametrize("priority", get_args(Priority))
def test_everybody_is_welcome_while_there_is_little_to_do(pressure: Pressure, priority: Priority) -> None:
    entered(pressure, 1000)
    assert is_welcome(pressure, priority)


def test_anonymous_requests_leave_room_for_accounts(pressure: Pressure) -> None:
    entered(pressure, CEILING * 6 // 10)
    assert not is_welcome(pressure, "anonymous")
    assert is_welcome(pressure, "account")


def test_nobody_gets_in_above_the_ceiling(pressure: Pressure) -> None:
    entered(pressure, CEILING)
    assert not is_welcome(pressure, "account")


def test_a_refusal_says_when_to_come_back_and_is_counted(pressure: Pressure) -> None:
    entered(pressure, CEILING)
    with pytest.raises(Overloaded) as refused:
        pressure.judge("anonymous")
    assert refused.value.retry_after_s == 1.0
    assert pressure.state().shed == {"account": 0, "anonymous": 1}


def test_one_pause_changes_nothing(pressure: Pressure, clock: ManualClock) -> None:
    entered(pressure, 500)
    ticks(pressure, clock, 1, lag_s=0.5)
    ticks(pressure, clock, 10)
    assert not pressure.is_pressed


def test_lag_for_a_whole_interval_makes_the_limit_smaller(pressure: Pressure, clock: ManualClock) -> None:
    entered(pressure, 500)
    ticks(pressure, clock, 2, lag_s=LATE_S)
    assert pressure.limit == 400
    assert not is_welcome(pressure, "anonymous")


def test_a_crowd_of_strangers_is_not_the_problem_of_accounts(pressure: Pressure, clock: ManualClock) -> None:
    entered(pressure, 1000)
    ticks(pressure, clock, 20, lag_s=LATE_S)
    assert not is_welcome(pressure, "anonymous")
    assert [is_welcome(pressure, "account") for _ in range(FLOOR + 1)] == [*[True] * FLOOR, False]
    ticks(pressure, clock, 1, lag_s=LATE_S)
    assert is_welcome(pressure, "account")


def test_the_limit_shrinks_on_while_the_lag_lasts_and_never_below_its_least(
    pressure: Pressure, clock: ManualClock
) -> None:
    entered(pressure, 500)
    ticks(pressure, clock, 3, lag_s=LATE_S)
    assert pressure.limit == 320
    ticks(pressure, clock, 100, lag_s=LATE_S)
    assert pressure.limit == LEAST


def test_a_home_screen_of_an_account_is_answered_whatever_the_lag(
    pressure: Pressure, clock: ManualClock
) -> None:
    ticks(pressure, clock, 100, lag_s=1.0)
    entered(pressure, 40)
    assert is_welcome(pressure, "account")


def test_requests_that_never_wait_are_held_as_well(pressure: Pressure, clock: ManualClock) -> None:
    """Each has left before the next enters; what counts is how many there were since the last tick."""
    for _ in range(4):
        entered(pressure, 1000)
        left(pressure, 1000)
        ticks(pressure, clock, 1, lag_s=LATE_S)
    welcome = 0
    while is_welcome(pressure, "anonymous"):
        welcome += 1
    assert 0 < welcome < 1000
    assert is_welcome(pressure, "account")
    ticks(pressure, clock, 1, lag_s=LATE_S)
    assert is_welcome(pressure, "anonymous")


def test_refused_requests_take_no_room(pressure: Pressure, clock: ManualClock) -> None:
    entered(pressure, 100)
    ticks(pressure, clock, 20, lag_s=LATE_S)
    for _ in range(1000):
        assert not is_welcome(pressure, "anonymous")
    assert is_welcome(pressure, "account")


def test_the_limit_grows_back_step_by_step_while_there_is_no_lag(
    pressure: Pressure, clock: ManualClock
) -> None:
    entered(pressure, 400)
    ticks(pressure, clock, 2, lag_s=LATE_S)
    before = pressure.limit
    limits = list[int]()
    for _ in range(4):
        assert not is_welcome(pressure, "anonymous")
        ticks(pressure, clock, 2)
        limits.append(pressure.limit)
    assert limits == [before + (step + 1) * 400 // STEPS_BACK for step in range(4)]


def test_it_is_over_when_nobody_had_to_be_refused_for_a_while(pressure: Pressure, clock: ManualClock) -> None:
    entered(pressure, 400)
    ticks(pressure, clock, 2, lag_s=LATE_S)
    left(pressure, 400)
    ticks(pressure, clock, 2 * (CALM_INTERVALS + 1))
    assert not pressure.is_pressed
    assert pressure.limit == CEILING


def test_beginning_and_end_are_logged_once(pressure: Pressure, clock: ManualClock) -> None:
    with capture_logs() as logs:
        entered(pressure, 400)
        ticks(pressure, clock, 40, lag_s=LATE_S)
        left(pressure, 400)
        ticks(pressure, clock, 4 * CALM_INTERVALS)
    assert [line["event"] for line in logs] == ["overloaded", "overload_over"]


def test_a_ceiling_below_the_floor_is_the_limit(clock: ManualClock, sojourns: Sojourns) -> None:
    pressure = pressure_of(10, clock, sojourns)
    entered(pressure, 10)
    ticks(pressure, clock, 10, lag_s=LATE_S)
    assert pressure.limit == 10
    assert not pressure.is_pressed
    assert not is_welcome(pressure, "account")
