"""Second copies of slow reads."""

from __future__ import annotations

import asyncio

from libs.common.balance.hedge import ENOUGH, Hedging
from tests.common.balance.instances import ask, asking, serving
from tests.waiting import until


def test_nothing_is_hedged_before_enough_is_known() -> None:
    hedging = Hedging()
    for _ in range(ENOUGH - 1):
        hedging.note(0.01)
    assert hedging.delay_s is None
    hedging.note(0.01)
    assert hedging.delay_s == 0.01


def test_the_slowest_twentieth_is_what_counts_as_slow() -> None:
    hedging = Hedging()
    for number in range(256):
        hedging.note(number / 1000)
    assert hedging.delay_s is not None
    assert 0.235 < hedging.delay_s < 0.25


def test_at_most_a_twentieth_is_sent_twice() -> None:
    hedging = Hedging()
    taken = 0
    for _ in range(1000):
        hedging.note(0.01)
        taken += hedging.take()
    assert 45 <= taken <= 50


async def test_the_first_answer_of_two_wins_and_the_other_is_given_up() -> None:
    async with serving("a", "b") as (slow, quick), asking([slow, quick], hedge=True) as client:
        for _ in range(2 * ENOUGH):
            await ask(client)
        slow.slow.clear()

        async def slow_was_asked() -> bool:
            so_far = len(slow.asked)
            async with asyncio.timeout(3):
                answer = await ask(client)
            assert answer.body == b"b"
            return len(slow.asked) > so_far

        await until(slow_was_asked)

        async def nobody_waits() -> bool:
            return all(one.outstanding == 0 for one in client.instances())

        await until(nobody_waits)


async def test_without_the_setting_nothing_is_asked_twice() -> None:
    async with serving("a", "b") as instances, asking(instances) as client:
        for _ in range(3 * ENOUGH):
            await ask(client)
        for instance in instances:
            instance.slow.clear()
        waiting = asyncio.ensure_future(ask(client, within_s=60))  # noqa: TID251  awaited below
        asked = 3 * ENOUGH

        async def has_been_checked_often() -> bool:
            return all(instance.checks > 5 for instance in instances)

        await until(has_been_checked_often)
        assert sum(len(instance.asked) for instance in instances) == asked + 1
        for instance in instances:
            instance.slow.set()
        await waiting
