"""Addons that say nothing: what they cost, what is told of them, and how they come back."""

from __future__ import annotations

import asyncio
import time

import pytest

from libs.addons.errors import AddonTimedOut
from libs.addons.patience import BRIEF_S, LATE_IN_A_ROW
from tests.addons.conftest import WAITED_S, Asking
from tests.fakes.addon import FakeAddon, stream
from tests.waiting import until


def title(number: int) -> str:
    return f"stream/movie/tt{number}.json"


def answering() -> FakeAddon:
    return FakeAddon(streams={f"tt{number}": [stream()] for number in range(20)})


async def late(asking: Asking, addon: FakeAddon, *numbers: int) -> float:
    """Asks for titles at once, each of which comes to nothing in time; the seconds that took."""
    began = time.perf_counter()
    questions = [asking.ask(addon, title(number), within_s=WAITED_S) for number in numbers]
    told = await asyncio.gather(*questions, return_exceptions=True)
    assert [type(each) for each in told] == [AddonTimedOut] * len(numbers)
    return time.perf_counter() - began


async def test_an_addon_late_again_and_again_is_waited_for_only_briefly(asking: Asking) -> None:
    async with answering() as addon:
        addon.hold("stream")
        assert await late(asking, addon, *range(LATE_IN_A_ROW)) > BRIEF_S + 0.4
        assert await late(asking, addon, 8) < WAITED_S
        assert addon.calls["stream"] == LATE_IN_A_ROW + 1


async def test_its_call_goes_on_and_one_answer_in_time_restores_it(asking: Asking) -> None:
    async with answering() as addon:
        gate = addon.hold("stream")
        await late(asking, addon, *range(LATE_IN_A_ROW))
        await late(asking, addon, 8)
        gate.set()

        async def there() -> bool:
            return len((await asking.ask(addon, title(8))).items) == 1

        await until(there)
        assert addon.calls["stream"] == LATE_IN_A_ROW + 1

        # It was asked for title 8 only half a second before it answered: that was in time.
        gate = addon.hold("stream")
        assert await late(asking, addon, 9) > BRIEF_S + 0.4
        gate.set()


async def test_lateness_is_told_at_once_and_once(asking: Asking) -> None:
    async with answering() as addon:
        gate = addon.hold("stream")
        questions = [asking.ask(addon, title(1), within_s=WAITED_S) for _ in range(5)]
        await asyncio.gather(*questions, return_exceptions=True)
        (seen,) = asking.seen.observations
        assert (seen.ok, seen.error) == (False, f"It had not answered after {WAITED_S} s.")
        gate.set()

        async def answered() -> bool:
            return len(asking.seen.observations) == 2

        await until(answered)
        assert asking.seen.observations[1].ok


async def test_a_late_call_that_fails_in_the_end_is_one_failure(asking: Asking) -> None:
    async with answering() as addon:
        gate = asyncio.Event()
        addon.on("stream", hold=gate, status=500)
        await late(asking, addon, 1)
        gate.set()

        async def failed() -> bool:
            with pytest.raises(Exception, match="500"):
                await asking.ask(addon, title(1))
            return True

        await until(failed)
        assert [seen.ok for seen in asking.seen.observations] == [False]


async def test_a_caller_in_a_hurry_makes_nobody_late(asking: Asking) -> None:
    async with answering() as addon:
        gate = addon.hold("stream")
        for number in range(LATE_IN_A_ROW):
            with pytest.raises(AddonTimedOut):
                await asking.ask(addon, title(number), within_s=0.06)
        assert asking.seen.observations == []
        gate.set()
