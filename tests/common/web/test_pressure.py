"""A process that lags, or whose lines stand, takes on less, strangers first, and more again afterwards."""

from __future__ import annotations

import asyncio
import time
from typing import get_args

import pytest
from structlog.testing import capture_logs

from libs.common.errors import Overloaded
from libs.common.metrics import Metrics
from libs.common.sojourn import TARGET_S, Sojourns
from libs.common.web.pressure import (
    CALM_INTERVALS,
    FLOOR,
    LEAST,
    STEPS_BACK,
    TICK_S,
    LoopLag,
    Pressure,
    Priority,
)
from tests.fakes.clock import ManualClock
from tests.waiting import until

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


class Queue:
    """A line of an app as callers of a held-back database make it: for each served another comes."""

    def __init__(self, sojourns: Sojourns) -> None:
        self._line = sojourns.line("db_shared")
        self._waiting = [self._line.join() for _ in range(3)]

    def serve_one(self) -> None:
        self._waiting.append(self._line.join())
        self._line.leave(self._waiting.pop(0))

    def empty(self) -> None:
        for joined_at in self._waiting:
            self._line.leave(joined_at)
        self._waiting = []


def standing_ticks(pressure: Pressure, clock: ManualClock, queue: Queue, count: int) -> None:
    """Nobody lags, but whoever comes through has waited for longer than is worth it."""
    for _ in range(count):
        clock.advance(TICK_S)
        queue.serve_one()
        pressure.tick(0.0)


def welcome_accounts(pressure: Pressure, most: int) -> int:
    """How many of an account are taken on at once, of so many."""
    return sum(is_welcome(pressure, "account") for _ in range(most))


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
    assert [(line["event"], line["service"]) for line in logs] == [
        ("overloaded", "gateway"),
        ("overload_over", "gateway"),
    ]


def test_a_ceiling_below_the_floor_is_the_limit(clock: ManualClock, sojourns: Sojourns) -> None:
    pressure = pressure_of(10, clock, sojourns)
    entered(pressure, 10)
    ticks(pressure, clock, 10, lag_s=LATE_S)
    assert pressure.limit == 10
    assert not pressure.is_pressed
    assert not is_welcome(pressure, "account")


def test_a_line_that_stands_makes_the_limit_smaller_without_any_lag(
    pressure: Pressure, clock: ManualClock, sojourns: Sojourns
) -> None:
    queue = Queue(sojourns)
    entered(pressure, 500)
    with capture_logs() as logs:
        standing_ticks(pressure, clock, queue, 3)
    assert pressure.limit == 400
    assert pressure.state().queued_s >= TARGET_S
    assert not is_welcome(pressure, "anonymous")
    assert is_welcome(pressure, "account")
    assert [line["event"] for line in logs] == ["overloaded"]
    assert logs[0]["queued_ms"] >= TARGET_S * 1000
    assert logs[0]["lag_ms"] == 0


def test_a_line_gives_accounts_less_room_than_the_floor_but_lag_alone_does_not(
    pressure: Pressure, clock: ManualClock, sojourns: Sojourns
) -> None:
    """What stands in a line are requests; what lags may be the machine."""
    entered(pressure, 100)
    ticks(pressure, clock, 40, lag_s=LATE_S)
    assert pressure.limit == LEAST
    assert welcome_accounts(pressure, 2 * FLOOR) == FLOOR
    ticks(pressure, clock, 1, lag_s=LATE_S)
    assert welcome_accounts(pressure, 2 * FLOOR) == FLOOR

    queue = Queue(sojourns)
    standing_ticks(pressure, clock, queue, 40)
    assert welcome_accounts(pressure, 2 * FLOOR) == FLOOR  # at once, as a home screen asks
    standing_ticks(pressure, clock, queue, 1)
    assert welcome_accounts(pressure, 2 * FLOOR) == LEAST


def test_however_long_a_line_stands_some_strangers_get_through(
    pressure: Pressure, clock: ManualClock, sojourns: Sojourns
) -> None:
    standing_ticks(pressure, clock, Queue(sojourns), 200)
    assert pressure.limit == LEAST
    assert is_welcome(pressure, "anonymous")


def test_a_line_that_has_emptied_lets_the_limit_grow_back(
    pressure: Pressure, clock: ManualClock, sojourns: Sojourns
) -> None:
    queue = Queue(sojourns)
    standing_ticks(pressure, clock, queue, 40)
    before = pressure.limit
    queue.empty()
    ticks(pressure, clock, 2)
    assert before < pressure.limit < FLOOR
    ticks(pressure, clock, 2 * CALM_INTERVALS)
    assert not pressure.is_pressed
    assert pressure.limit == CEILING
    assert pressure.state().queued_s == 0.0


class Ticks:
    """What a watch over this loop told its pressure, while it ran."""

    def __init__(self, pressure: Pressure, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lags = list[float]()
        monkeypatch.setattr(pressure, "tick", self.lags.append)
        self.watch = LoopLag(pressure)

    async def more(self, count: int, clock: ManualClock) -> None:
        """Returns once so many more were heard of; a day passes meanwhile on the clock that others go by."""
        wanted = len(self.lags) + count

        async def heard() -> bool:
            clock.advance(86_400)
            return len(self.lags) >= wanted

        await until(heard)


@pytest.fixture
def told(pressure: Pressure, monkeypatch: pytest.MonkeyPatch) -> Ticks:
    return Ticks(pressure, monkeypatch)


async def test_a_loop_that_is_held_up_tells_by_how_long(told: Ticks, clock: ManualClock) -> None:
    told.watch.start()
    time.sleep(3 * TICK_S)  # noqa: ASYNC251  it is to hold the loop up
    await told.more(1, clock)
    told.watch.stop()
    assert told.lags[0] >= 2 * TICK_S


async def test_the_lag_is_that_of_the_loops_own_time(told: Ticks, clock: ManualClock) -> None:
    """Whoever moved the clock of a test was refused as soon as a timer ran."""
    told.watch.start()
    await told.more(3, clock)
    told.watch.stop()
    assert max(told.lags) < 86_400


async def test_a_stopped_watch_says_no_more(told: Ticks, clock: ManualClock) -> None:
    told.watch.start()
    await told.more(1, clock)
    told.watch.stop()
    told.watch.stop()
    so_far = len(told.lags)
    # Timers run in the order in which they are due: this one after any that was left.
    later = asyncio.Event()
    asyncio.get_running_loop().call_later(2 * TICK_S, later.set)
    await later.wait()
    assert len(told.lags) == so_far
